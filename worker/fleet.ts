import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Fleet, StartOutcome, WorkflowState } from '../activities/fleet.ts';
import { reconciliationFinishedSignal, webhooksReceivedSignal } from '../contracts/temporal/connection.ts';
import { connectionWorkflowId, taskQueue, workflowTypes } from '../contracts/temporal/names.ts';

/** One answer of Temporal; the activity around it is tried again. */
const deadlineMs = 5_000;

const supervised = [workflowTypes.connection, workflowTypes.reconciliation, workflowTypes.replay];
const runningQuery = `ExecutionStatus = 'Running' AND WorkflowType IN (${supervised.map((type) => `'${type}'`).join(', ')})`;

/** The supervisor's hands. */
export function createFleet(client: Client): Fleet {
  const call = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + deadlineMs, work);

  async function start(
    type: string,
    options: Parameters<Fleet['startConnection']>[0] | StartOfChild,
  ): Promise<StartOutcome> {
    try {
      await call(() =>
        client.workflow.start(type, { ...options, taskQueue, workflowIdReusePolicy: 'ALLOW_DUPLICATE' }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running';
      throw error;
    }
  }

  return {
    async runningIds(onPage) {
      const ids = new Set<string>();
      for await (const { workflowId } of client.workflow.list({ query: runningQuery, pageSize: 1_000 })) {
        ids.add(workflowId);
        if (ids.size % 1_000 === 0) onPage();
      }
      return ids;
    },

    async stateOf(workflowId) {
      try {
        const { status } = await call(() => client.workflow.getHandle(workflowId).describe());
        return stateOf(status.name);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'missing';
        throw error;
      }
    },

    startConnection: (options) => start(workflowTypes.connection, options),
    startReconciliation: (options) => start(workflowTypes.reconciliation, options),
    startReplay: (options) => start(workflowTypes.replay, options),

    async tellFinished(tenantId, ring) {
      await ifThere(() =>
        call(() =>
          client.workflow
            .getHandle(connectionWorkflowId(tenantId))
            .signal(reconciliationFinishedSignal, ring),
        ),
      );
    },

    async ring(tenantId) {
      const workflow = client.workflow.getHandle(connectionWorkflowId(tenantId));
      await ifThere(() => call(() => workflow.signal(webhooksReceivedSignal, { counts: {} })));
    },

    async end(workflowId, reason) {
      await ifThere(() => call(() => client.workflow.getHandle(workflowId).terminate(reason)));
    },
  };
}

type StartOfChild = Parameters<Fleet['startReconciliation' | 'startReplay']>[0];

function stateOf(status: string): WorkflowState {
  switch (status) {
    case 'RUNNING':
    case 'CONTINUED_AS_NEW':
    case 'PAUSED':
      return 'running';
    case 'TERMINATED':
    case 'CANCELLED':
    case 'TIMED_OUT':
      return 'stopped';
    default:
      return 'ended';
  }
}

async function ifThere(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
