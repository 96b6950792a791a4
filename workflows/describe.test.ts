import { describe, expect, it } from '@jest/globals';
import { dutyNames, type ConnectionState } from '../contracts/temporal/connection-state.ts';
import { restore } from './connection-state.ts';
import {
  describeCounts,
  describeReconciliation,
  describeReplay,
  describeState,
  dutyWords,
} from './describe.ts';

const at = Date.parse('2026-11-22T12:00:00Z');

describe('the details of a connection', () => {
  it('say what it waits for, when, and what is wrong', () => {
    const state = restore({ tenantId: 'acme' });
    Object.assign(state, {
      status: 'connected',
      generation: 3,
      tokenStatus: 'correct',
      openFailures: 2,
      troubleCodes: ['schema_drift', 'rate_limited'],
      lastVerifiedAt: at - 3_600_000,
      reconciliationId: 'r1',
    });
    state.due.token = at;

    const text = describeState(state);

    expect(text).toContain('**connected** · generation 3 · token correct');
    expect(text).toContain('| Waits for | refresh token, or signals |');
    expect(text).toContain('| Next | refresh token at 2026-11-22T12:00:00.000Z |');
    expect(text).toContain('| Reconciliation running | r1 |');
    expect(text).toContain('| Last verified | 2026-11-22T11:00:00.000Z |');
    expect(text).toContain('| Open failures | 2 |');
    expect(text).toContain('| Trouble | schema_drift, rate_limited |');
    expect(text).toMatch(/^Safe: /m);
  });

  it('of one that rests say so', () => {
    const text = describeState(restore({ tenantId: 'acme' }));

    expect(text).toContain('**not_connected** · generation 0 · token –');
    expect(text).toContain('| Waits for | signals |');
    expect(text).toContain('| Next | – |');
    expect(text).toContain('| Trouble | none |');
  });

  it('of a paused one say so', () => {
    expect(describeState({ ...restore({ tenantId: 'acme' }), status: 'connected', paused: true })).toContain(
      '**connected** (paused)',
    );
  });

  it.each<[Partial<ConnectionState>, string]>([
    [{ status: 'connected' }, '`syncResource`, `resyncStream`, `replay`'],
    [{ status: 'connected', paused: true }, '`resume` goes on'],
    [{ status: 'expired' }, 'admin reauthorizes'],
    [{ status: 'disconnected' }, 'connects in the wizard'],
  ])('of one that is %j say what is safe', (state, safe) => {
    expect(describeState({ ...restore({ tenantId: 'acme' }), ...state })).toContain(`Safe: `);
    expect(describeState({ ...restore({ tenantId: 'acme' }), ...state })).toContain(safe);
  });

  it('say of each duty that failed why, how often and when it is tried again', () => {
    const state = restore({ tenantId: 'acme' });
    Object.assign(state, {
      status: 'connected',
      failures: { inbox: 3 },
      troubles: { inbox: 'rate_limited' },
    });
    state.due.inbox = at;

    expect(describeState(state)).toContain(
      '| Trying again: sync deliveries | rate_limited, 3 times; next try 2026-11-22T12:00:00.000Z |',
    );
    expect(describeState({ ...state, paused: true })).toContain('next try after the pause');
  });

  it.each(dutyNames)('have words for the duty %s', (duty) => {
    expect(dutyWords[duty]).toMatch(/^[a-z]/);
  });
});

describe('the summary of a drain', () => {
  it.each([
    [{}, 'sync what waits'],
    [{ 'timeoff/leave/create': 1 }, 'sync 1 leave'],
    [
      { 'timeoff/leave/create': 30, 'timeoff/leave/approve': 7, 'employees/employee/update': 2 },
      'sync 37 leaves, 2 employees',
    ],
    [
      { 'timeoff/leave_type/update': 2, 'work_schedule/schedule/create': 1 },
      'sync 2 leave types, 1 schedule',
    ],
    [{ odd: 3 }, 'sync 3 odds'],
  ])('of %j is “%s”', (counts, summary) => {
    expect(describeCounts(counts)).toBe(summary);
  });
});

describe('the details of what runs beside it', () => {
  it('say the step of a reconciliation, why it waits and until when', () => {
    const step = { step: 'read absences', reconciliationId: 'r1' };

    expect(describeReconciliation({ ...step, waits: 0 })).toContain('**read absences**');
    const waiting = describeReconciliation({ ...step, waits: 2, trouble: 'rate_limited', nextAt: at });
    expect(waiting).toContain('**read absences, waits after rate_limited**');
    expect(waiting).toContain('| Next try | 2026-11-22T12:00:00.000Z |');
    expect(waiting).toMatch(/^Safe: /m);
  });

  it('say how far a replay is', () => {
    const progress = { ended: null, count: 10_000, done: 500, succeeded: 490, failed: 10 };

    expect(describeReplay({ replayId: 'p1', progress: null, waits: 0 })).toContain('| Done | – |');
    const text = describeReplay({ replayId: 'p1', progress, waits: 0 });
    expect(text).toContain('| Done | 500 of 10000 |');
    expect(text).toContain('| Failed again | 10 |');
    expect(text).toMatch(/^Safe: /m);
  });
});
