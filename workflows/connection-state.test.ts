import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dutyNames } from '../contracts/temporal/connection-state.ts';
import type { ConnectionState, DutyName } from '../contracts/temporal/connection-state.ts';
import { connectionStatuses } from '../domain/connection-machine.ts';
import type { ConnectionSnapshot } from '../domain/connection-snapshot.ts';
import { isSameNight, lastNightOn, nextNight } from '../domain/night.ts';
import {
  adopt,
  dueDuty,
  nextDue,
  postpone,
  reconcileAgain,
  resume,
  restore,
  ring,
  shareWakeUp,
  succeeded,
  watchMs,
} from './connection-state.ts';

const tenantId = 'acme';
const now = Date.parse('2026-11-22T12:00:00Z');
const minuteMs = 60_000;

const fresh = (): ConnectionState => restore({ tenantId });

/** A state in the midst of things. */
function makeState(changes: Partial<ConnectionState> = {}): ConnectionState {
  return { ...fresh(), ...changes };
}

/** A connection at rest: connected, nothing waits. */
function makeSnapshot(changes: Partial<ConnectionSnapshot> = {}): ConnectionSnapshot {
  return {
    status: 'connected',
    generation: 3,
    paused: false,
    tokenVersion: 5,
    tokenStatus: 'correct',
    credentialsUntried: false,
    refreshDueAt: now + 50 * minuteMs,
    attempt: null,
    undoneCommands: 0,
    undoneDeliveries: 0,
    marked: 0,
    runningReconciliation: null,
    queuedReconciliations: 0,
    unretiredSubscriptions: 19,
    timeZone: 'Europe/Madrid',
    nightlyHour: 2,
    holidayPollMinutes: 60,
    troubleCodes: [],
    openFailures: 0,
    oldestPendingAt: null,
    lastVerifiedAt: null,
    ...changes,
  };
}

/** Nothing of an earlier connection is left. */
const traceless = { tokenVersion: null, unretiredSubscriptions: 0 } as const;

const night = nextNight(now, { tenantId, timeZone: 'Europe/Madrid', nightlyHour: 2 }).atMs;
const dueOf = (state: ConnectionState) =>
  Object.fromEntries(Object.entries(state.due).filter(([, atMs]) => atMs !== null));

describe('a run', () => {
  it('begins with nothing known and nothing due', () => {
    const state = fresh();

    expect(state).toMatchObject({ known: false, status: 'not_connected', generation: 0, runs: 1 });
    expect(Object.keys(state.due).sort()).toEqual([...dutyNames].sort());
    expect(dueOf(state)).toEqual({});
  });

  it('looks into the database anew, also when the last run knew', () => {
    expect(restore({ tenantId, state: makeState({ known: true, runs: 8 }) })).toMatchObject({
      known: false,
      runs: 9,
    });
  });

  it('shares nothing with another run', () => {
    const one = fresh();
    ring(one, 'inbox', now);
    one.counts['timeoff/leave/create'] = 4;
    postpone(one, 'token', now);

    expect(dueOf(fresh())).toEqual({});
    expect(fresh()).toMatchObject({ counts: {}, failures: {} });
  });

  it.each(Object.keys(fresh()).filter((field) => field !== 'runs'))(
    'is complete from a state that did not know `%s`',
    (field) => {
      const older = Object.fromEntries(
        Object.entries(makeState({ runs: 4 })).filter(([name]) => name !== field),
      );

      const state = restore({ tenantId, state: older as unknown as ConnectionState });

      expect(state).toEqual({ ...fresh(), runs: 5 });
    },
  );

  it('is complete from a state that did not know some duties', () => {
    const older = { ...makeState(), due: { token: now } } as unknown as ConnectionState;

    const { due } = restore({ tenantId, state: older });

    expect(due).toEqual({ ...fresh().due, token: now });
  });

  it('is unmoved by what a newer version of the code carried over', () => {
    const newer = makeState();
    const unknown = {
      ...newer,
      novelty: 1,
      due: { ...newer.due, novelty: now - 1 },
    } as unknown as ConnectionState;

    const state = restore({ tenantId, state: unknown });

    expect(dueDuty(state, now)).toBeNull();
    expect(nextDue(state).name).toBeNull();
  });

  it('loses nothing of what was due, counted and failed, however often it continues as new', () => {
    const duties = fc.constantFrom(...dutyNames);
    const times = fc.integer({ min: 0, max: 10 ** 13 });
    const states = fc
      .record({
        due: fc.dictionary(duties, times),
        failures: fc.dictionary(duties, fc.integer({ min: 1, max: 50 })),
        troubles: fc.dictionary(duties, fc.constantFrom('rate_limited', 'unavailable')),
        counts: fc.dictionary(fc.constantFrom('timeoff/leave/create', 'employees/employee/update'), fc.nat()),
        refusedTokenVersion: fc.option(fc.nat()),
        credentialsReplaced: fc.boolean(),
        tearingDownSince: fc.option(times),
      })
      .map(({ due, ...others }) => makeState({ ...others, due: { ...fresh().due, ...due } }));
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 5 }), (before, runs) => {
        let state = before;
        for (let run = 0; run < runs; run += 1) {
          state = restore({ tenantId, state: JSON.parse(JSON.stringify(state)) as ConnectionState });
        }

        // Compared as plain JSON: that is what a state is.
        expect(JSON.parse(JSON.stringify(state))).toEqual(
          JSON.parse(JSON.stringify({ ...before, known: false, runs: before.runs + runs })),
        );
      }),
    );
  });
});

