import type { Client, WorkflowHandle } from '@temporalio/client';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

export interface HistoryCounts {
  /** What a hosted Temporal would bill. */
  readonly actions: number;
  readonly events: number;
  /** Events of the longest of these runs, from its first on. */
  readonly longest: number;
  /** How many runs there were. */
  readonly runs: number;
}

/** Activities send a heartbeat at most after this part of its time-out, and none before. */
const heartbeatShare = 0.25;

/** Counts what happened in all runs of a workflow since a moment. */
export async function countHistories(
  client: Client,
  workflowId: string,
  since: Date,
): Promise<HistoryCounts> {
  const counts = { actions: 0, events: 0, longest: 0, runs: 0 };
  // From the last run back: a run names the one that it continued.
  for (let runId: string | null = ''; runId !== null;) {
    const history = await client.workflow.getHandle(workflowId, runId || undefined).fetchHistory();
    const all: readonly Event[] = history.events ?? [];
    const recent = all.filter((event) => atMs(event) >= since.getTime());
    if (recent.length === 0) break;
    counts.runs += 1;
    counts.events += recent.length;
    counts.longest = Math.max(counts.longest, all.length);
    counts.actions += recent.reduce((sum, event) => sum + actionsOf(event), 0) + heartbeatsAmong(recent);
    runId = all[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;
  }
  return counts;
}

/** Source: the vendor's list of billable actions. A child counts twice: once here and once as its own start. */
function actionsOf(event: Event): number {
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return 2;
  // Written once for all tries, with the number of the last.
  if (event.activityTaskStartedEventAttributes) return event.activityTaskStartedEventAttributes.attempt ?? 1;
  const single =
    event.workflowExecutionStartedEventAttributes ??
    event.workflowExecutionSignaledEventAttributes ??
    event.workflowExecutionUpdateAcceptedEventAttributes ??
    event.timerStartedEventAttributes ??
    event.markerRecordedEventAttributes ??
    event.upsertWorkflowSearchAttributesEventAttributes ??
    event.signalExternalWorkflowExecutionInitiatedEventAttributes;
  return single ? 1 : 0;
}

/** Heartbeats are in no history: the most that can have been sent is counted. */
function heartbeatsAmong(events: readonly Event[]): number {
  const timeoutMs = new Map<string, number>();
  const startedAt = new Map<string, { at: number; scheduled: string }>();
  let heartbeats = 0;
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started } =
      event;
    if (scheduled?.heartbeatTimeout)
      timeoutMs.set(String(event.eventId), Number(scheduled.heartbeatTimeout.seconds) * 1_000);
    if (started)
      startedAt.set(String(event.eventId), { at: atMs(event), scheduled: String(started.scheduledEventId) });
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    const began = ended ? startedAt.get(String(ended.startedEventId)) : undefined;
    const every = (timeoutMs.get(began?.scheduled ?? '') ?? 0) * heartbeatShare;
    if (began !== undefined && every > 0) heartbeats += Math.floor((atMs(event) - began.at) / every);
  }
  return heartbeats;
}

function atMs({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + Number(eventTime?.nanos ?? 0) / 1e6;
}
