import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowCode } from '../../platform/workflow-code.ts';
import { describeDivergence, reasonOf, type Divergence, type HistoryEvent } from './divergence.ts';

/** One run's history, as `fetchHistory()` answers it. */
export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type ProtoEvent = NonNullable<History['events']>[number];

export type ReplayResult =
  | { readonly outcome: 'follows' }
  | { readonly outcome: 'diverges'; readonly divergence: Divergence }
  /** The code threw where history went on, or cannot be loaded. */
  | { readonly outcome: 'fails'; readonly message: string };

/** Numbers of `temporal.api.enums.v1.EventType`. */
const workflowTaskStarted = 6;
const workflowTaskCompleted = 7;

/** Replays one history against workflow code, and finds the event at which they part. */
export async function replayHistory(code: WorkflowCode, history: History): Promise<ReplayResult> {
  quieten();
  const events = history.events ?? [];
  const error = await replay(code, history);
  if (error === undefined) return { outcome: 'follows' };
  if (error.name !== 'DeterminismViolationError')
    return { outcome: 'fails', message: reasonOf(error.message) };
  const batch = await firstFailingBatch(code, events);
  return { outcome: 'diverges', divergence: describeDivergence(error.message, batch.map(toEvent)) };
}

/**
 * Temporal does not always name the event, so that it is looked for: the history is cut off after one workflow task after
 * the other (by halves), and what the first one did that cannot be replayed is where they part.
 */
async function firstFailingBatch(code: WorkflowCode, events: readonly ProtoEvent[]): Promise<ProtoEvent[]> {
  const cuts = events.flatMap(({ eventType }, index) =>
    Number(eventType) === workflowTaskStarted ? [index + 1] : [],
  );
  cuts.push(events.length);
  let [fine, failing] = [-1, cuts.length - 1];
  while (failing - fine > 1) {
    const middle = Math.floor((fine + failing) / 2);
    const error = await replay(code, { events: events.slice(0, cuts[middle]) });
    if (error === undefined) fine = middle;
    else failing = middle;
  }
  const end = cuts[failing] ?? events.length;
  const before = events
    .slice(0, end)
    .findLastIndex(({ eventType }) => Number(eventType) === workflowTaskCompleted);
  return events.slice(before + 1, end).filter((event) => isCommand(event));
}

async function replay(code: WorkflowCode, history: History): Promise<Error | undefined> {
  for await (const { error } of Worker.runReplayHistories(code, [{ workflowId: 'replay', history }]))
    return error;
  return undefined;
}

/** Events that commands of the workflow leave in a history, with what they are about. */
const commands: Readonly<
  Record<number, { type: string; nameOf?: (event: ProtoEvent) => string | null | undefined }>
> = {
  2: { type: 'WorkflowExecutionCompleted' },
  3: { type: 'WorkflowExecutionFailed' },
  10: {
    type: 'ActivityTaskScheduled',
    nameOf: (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
  },
  15: { type: 'ActivityTaskCancelRequested' },
  17: { type: 'TimerStarted', nameOf: (event) => event.timerStartedEventAttributes?.timerId },
  19: { type: 'TimerCanceled', nameOf: (event) => event.timerCanceledEventAttributes?.timerId },
  25: { type: 'MarkerRecorded', nameOf: (event) => event.markerRecordedEventAttributes?.markerName },
  28: { type: 'WorkflowExecutionContinuedAsNew' },
  29: {
    type: 'StartChildWorkflowExecutionInitiated',
    nameOf: (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId,
  },
  37: {
    type: 'SignalExternalWorkflowExecutionInitiated',
    nameOf: (event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName,
  },
  40: { type: 'UpsertWorkflowSearchAttributes' },
};

const isCommand = ({ eventType }: ProtoEvent): boolean => Number(eventType) in commands;

function toEvent(event: ProtoEvent): HistoryEvent {
  const command = commands[Number(event.eventType)];
  return {
    id: Number(event.eventId),
    type: command?.type ?? String(event.eventType),
    name: command?.nameOf?.(event) ?? null,
  };
}

let isQuiet = false;

/** A replay that fails is an answer, not a line in a log. A process that has set its own runtime up keeps it. */
function quieten(): void {
  if (isQuiet) return;
  isQuiet = true;
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}
