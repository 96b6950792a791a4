/** Input of `replayWorkflow`; the set of failures is frozen in the database. */
export interface ReplayInput {
  readonly tenantId: string;
  readonly replayId: string;
}

export interface ReplayProgress {
  /** How it ended; null while there is more to do. */
  readonly ended: 'completed' | 'cancelled' | 'stopped' | 'failed' | null;
  readonly count: number;
  readonly done: number;
  readonly succeeded: number;
  readonly failed: number;
}
