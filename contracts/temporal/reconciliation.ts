/** Input of `reconciliationWorkflow`; ids only. */
export interface ReconciliationInput {
  readonly tenantId: string;
  readonly generation: number;
  readonly reconciliationId: string;
  /** Set by a run that continues an earlier one: what was begun is not begun again. */
  readonly resumed?: boolean;
  /** Set by a run that continues one which could not read Factorial to the end: only the days are left to compute. */
  readonly failureCode?: string | null;
}

export interface ReconciliationSummary {
  readonly status: 'completed' | 'awaiting_approval' | 'failed';
  readonly verified: boolean;
}
