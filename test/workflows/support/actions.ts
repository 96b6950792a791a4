import type { Client, WorkflowHandle } from '@temporalio/client';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/**
 * What a tenant costs in Temporal within a span of time: each run begun, signal, timer, activity and upsert counts one, in
 * all runs of its workflow and of the children that they started.
 */
export async function actionsBetween(
  client: Client,
  workflowId: string,
  fromMs: number,
  toMs: number,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  for (let runId: string | null = ''; runId !== null;) {
    const { events } = await client.workflow.getHandle(workflowId, runId || undefined).fetchHistory();
    const all: readonly Event[] = events ?? [];
    for (const event of all) {
      const at = Number(event.eventTime?.seconds ?? 0) * 1_000;
      if (at < fromMs || at >= toMs) continue;
      const what = nameOf(event);
      if (what !== null) count(what);
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
      if (child)
        for (const [each, more] of Object.entries(await actionsBetween(client, child, fromMs, toMs)))
          counts[`child: ${each}`] = (counts[`child: ${each}`] ?? 0) + more;
    }
    runId = all[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;
  }
  return counts;
}

function nameOf(event: Event): string | null {
  if (event.workflowExecutionStartedEventAttributes) return 'run';
  if (event.workflowExecutionSignaledEventAttributes) return 'signal';
  if (event.signalExternalWorkflowExecutionInitiatedEventAttributes) return 'signal sent';
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return 'child';
  if (event.timerStartedEventAttributes) return 'timer';
  if (event.upsertWorkflowSearchAttributesEventAttributes) return 'upsert';
  const { activityType } = event.activityTaskScheduledEventAttributes ?? {};
  return activityType?.name ?? null;
}