describe('what the database says', () => {
  it('is taken over whole', () => {
    const state = fresh();
    const snapshot = makeSnapshot({
      paused: true,
      openFailures: 2,
      troubleCodes: ['schema_drift'],
      lastVerifiedAt: now,
    });

    adopt(state, snapshot, tenantId, now);

    const {
      status,
      generation,
      paused,
      tokenVersion,
      tokenStatus,
      openFailures,
      troubleCodes,
      lastVerifiedAt,
    } = snapshot;
    expect(state).toMatchObject({
      known: true,
      status,
      generation,
      paused,
      tokenVersion,
      tokenStatus,
      openFailures,
      troubleCodes,
      lastVerifiedAt,
    });
  });

  it.each<[string, Partial<ConnectionSnapshot>, Partial<Record<DutyName, number>>]>([
    ['never connected, nothing to do', { ...traceless, status: 'not_connected' }, {}],
    ['pending, nothing to do', { ...traceless, status: 'pending' }, {}],
    ['pending, with traces of an earlier connection left', { status: 'pending' }, { teardown: now }],
    [
      'authorizing, with traces of an earlier connection left',
      { status: 'authorizing', attempt: { id: 'a', expiresAt: now + 9 * minuteMs, received: false } },
      { teardown: now, attempt: now + 9 * minuteMs },
    ],
    [
      'authorizing, the attempt runs out by itself',
      {
        ...traceless,
        status: 'authorizing',
        attempt: { id: 'a', expiresAt: now + 9 * minuteMs, received: false },
      },
      { attempt: now + 9 * minuteMs },
    ],
    [
      'authorizing, its code has come',
      {
        ...traceless,
        status: 'authorizing',
        attempt: { id: 'a', expiresAt: now + 9 * minuteMs, received: true },
      },
      { attempt: now },
    ],
    ['connected, at rest', {}, { token: now + 50 * minuteMs, nightly: night, holidays: now + 60 * minuteMs }],
    [
      'connected by somebody who did not hear of it: nothing has followed yet',
      { unretiredSubscriptions: 0 },
      {
        subscriptions: now,
        reconcile: now,
        token: now + 50 * minuteMs,
        nightly: night,
        holidays: now + 60 * minuteMs,
      },
    ],
    [
      'connected with a token that cannot be refreshed',
      { refreshDueAt: null },
      { nightly: night, holidays: now + 60 * minuteMs },
    ],
    [
      'connected, everything waits',
      { undoneCommands: 1, marked: 2, undoneDeliveries: 3, queuedReconciliations: 1 },
      {
        commands: now,
        facts: now,
        inbox: now,
        reconcile: now,
        token: now + 50 * minuteMs,
        nightly: night,
        holidays: now + 60 * minuteMs,
      },
    ],
    [
      'connected, one reconciliation runs and one waits for its end',
      { runningReconciliation: { id: 'r1', key: '2026-11-22' }, queuedReconciliations: 1 },
      { watch: now + watchMs, token: now + 50 * minuteMs, nightly: night, holidays: now + 60 * minuteMs },
    ],
    [
      'expired, deliveries wait for the reauthorization',
      { status: 'expired', undoneDeliveries: 9, queuedReconciliations: 1 },
      {},
    ],
    [
      'expired, commands and days still go on',
      { status: 'expired', undoneCommands: 1, marked: 1 },
      { commands: now, facts: now },
    ],
    [
      'expired and reauthorising',
      { status: 'expired', attempt: { id: 'a', expiresAt: now + 9 * minuteMs, received: true } },
      { attempt: now },
    ],
    [
      'disconnected with a token left',
      { status: 'disconnected', unretiredSubscriptions: 0 },
      { teardown: now },
    ],
    [
      'disconnected with subscriptions left',
      { status: 'disconnected', tokenVersion: null },
      { teardown: now },
    ],
    [
      'disconnected and clean: it rests without timers',
      { status: 'disconnected', tokenVersion: null, unretiredSubscriptions: 0 },
      {},
    ],
  ])('makes due: %s', (_what, changes, due) => {
    const state = fresh();

    adopt(state, makeSnapshot(changes), tenantId, now);

    expect(dueOf(state)).toEqual(due);
  });

  it.each(connectionStatuses.filter((status) => status !== 'connected'))(
    'stops all talk with Factorial while %s',
    (status) => {
      const talk = ['token', 'nightly', 'reconcile', 'watch', 'subscriptions', 'holidays', 'inbox'] as const;
      const state = fresh();
      for (const duty of talk) ring(state, duty, now);

      adopt(state, makeSnapshot({ status, undoneDeliveries: 5 }), tenantId, now);

      for (const duty of talk) expect(state.due[duty]).toBeNull();
    },
  );

  it('tries replaced credentials of an expired connection at once', () => {
    const state = makeState({ credentialsReplaced: true });

    adopt(state, makeSnapshot({ status: 'expired' }), tenantId, now);

    expect(state.due.token).toBe(now);
  });

  it.each(['connected', 'expired'] as const)(
    'tries credentials that nobody has tried yet, though nothing else tells of them, while %s',
    (status) => {
      const state = fresh();

      adopt(state, makeSnapshot({ status, credentialsUntried: true }), tenantId, now);

      expect([state.due.token, state.credentialsReplaced]).toEqual([now, true]);
    },
  );

  it('keeps the times of the night and of the holiday poll that were set before', () => {
    const state = fresh();
    adopt(state, makeSnapshot(), tenantId, now);

    adopt(state, makeSnapshot(), tenantId, now + 30 * minuteMs);

    expect(dueOf(state)).toMatchObject({ nightly: night, holidays: now + 60 * minuteMs });
  });

  describe('of another hour or time zone', () => {
    const planned = { timeZone: 'Europe/Madrid', nightlyHour: 2 };
    const at = (text: string): number => Date.parse(text);
    const nightOf = (settings: Partial<typeof planned>, fromMs: number): number =>
      nextNight(fromMs, { tenantId, ...planned, ...settings }).atMs;
    /** When the night comes that was planned at `fromMs`, after a change at `changedMs`. */
    const replanned = (change: Partial<typeof planned>, fromMs: number, changedMs: number): number | null => {
      const state = makeState({ ...planned });
      state.due.nightly = nightOf({}, fromMs);
      adopt(state, makeSnapshot({ ...planned, ...change }), tenantId, changedMs);
      return state.due.nightly;
    };

    it.each([
      ['an hour that is still ahead today', { nightlyHour: 15 }, '2026-11-22T12:00:00Z'],
      ['an earlier hour of the same night', { nightlyHour: 0 }, '2026-11-22T22:00:00Z'],
      ['a time zone in which it is night earlier', { timeZone: 'Asia/Kolkata' }, '2026-11-22T13:00:00Z'],
    ])('holds for the coming night (%s)', (_what, change, text) => {
      expect(replanned(change, at(text), at(text))).toBe(nightOf(change, at(text)));
    });

    it('leaves no date out: a night whose time is over by the new hour comes at once', () => {
      const noon = at('2026-11-23T12:00:00Z');
      const state = makeState({ ...planned, nightlyHour: 22 });
      state.due.nightly = nightOf({ nightlyHour: 22 }, noon);

      adopt(state, makeSnapshot({ ...planned, nightlyHour: 2 }), tenantId, noon);

      expect(state.due.nightly).toBe(noon);
    });

    it.each([
      ['a later hour of the same night', { nightlyHour: 5 }, '2026-11-22T23:00:00Z'],
      ['an hour that comes a day after the planned one', { nightlyHour: 22 }, '2026-11-23T00:00:00Z'],
      ['a time zone in which it is night later', { timeZone: 'America/New_York' }, '2026-11-22T22:00:00Z'],
    ])('puts no night off (%s)', (_what, change, text) => {
      expect(replanned(change, at(text), at(text))).toBe(nightOf({}, at(text)));
    });

    it('never leaves more than a day, two hours and the change of clocks between two reconciliations', () => {
      const change = fc.record({
        afterMs: fc.integer({ min: 0, max: 30 * 60 * minuteMs }),
        timeZone: fc.constantFrom('Europe/Madrid', 'Asia/Kolkata', 'America/Santiago', 'Pacific/Auckland'),
        nightlyHour: fc.integer({ min: 0, max: 23 }),
      });
      const from = fc.integer({ min: at('2026-01-01'), max: at('2029-01-01') });
      fc.assert(
        fc.property(from, fc.array(change, { maxLength: 20 }), (fromMs, changes) => {
          const state = makeState({ ...planned });
          state.due.nightly = nightOf({}, fromMs);
          const askedFor = new Map<string, number>();
          let [nowMs, lastMs, longestMs] = [fromMs, fromMs, 0];
          /** What the duty does at each due time, as `queueReconciliation` judges it. */
          const passUntil = (untilMs: number): void => {
            for (let due = state.due.nightly ?? Infinity; due <= untilMs; due = state.due.nightly) {
              nowMs = Math.max(nowMs, due);
              const { timeZone, nightlyHour } = state;
              const settings = { tenantId, timeZone, nightlyHour };
              const nightOn = lastNightOn(nowMs, settings);
              if (!isSameNight(askedFor.get(nightOn) ?? -Infinity, nowMs)) {
                longestMs = Math.max(longestMs, nowMs - lastMs);
                lastMs = nowMs;
              }
              if (!askedFor.has(nightOn)) askedFor.set(nightOn, nowMs);
              state.due.nightly = nextNight(nowMs, settings).atMs;
            }
            nowMs = Math.max(nowMs, untilMs);
          };

          for (const { afterMs, timeZone, nightlyHour } of changes) {
            passUntil(nowMs + afterMs);
            adopt(state, makeSnapshot({ timeZone, nightlyHour }), tenantId, nowMs);
          }
          passUntil(nowMs + 48 * 60 * minuteMs);

          expect(longestMs).toBeLessThanOrEqual(27 * 60 * minuteMs);
        }),
        { numRuns: 300 },
      );
    });

    it('does not put off a night whose time has come', () => {
      const dueMs = nightOf({}, now);

      expect(replanned({ nightlyHour: 9 }, now, dueMs + 1)).toBe(dueMs);
    });
  });

  it('does not skip a night whose time has come but which did not run yet', () => {
    const state = fresh();
    state.due.nightly = night;

    adopt(state, makeSnapshot(), tenantId, night + minuteMs);

    expect(state.due.nightly).toBe(night);
  });

  it('does not shorten the wait of a duty that failed', () => {
    const state = fresh();
    for (const duty of ['commands', 'facts', 'inbox', 'reconcile', 'attempt'] as const)
      postpone(state, duty, now, 7 * minuteMs);
    const waiting = { ...state.due };

    adopt(
      state,
      makeSnapshot({
        undoneCommands: 1,
        marked: 1,
        undoneDeliveries: 1,
        queuedReconciliations: 1,
        attempt: { id: 'a', expiresAt: now + minuteMs, received: true },
      }),
      tenantId,
      now,
    );

    for (const duty of ['commands', 'facts', 'inbox', 'reconcile', 'attempt'] as const)
      expect(state.due[duty]).toBe(waiting[duty]);
  });

  it('does not shorten the wait of a refresh that failed', () => {
    const state = fresh();
    postpone(state, 'token', now, 5 * minuteMs);

    adopt(state, makeSnapshot({ refreshDueAt: now - minuteMs }), tenantId, now);

    expect(state.due.token).toBe(now + 5 * minuteMs);
  });

  it('keeps a refused token due until a newer pair is there', () => {
    const state = makeState({ refusedTokenVersion: 5 });
    ring(state, 'token', now);

    adopt(state, makeSnapshot({ tokenVersion: 5 }), tenantId, now);
    expect(state).toMatchObject({ refusedTokenVersion: 5, due: { token: now } });

    adopt(state, makeSnapshot({ tokenVersion: 6 }), tenantId, now);
    expect(state).toMatchObject({ refusedTokenVersion: null, due: { token: now + 50 * minuteMs } });
  });

  it('asks for what follows where a connection that had expired is found good again', () => {
    const state = makeState({ status: 'expired' });

    adopt(state, makeSnapshot(), tenantId, now);
    expect(state).toMatchObject({ reconcileAs: 'gap', due: { reconcile: now, subscriptions: now } });

    state.due.reconcile = null;
    adopt(state, makeSnapshot(), tenantId, now + minuteMs);
    expect(state.due.reconcile).toBeNull(); // once
  });

  it('drops an attempt that is over, with the trouble of its last try', () => {
    const state = makeState({ failures: { attempt: 1 }, troubles: { attempt: 'unavailable' } });
    ring(state, 'attempt', now + minuteMs);

    adopt(state, makeSnapshot(), tenantId, now);

    expect(state.due.attempt).toBeNull();
    expect(state).toMatchObject({ failures: {}, troubles: {}, troubleCodes: [] });
  });

  it('keeps since when traces are being removed', () => {
    const state = makeState({ tearingDownSince: now - 5 * minuteMs });

    adopt(state, makeSnapshot({ status: 'disconnected' }), tenantId, now);

    expect(state.tearingDownSince).toBe(now - 5 * minuteMs);
  });

  it('is joined by why duties wait, each code once', () => {
    const state = makeState({ troubles: { inbox: 'rate_limited', token: 'schema_drift' } });

    adopt(state, makeSnapshot({ troubleCodes: ['schema_drift'] }), tenantId, now);

    expect(state.troubleCodes).toEqual(['schema_drift', 'rate_limited']);
  });

  it('does not alter the snapshot when trouble is noted later', () => {
    const snapshot = makeSnapshot({ troubleCodes: ['schema_drift'] });
    const state = fresh();
    adopt(state, snapshot, tenantId, now);

    state.troubleCodes.push('rate_limited');

    expect(snapshot.troubleCodes).toEqual(['schema_drift']);
  });
});

