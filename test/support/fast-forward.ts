import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/**
 * Moves one running workflow, its children and its next runs forward, on the real server; then time goes on at its usual
 * pace. What activities see is the real clock, except where the workflow tells them its own.
 * The setting is young and its name may change: this is its only place.
 */
export async function fastForward(
  { client, namespace }: { client: Client; namespace: string },
  workflowId: string,
  ms: number,
): Promise<void> {
  const workflowExecution = { workflowId };
  const id = `${workflowId}@${Date.now()}`;
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution,
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: msToTs(ms) } },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  await client.workflowService.pollWorkflowExecutionTimeSkipping({
    namespace,
    workflowExecution,
    fastForwardId: id,
  });
}
