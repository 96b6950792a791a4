/** Input of `reconciliationWorkflow`; ids only. */
export interface ReconciliationInput {
  readonly tenantId: string;
  readonly generation: number;
  readonly reconciliationId: string;
  /** Set by a run that continues an earlier one: what was begun is not begun again. */
  readonly resumed?: boolean;
}

export interface ReconciliationSummary {
  readonly status: 'completed' | 'awaiting_approval' | 'failed';
  readonly verified: boolean;
}