describe('a ring', () => {
  it.each<[string, number | null, number | null]>([
    ['makes an idle duty due now', null, now],
    ['brings a later one forward', now + minuteMs, now],
    ['leaves an overdue one where it was', now - minuteMs, now - minuteMs],
  ])('%s', (_what, dueAt, wanted) => {
    const state = fresh();
    state.due.inbox = dueAt;

    ring(state, 'inbox', now);

    expect(state.due.inbox).toBe(wanted);
  });

  it('does not end the wait after a failure', () => {
    const state = fresh();
    postpone(state, 'inbox', now);

    for (let count = 0; count < 1_000; count += 1) ring(state, 'inbox', now + count);

    expect(state.due.inbox).toBe(now + 5_000);
  });

  it('is heard after a failure that nothing waits for', () => {
    const state = makeState({ failures: { inbox: 3 } });

    ring(state, 'inbox', now);

    expect(state.due.inbox).toBe(now);
  });
});

describe('a reconciliation that failed', () => {
  const afterwards = (changes: Partial<ConnectionState>, generation: number) => {
    const state = makeState(changes);
    reconcileAgain(state, generation, now);
    return [state.due.reconcile, state.reconcileAs];
  };

  it.each([
    ['is followed by another one an hour later', 3, 3],
    ['is, also before it was looked up which connection there is', 0, 3],
  ])('%s', (_what, current, generation) => {
    expect(afterwards({ generation: current }, generation)).toEqual([now + 60 * minuteMs, 'gap']);
  });

  it('for an earlier connection, late, asks nothing of this one', () => {
    expect(afterwards({ generation: 5 }, 3)).toEqual([null, null]);
  });

  it('does not put off what is to be done earlier, or for another reason', () => {
    const due = { ...fresh().due, reconcile: now + 1 };

    expect(afterwards({ generation: 3, reconcileAs: 'first', due }, 3)).toEqual([now + 1, 'first']);
  });
});

