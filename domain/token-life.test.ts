import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMs, refreshDueAt, tokenStatus } from './token-life.ts';
import type { TokenLife, TokenStatus } from './token-life.ts';
import type { ConnectionStatus } from './connection-machine.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-11-22T12:00:00Z');

/** A pair obtained at `start`. */
function makeLife(lifeMs: number | null, changes: Partial<TokenLife> = {}): TokenLife {
  return {
    obtainedAt: new Date(start),
    expiresAt: lifeMs === null ? null : new Date(start + lifeMs),
    hasRefreshToken: true,
    refreshFailingSince: null,
    ...changes,
  };
}

describe('a refresh', () => {
  it.each([
    // life, earliest and latest moment after it began: margin 10 % (at least 5 minutes, at most half), jitter up to 2 minutes
    ['an hour', hourMs, 52 * minuteMs, 54 * minuteMs],
    ['two hours', 2 * hourMs, 106 * minuteMs, 108 * minuteMs],
    ['twenty minutes', 20 * minuteMs, 14 * minuteMs, 15 * minuteMs],
    ['four minutes', 4 * minuteMs, 1.8 * minuteMs, 2 * minuteMs],
    ['a week', 7 * dayMs, dayMs, dayMs],
    ['no time at all', 0, 0, 0],
  ])('of a token that lives %s is due in its time', (_life, lifeMs, earliest, latest) => {
    for (const tenantId of ['acme', 'zeta', 'tenant-3']) {
      const dueAt = refreshDueAt(tenantId, makeLife(lifeMs)) ?? Number.NaN;
      expect(dueAt - start).toBeGreaterThanOrEqual(earliest);
      expect(dueAt - start).toBeLessThanOrEqual(latest);
    }
  });

  it('of a token that does not expire is due daily', () => {
    expect(refreshDueAt('acme', makeLife(null))).toBe(start + dayMs);
  });

  it('is never due without a refresh token', () => {
    expect(refreshDueAt('acme', makeLife(hourMs, { hasRefreshToken: false }))).toBeNull();
  });

  it('is due at its own moment for each tenant, and always the same one', () => {
    const moments = Array.from({ length: 50 }, (_, number) =>
      refreshDueAt(`tenant-${number}`, makeLife(hourMs)),
    );

    expect(moments).toEqual(moments.map((_, number) => refreshDueAt(`tenant-${number}`, makeLife(hourMs))));
    expect(new Set(moments).size).toBeGreaterThan(40);
  });

  it('is always due within the life of the token and within a day', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 30 * dayMs }), (tenantId, lifeMs) => {
        const afterMs = (refreshDueAt(tenantId, makeLife(lifeMs)) ?? Number.NaN) - start;

        expect(afterMs).toBeGreaterThanOrEqual(0);
        expect(afterMs).toBeLessThanOrEqual(Math.min(lifeMs, dayMs));
      }),
    );
  });
});

describe('the status of a token', () => {
  const at = (afterMs: number): number => start + afterMs;
  const failing = { refreshFailingSince: new Date(at(40 * minuteMs)) };

  it.each<[string, ConnectionStatus, TokenLife | null, number, TokenStatus | null]>([
    ['null before anything is connected', 'not_connected', null, at(0), null],
    ['null while pending, also with a pair left over', 'pending', makeLife(hourMs), at(0), null],
    ['null while authorizing', 'authorizing', makeLife(hourMs), at(0), null],
    ['null after a disconnect', 'disconnected', makeLife(hourMs), at(0), null],
    ['null while connected without a pair', 'connected', null, at(0), null],
    ['invalid_or_expired while expired', 'expired', makeLife(hourMs), at(0), 'invalid_or_expired'],
    ['invalid_or_expired while expired without a pair', 'expired', null, at(0), 'invalid_or_expired'],
    ['correct for a fresh pair', 'connected', makeLife(hourMs), at(0), 'correct'],
    ['correct until the last millisecond', 'connected', makeLife(hourMs), at(hourMs - 1), 'correct'],
    [
      'refresh_recommended once the access token has run out',
      'connected',
      makeLife(hourMs),
      at(hourMs),
      'refresh_recommended',
    ],
    [
      'correct while a refresh fails in the first half',
      'connected',
      makeLife(hourMs, failing),
      at(30 * minuteMs - 1),
      'correct',
    ],
    [
      'refresh_recommended when it fails in the second half',
      'connected',
      makeLife(hourMs, failing),
      at(45 * minuteMs),
      'refresh_recommended',
    ],
    [
      'refresh_recommended when it fails from half of the life on',
      'connected',
      makeLife(hourMs, failing),
      at(30 * minuteMs),
      'refresh_recommended',
    ],
    ['correct for a refresh token of 5 days', 'connected', makeLife(null), at(5 * dayMs), 'correct'],
    [
      'refresh_recommended for a refresh token over 5 days',
      'connected',
      makeLife(null),
      at(5 * dayMs + 1),
      'refresh_recommended',
    ],
    [
      'correct for an old token that neither expires nor refreshes',
      'connected',
      makeLife(null, { hasRefreshToken: false }),
      at(400 * dayMs),
      'correct',
    ],
    [
      'refresh_recommended for one without refresh token that ran out',
      'connected',
      makeLife(hourMs, { hasRefreshToken: false }),
      at(2 * hourMs),
      'refresh_recommended',
    ],
  ])('is %s', (_what, status, life, nowMs, wanted) => {
    expect(tokenStatus(status, life, nowMs)).toBe(wanted);
  });
});

describe('the wait before the next try', () => {
  it.each([
    [0, 5_000],
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [10, 2_560_000],
    [11, 3_600_000],
    [5_000, 3_600_000],
  ])('after %i failures is %i ms', (failures, waitMs) => {
    expect(backOffMs(failures)).toBe(waitMs);
  });

  it('lets at most twelve tries fall into any hour, whatever asks for them', () => {
    let elapsed = 0;
    let tries = 0;
    while (elapsed < hourMs) {
      tries += 1;
      elapsed += backOffMs(tries);
    }

    expect(tries).toBeLessThanOrEqual(12);
  });
});
