import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { replayWorkflowId, taskQueue, workflowTypes } from '../contracts/temporal/names.ts';
import { replayStart } from '../contracts/temporal/starts.ts';
import type { Logger } from '../platform/logger.ts';

/** What Temporal does not take in this time, the supervisor makes up for. */
const deadlineMs = 2_000;

export interface ReplayRunner {
  start(tenantId: string, replayId: string): Promise<void>;
  cancel(replayId: string): Promise<void>;
}

/** Starts and cancels replay workflows. */
export function createReplayRunner(client: Client, logger: Logger): ReplayRunner {
  const attempt = async (replayId: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await client.withDeadline(Date.now() + deadlineMs, work);
    } catch (err) {
      if (err instanceof WorkflowExecutionAlreadyStartedError) return;
      logger.warn(
        { err, replayId },
        'Temporal did not take this for a replay; the database holds what was asked',
      );
    }
  };
  return {
    start: (tenantId, replayId) =>
      attempt(replayId, () =>
        client.workflow.start(workflowTypes.replay, { ...replayStart({ tenantId, replayId }), taskQueue }),
      ),
    cancel: (replayId) =>
      attempt(replayId, () => client.workflow.getHandle(replayWorkflowId(replayId)).cancel()),
  };
}