describe('a failed duty', () => {
  it.each([
    [1, 0, 5_000],
    [2, 0, 10_000],
    [3, 0, 20_000],
    [40, 0, 60 * minuteMs],
    [1, 90_000, 90_000],
    [40, 90_000, 60 * minuteMs],
  ])('waits longer after %i failures, at least %i ms: %i ms', (failures, atLeastMs, waitMs) => {
    const state = fresh();

    for (let count = 0; count < failures; count += 1) postpone(state, 'token', now, atLeastMs);

    expect(state).toMatchObject({ failures: { token: failures }, due: { token: now + waitMs } });
  });

  it.each([
    ['commands', 0, 1],
    ['inbox', 0, 5],
    ['inbox', 20, 20],
    ['holidays', 0, 60],
  ] as const)(
    'waits, as %s, no longer than it may: told to wait %i minutes, %i',
    (duty, toldMinutes, minutes) => {
      const state = fresh();

      for (let count = 0; count < 40; count += 1) postpone(state, duty, now, toldMinutes * minuteMs);

      expect(state.due[duty]).toBe(now + minutes * minuteMs);
    },
  );

  it('waits no longer once its trouble is over for another one', () => {
    const state = makeState({
      troubles: { inbox: 'factorial_unreachable', holidays: 'factorial_unreachable', facts: 'rate_limited' },
    });
    Object.assign(state.due, { inbox: now + 1, holidays: null, facts: now + 2 });

    resume(state, 'factorial_unreachable', now);

    expect(dueOf(state)).toEqual({ inbox: now, facts: now + 2 });
  });

  it('that succeeds is no trouble any more', () => {
    const state = makeState({
      failures: { token: 1, inbox: 1 },
      troubles: { token: 'rate_limited', inbox: 'unavailable' },
    });

    succeeded(state, 'token');

    expect(state.troubles).toEqual({ inbox: 'unavailable' });
  });

  it('that succeeds begins again with the shortest wait, and says that it had failed', () => {
    const state = fresh();
    postpone(state, 'token', now);
    postpone(state, 'token', now);

    expect(succeeded(state, 'token')).toBe(true);
    expect(succeeded(state, 'token')).toBe(false);
    postpone(state, 'token', now);

    expect(state.due.token).toBe(now + 5_000);
  });
});

