import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowTypes } from '../../contracts/temporal/names.ts';
import { traceHeader } from '../../contracts/temporal/traces.ts';
import { replayHistory, type History } from '../../ops/history/replay.ts';
import { askServer } from '../support/ask-server.ts';
import { bundleChanged, bundleUntraced, type Change } from '../support/changed-workflows.ts';
import { fromRecorded, type RecordedHistory } from '../support/histories.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { untraced } from '../../worker/untraced.ts';

const folder = new URL('../histories/', import.meta.url);
const recorded = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    file,
    history: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RecordedHistory,
  }));

beforeAll(installQuietRuntime);

/** Replays all recorded histories, and answers those that the code cannot follow. */
async function replayAll(
  workflowBundle: WorkflowBundleOption,
  change: (history: RecordedHistory) => RecordedHistory = (history) => history,
): Promise<{ file: string; error: Error }[]> {
  const histories = recorded.map(({ file, history }) => ({
    workflowId: file,
    history: fromRecorded(change(history)),
  }));
  const failed: { file: string; error: Error }[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle, sinks: untraced },
    histories,
  )) {
    if (error !== undefined) failed.push({ file: workflowId, error });
  }
  return failed;
}

describe('the recorded histories', () => {
  it('are followed by the present code to their end', async () => {
    expect(recorded.length).toBeGreaterThan(0);

    expect(await replayAll(await askServer('/workflow-bundle'))).toEqual([]);
  });

  it.each([
    ['an authorization', 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', '"oauthCallback"'],
    ['a sync of deliveries', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"drainInbox"'],
    ['a failed activity', 'EVENT_TYPE_ACTIVITY_TASK_FAILED', '"factorial_unreachable"'],
    ['a refused token', 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', '"tokenRefused"'],
    ['a refreshed token', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"renewToken"'],
    ['a child', 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED', ''],
    ['a reconciliation', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"endReconciliation"'],
    ['a continue-as-new', 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', ''],
    ['a disconnect', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"tearDown"'],
    ["an operator's pause", 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED', '"pause"'],
    ['a verb that is refused', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED', '"paused"'],
    ['a replay', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"replayBatch"'],
    ['a round of the supervisor', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"supervise"'],
    ['an audit', 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', '"auditData"'],
  ])('hold %s', (_what, eventType, text) => {
    const found = recorded
      .flatMap(({ history }) => history.events)
      .filter((event) => event.eventType === eventType && JSON.stringify(event).includes(text));

    expect(found.length).toBeGreaterThan(0);
  });

  it('are of every workflow there is', () => {
    const types = recorded.map(({ history }) => JSON.stringify(history.events[0]));

    for (const name of Object.values(workflowTypes))
      expect(types.filter((started) => started.includes(`"${name}"`))).not.toEqual([]);
  });

  it('hold signals right before and right after a continue-as-new', () => {
    const isSignal = ({ eventType }: { eventType: string }): boolean =>
      eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED';
    const closing = recorded.find(({ history }) =>
      history.events.at(-1)?.eventType.endsWith('CONTINUED_AS_NEW'),
    );
    const next = recorded.find(({ history }) =>
      JSON.stringify(history.events[0]).includes('"continuedExecutionRunId"'),
    );

    expect(closing?.history.events.slice(-30).some(isSignal)).toBe(true);
    expect(next?.history.events.slice(0, 30).some(isSignal)).toBe(true);
  });
});

describe('traces', () => {
  const ofASpan = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

  it('can be switched on and off under running workflows: histories with and without them replay by both codes', async () => {
    const traced = withHeaders(ofASpan);
    const [on, off] = [await askServer('/workflow-bundle'), await bundleUntraced()];

    expect(await replayAll(on, traced)).toEqual([]);
    expect(await replayAll(off, traced)).toEqual([]);
    expect(await replayAll(off)).toEqual([]);
  }, 60_000);

  it.each([
    ['is no trace', { traceparent: 'a trace' }],
    ['holds none', {}],
    ['is no object', null],
  ])('a header that %s stops no workflow', async (_what, value) => {
    expect(await replayAll(await askServer('/workflow-bundle'), withHeaders(value))).toEqual([]);
  });
});

/** The same history, had each of its signals, and its start, come with a trace. */
function withHeaders(carrier: unknown): (history: RecordedHistory) => RecordedHistory {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const payload = { metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(carrier)) };
  const header = { fields: { [traceHeader]: payload } };
  const places = ['workflowExecutionSignaledEventAttributes', 'workflowExecutionStartedEventAttributes'];
  return ({ events }) => ({
    events: events.map((event) => ({
      ...event,
      ...Object.fromEntries(
        places.flatMap((place) =>
          event[place] === undefined ? [] : [[place, { ...(event[place] as object), header }]],
        ),
      ),
    })),
  });
}

/**
 * A recorded history up to a timer that fires, had the server's clock been set back before the workflow heard of it: to when
 * the timer was set. Ends with another timer, as the time has not come yet.
 */
function withClockSetBack({ events }: RecordedHistory): RecordedHistory {
  const typesAt = (index: number): string[] =>
    events.slice(index, index + 4).map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
  const firedAt = events.findIndex(
    (_, index) =>
      typesAt(index).join() ===
      'TIMER_FIRED,WORKFLOW_TASK_SCHEDULED,WORKFLOW_TASK_STARTED,WORKFLOW_TASK_COMPLETED',
  );
  const setAt = events.findLastIndex(
    ({ eventType }, index) => index < firedAt && eventType === 'EVENT_TYPE_TIMER_STARTED',
  );
  const toldAt = events.findLastIndex(
    ({ eventType }, index) => index < setAt && eventType === 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
  );
  const [set, told, completed] = [events[setAt], events[toldAt], events[firedAt + 3]];
  if (set === undefined || told === undefined || completed === undefined)
    throw new Error('No timer that fires alone was recorded.');
  const timer = set['timerStartedEventAttributes'] as { timerId: string };
  return {
    events: [
      ...events
        .slice(0, firedAt + 4)
        .map((event, index) => (index === firedAt + 2 ? { ...event, eventTime: told['eventTime'] } : event)),
      {
        ...set,
        eventId: String(Number(completed.eventId) + 1),
        timerStartedEventAttributes: {
          ...timer,
          timerId: String(Number(timer.timerId) + 1),
          workflowTaskCompletedEventId: completed.eventId,
        },
      },
    ],
  };
}

it('a timer that fires before its time, by a clock that was set back, is set again', async () => {
  const tokens = recorded.find(({ file }) => file.startsWith('token-connection'))?.history ?? { events: [] };
  const workflowBundle = await askServer('/workflow-bundle');

  const result = await replayHistory({ workflowBundle }, toHistory(withClockSetBack(tokens)));

  expect(result).toEqual({ outcome: 'follows' });
});

describe('a change that running workflows cannot follow', () => {
  const changes: [string, Change, RegExp, string][] = [
    [
      'an activity call that is gone',
      {
        file: 'workflows/connection-duties.ts',
        from: 'for (const command of commands) await carryOut(command);\n      await rebuild();',
        to: 'for (const command of commands) await carryOut(command);',
      },
      /connection/,
      'ActivityTaskScheduled readConnection',
    ],
    [
      'a timer that is set before the search attributes',
      {
        file: 'workflows/connection.ts',
        from: "    show();\n    const next = nextDue(state);\n    if (next.atMs > Date.now()) alarm.set(next.atMs, next.name === null ? '' : dutyWords[next.name]);",
        to: "    const next = nextDue(state);\n    if (next.atMs > Date.now()) alarm.set(next.atMs, next.name === null ? '' : dutyWords[next.name]);\n    show();",
      },
      /connection/,
      'UpsertWorkflowSearchAttributes',
    ],
    [
      'an activity with another name',
      {
        file: 'workflows/connection-duties.ts',
        from: 'await record.takeCommands({ tenantId })',
        to: 'await (record as unknown as { listCommands: typeof record.takeCommands }).listCommands({ tenantId })',
      },
      /connection/,
      'ActivityTaskScheduled takeCommands',
    ],
    [
      'a child with another id',
      {
        file: 'contracts/temporal/names.ts',
        from: '`factorial-reconciliation/${tenantId}',
        to: '`factorial-comparison/${tenantId}',
      },
      /connection/,
      'StartChildWorkflowExecutionInitiated factorial-reconciliation/',
    ],
    [
      'two activities in another order',
      {
        file: 'workflows/reconciliation.ts',
        from: "    await repeat('read planned minutes', () => act.sweepPlans(step()));\n    await persist('prove deletions', () => act.settleDeletions(step()));",
        to: "    await persist('prove deletions', () => act.settleDeletions(step()));\n    await repeat('read planned minutes', () => act.sweepPlans(step()));",
      },
      /reconciliation/,
      'ActivityTaskScheduled sweepPlans',
    ],
  ];

  it.each(changes)(
    'is caught, and its place is found: %s',
    async (_what, change, files, historyHas) => {
      const bundle = await bundleChanged(change);

      const failed = await replayAll(bundle);
      const first = recorded.find(({ file }) => file === failed[0]?.file);
      const result = await replayHistory(
        { workflowBundle: bundle },
        toHistory(first?.history ?? { events: [] }),
      );

      expect(failed.length).toBeGreaterThan(0);
      expect(failed.map(({ error }) => error.name)).toEqual(failed.map(() => 'DeterminismViolationError'));
      expect(failed.map(({ file }) => file).filter((file) => files.test(file))).not.toEqual([]);
      expect(result).toMatchObject({
        outcome: 'diverges',
        divergence: { historyHas: expect.stringContaining(historyHas), event: { id: expect.any(Number) } },
      });
    },
    60_000,
  );
});

const toHistory = (history: RecordedHistory): History => fromRecorded(history) as History;
