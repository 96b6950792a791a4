/** One event of a history, as far as a reader of a divergence needs it. */
export interface HistoryEvent {
  readonly id: number;
  /** As the Web UI writes it: `ActivityTaskScheduled`. */
  readonly type: string;
  /** What it is about: an activity's type, a child's id, a timer's id. */
  readonly name: string | null;
}

/** Where code and history part. */
export interface Divergence {
  /** The event that the code does not lead to; null where the history ends before it. */
  readonly event: HistoryEvent | null;
  readonly historyHas: string;
  readonly codeWants: string;
  /** Temporal's own sentence. */
  readonly message: string;
}

/** Temporal names what the code did by the machine that it keeps for it. */
const machines: Readonly<Record<string, string>> = {
  Activity: 'an activity',
  LocalActivity: 'a local activity',
  Timer: 'a timer',
  ChildWorkflow: 'a child workflow',
  Child: 'a child workflow',
  UpsertWorkflowSearchAttributes: 'an update of search attributes',
  UpsertSearchAttributes: 'an update of search attributes',
  SignalExternal: 'a signal to another workflow',
  Patch: 'a patch marker',
  CancelExternal: 'a cancellation of another workflow',
  CompleteWorkflow: 'the end of the workflow',
  FailWorkflow: 'a failed workflow',
  ContinueAsNewWorkflow: 'a continue-as-new',
};

/** The sentence that matters inside what the SDK wraps around it. */
export function reasonOf(message: string): string {
  const [, reason] = /(\[TMPRL1100\] [^]*?)", source:/.exec(message) ?? [];
  return (reason ?? message).replace('[TMPRL1100] Nondeterminism error: ', '');
}

/**
 * Says what a replay's error means. `batch` is what the history did in the workflow task at which the replay failed:
 * the event that Temporal names, or the one that fits its words, or the first one.
 */
export function describeDivergence(message: string, batch: readonly HistoryEvent[]): Divergence {
  const reason = reasonOf(message);
  const [, scheduled, wanted] =
    /of scheduled event '(.*?)' does not match .* command '(.*?)'/.exec(reason) ?? [];
  const [, id] = /HistoryEvent\(id: (\d+)/.exec(reason) ?? [];
  const event =
    batch.find((one) => (id === undefined ? one.name === scheduled : one.id === Number(id))) ??
    batch.at(0) ??
    null;
  return {
    event,
    historyHas:
      event === null ? 'nothing more' : event.name === null ? event.type : `${event.type} ${event.name}`,
    codeWants: wanted ?? wantedMachine(reason),
    message: reason,
  };
}

function wantedMachine(reason: string): string {
  const [, machine] = /^(\w+?)(?:Machine| machine) does not handle/.exec(reason) ?? [];
  if (machine !== undefined) return machines[machine] ?? machine;
  return reason.startsWith('No command scheduled') ? 'nothing' : 'something else';
}