describe('a refresh and a holiday poll that are close to each other', () => {
  /** What is due how many minutes from now, after `shareWakeUp`. */
  const shared = (token: number, holidays: number, changes: Partial<ConnectionState> = {}) => {
    const state = makeState(changes);
    state.due.token = now + token * minuteMs;
    state.due.holidays = now + holidays * minuteMs;
    shareWakeUp(state, now);
    return [state.due.token, state.due.holidays].map((atMs) => ((atMs ?? NaN) - now) / minuteMs);
  };

  it.each([
    ['the poll comes with the refresh', [0, 7], [0, 0]],
    ['the refresh comes with the poll', [14, 0], [0, 0]],
    ['one that is far is left alone', [0, 16], [0, 16]],
    ['nothing comes early where neither is due', [1, 2], [1, 2]],
    ['what is overdue stays so', [-3, 5], [-3, 0]],
  ] as const)('%s', (_what, [token, holidays], wanted) => {
    expect(shared(token, holidays)).toEqual(wanted);
  });

  it('are closer where holidays are polled often', () => {
    expect(shared(0, 4, { holidayPollMinutes: 15 })).toEqual([0, 4]);
    expect(shared(0, 3, { holidayPollMinutes: 15 })).toEqual([0, 0]);
  });

  it.each([
    ['a refresh that failed', { failures: { token: 1 } }],
    ['a poll that failed', { failures: { holidays: 2 } }],
    ['a refresh that Factorial did not answer', { tokenNotBefore: now + 7 * minuteMs }],
  ])('keep their times where one of them is %s', (_what, changes) => {
    expect(shared(7, 0, changes)).toEqual([7, 0]);
  });

  it('need both: without one of them nothing moves', () => {
    const state = makeState();
    state.due.holidays = now;

    shareWakeUp(state, now);

    expect(dueOf(state)).toEqual({ holidays: now });
  });
});

