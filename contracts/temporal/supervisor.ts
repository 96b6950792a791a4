/** What one round of the supervisor found and did. Counts only. */
export interface SupervisionSummary {
  /** Connection workflows that the database says should run. */
  readonly expected: number;
  /** Of those, missing ones that were started. */
  readonly rebuilt: number;
  /** Missing ones that wait for the next round. */
  readonly left: number;
  /** Connection workflows of tenants that are not known, ended. */
  readonly orphans: number;
  /** Reconciliations that had lost their workflow: they go on. */
  readonly reconciliations: number;
}
