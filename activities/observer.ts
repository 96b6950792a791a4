import type { FactorialAnswer } from '../factorial/http.ts';
import type { InboxOutcome } from '../repositories/inbox.ts';

/** A delivery that was worked off. */
export interface EndedDelivery {
  readonly outcome: InboxOutcome;
  readonly receivedAt: Date;
  /** When Factorial says that the resource changed; null where the delivery did not carry it. */
  readonly changedAt: Date | null;
}

export interface EndedReconciliation {
  readonly trigger: string;
  readonly status: string;
  readonly verified: boolean;
  /** Rows that it had to repair, by kind. */
  readonly drift: Readonly<Record<string, { created: number; updated: number; deleted: number }>>;
  /** Of them, those that a webhook should have told before, by the webhook's resource. */
  readonly untold: Readonly<Record<string, number>>;
}

/** Told of what activities do, for metrics. Must not throw. Knows no tenant: figures are of the service. */
export interface Observer {
  factorialAnswered(answer: FactorialAnswer): void;
  /** Factorial said 429, or our own budget made a request wait. */
  limited(by: 'factorial' | 'budget', waitMs: number): void;
  deliveriesEnded(deliveries: readonly EndedDelivery[], atMs: number): void;
  /** `outcome`: what `renewToken` answered, or the code that it failed with. */
  tokenRenewed(outcome: string): void;
  reconciliationEnded(reconciliation: EndedReconciliation): void;
  /** What the supervisor found without a workflow and set going again. */
  workflowsRebuilt(kind: 'connection' | 'reconciliation' | 'replay', count: number): void;
  /** One check of the audit: `blind` if it did not see the violation planted for it. */
  audited(check: string, outcome: 'kept' | 'broken' | 'blind'): void;
  /** `code`: of an activity's failure. */
  activityFailed(activity: string, code: string): void;
}

/** For whoever does not measure. */
export const blind: Observer = {
  factorialAnswered: () => undefined,
  limited: () => undefined,
  deliveriesEnded: () => undefined,
  tokenRenewed: () => undefined,
  reconciliationEnded: () => undefined,
  workflowsRebuilt: () => undefined,
  audited: () => undefined,
  activityFailed: () => undefined,
};
