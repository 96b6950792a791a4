import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/**
 * Time skipping on the real server: per workflow, its children and its next runs. What activities see is the real clock,
 * except where the workflow tells them its own. The settings are young and their names may change: this is their only
 * place.
 */

interface Server {
  readonly client: Client;
  readonly namespace: string;
}

/** Moves one running workflow forward; then time goes on at its usual pace. Not to be called again before it is there. */
export async function fastForward(server: Server, workflowId: string, ms: number): Promise<void> {
  const id = `${workflowId}@${Date.now()}`;
  await setSkipping(server, workflowId, { enabled: true, fastForwardConfig: { id, duration: msToTs(ms) } });
  await server.client.workflowService.pollWorkflowExecutionTimeSkipping({
    namespace: server.namespace,
    workflowExecution: { workflowId },
    fastForwardId: id,
  });
}

/** From now on, time is skipped whenever a workflow only waits for a timer: at most 200 times. */
export async function letTimeFly(server: Server, workflowId: string): Promise<void> {
  await setSkipping(server, workflowId, { enabled: true });
}

async function setSkipping(
  { client, namespace }: Server,
  workflowId: string,
  timeSkippingConfig: {
    enabled: boolean;
    fastForwardConfig?: { id: string; duration: ReturnType<typeof msToTs> };
  },
): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig },
    updateMask: { paths: ['time_skipping_config'] },
  });
}
