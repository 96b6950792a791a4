/** What a run of the supervisor is for; without input, a round. */
export interface SupervisorInput {
  readonly duty: 'supervise' | 'audit';
}

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
  /** Replays without a workflow: they go on. */
  readonly replays: number;
}

/** What an audit found. Counts and names of checks only; the failures of each tenant say more. */
export interface AuditSummary {
  readonly checks: number;
  /** Checks that did not see the violation planted for them: they prove nothing until they are repaired. */
  readonly blind: readonly string[];
  /** Checks that found something, with how many tenants. */
  readonly broken: Readonly<Record<string, number>>;
}
