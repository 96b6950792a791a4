import type { connectionStart, reconciliationStart, replayStart } from '../contracts/temporal/starts.ts';
import type { ReconciliationFinishedRing } from '../contracts/temporal/connection.ts';

/** `stopped`: somebody or something ended it from outside. `ended`: by itself, well or with an error. */
export type WorkflowState = 'running' | 'stopped' | 'ended' | 'missing';

/** `running`: it was there already, and nothing was done. */
export type StartOutcome = 'started' | 'running';

/** All that the supervisor may do with workflows. */
export interface Fleet {
  /** Ids of our workflows that run, as the list has them: a moment behind. `onPage` is called now and then. */
  runningIds(onPage: () => void): Promise<ReadonlySet<string>>;
  /** What a workflow is right now. */
  stateOf(workflowId: string): Promise<WorkflowState>;
  startConnection(start: ReturnType<typeof connectionStart>): Promise<StartOutcome>;
  startReconciliation(start: ReturnType<typeof reconciliationStart>): Promise<StartOutcome>;
  startReplay(start: ReturnType<typeof replayStart>): Promise<StartOutcome>;
  /** Tells a tenant's connection workflow, if there is one. */
  tellFinished(tenantId: string, ring: ReconciliationFinishedRing): Promise<void>;
  /** Lets a tenant's connection workflow, if there is one, look into the inbox and at what is open. */
  ring(tenantId: string): Promise<void>;
  /** Ends a workflow from outside; one that is gone already is none. */
  end(workflowId: string, reason: string): Promise<void>;
}