describe('of several duties', () => {
  it('the first in precedence runs first, not the one that has waited longest', () => {
    const state = fresh();
    const order: DutyName[] = [];
    for (const [index, duty] of [...dutyNames].reverse().entries()) ring(state, duty, now - 1_000 + index);

    for (let duty = dueDuty(state, now); duty !== null; duty = dueDuty(state, now)) {
      order.push(duty);
      state.due[duty] = null;
    }

    expect(order).toEqual([
      'commands',
      'operator',
      'teardown',
      'attempt',
      'token',
      'nightly',
      'reconcile',
      'watch',
      'subscriptions',
      'holidays',
      'facts',
      'inbox',
    ]);
  });

  it('none runs before its time', () => {
    const state = fresh();
    state.due.inbox = now + 1;

    expect(dueDuty(state, now)).toBeNull();
    expect(dueDuty(state, now + 1)).toBe('inbox');
  });

  it('the earliest is the next', () => {
    const state = fresh();
    state.due.commands = now + 2;
    state.due.inbox = now + 1;

    expect(nextDue(state)).toEqual({ atMs: now + 1, name: 'inbox' });
  });

  it('the first in precedence is the next where two are due together', () => {
    const state = fresh();
    state.due.inbox = now;
    state.due.token = now;

    expect(nextDue(state)).toEqual({ atMs: now, name: 'token' });
  });

  it('none is next where none is due', () => {
    expect(nextDue(fresh())).toEqual({ atMs: Infinity, name: null });
  });
});

describe('a paused connection', () => {
  const paused = (due: Partial<Record<DutyName, number | null>>): ConnectionState => {
    const state = makeState({ paused: true });
    Object.assign(state.due, due);
    return state;
  };

  it.each<DutyName>(['reconcile', 'watch', 'subscriptions', 'holidays', 'inbox'])(
    'lets %s rest, and keeps its time for afterwards',
    (duty) => {
      const state = paused({ [duty]: now });

      expect([dueDuty(state, now), nextDue(state).name]).toEqual([null, null]);
      state.paused = false;
      expect(dueDuty(state, now)).toBe(duty);
    },
  );

  it.each<DutyName>(['commands', 'operator', 'teardown', 'attempt', 'token', 'nightly', 'facts'])(
    'goes on with %s',
    (duty) => {
      expect(dueDuty(paused({ [duty]: now, inbox: now }), now)).toBe(duty);
    },
  );

  it('answers operators right after commands, before every other duty', () => {
    const all = Object.fromEntries(dutyNames.map((name) => [name, now]));
    const state = paused(all);
    state.due.commands = null;

    expect(dueDuty(state, now)).toBe('operator');
  });
});
