import { describe, expect, it } from '@jest/globals';
import { announcedWait, waitAfterLimit } from './retry-after.ts';

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('waitAfterLimit', () => {
  it.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '17' }, 17_000],
    ['a fraction of seconds', { 'retry-after': '1.5' }, 1_500],
    ['an HTTP date', { 'retry-after': 'Sun, 22 Nov 2026 12:02:00 GMT' }, 120_000],
    ['an ISO date', { 'ratelimit-reset': '2026-11-22T12:00:05.000Z' }, 5_000],
    [
      'a date against the server clock',
      { date: 'Sun, 22 Nov 2026 11:00:00 GMT', 'retry-after': 'Sun, 22 Nov 2026 11:00:40 GMT' },
      40_000,
    ],
    ['seconds until the reset', { 'ratelimit-reset': '12' }, 12_000],
    ['an epoch in seconds', { 'x-ratelimit-reset': String(nowMs / 1000 + 45) }, 45_000],
    ['an epoch in milliseconds', { 'x-ratelimit-reset': String(nowMs + 9_000) }, 9_000],
    ['seconds after which to ask', { 'x-ratelimit-reset-after': '3' }, 3_000],
    ['the older combined header', { ratelimit: 'limit=200, remaining=0, reset=21' }, 21_000],
    ['the newer combined header', { ratelimit: '"default";r=0;t=22' }, 22_000],
    ['Retry-After before the reset', { 'ratelimit-reset': '50', 'retry-after': '7' }, 7_000],
    ['the reset where Retry-After is nonsense', { 'ratelimit-reset': '50', 'retry-after': 'soon' }, 50_000],
    ['nothing', {}, 30_000],
    ['a negative number', { 'retry-after': '-5' }, 30_000],
    ['an empty header', { 'retry-after': '' }, 30_000],
    ['words', { 'retry-after': 'a while' }, 30_000],
    ['now', { 'retry-after': '0' }, 1_000],
    ['a date in the past', { 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 1_000],
    ['more than an hour', { 'retry-after': '86400' }, 3_600_000],
    ['an absurd number', { 'retry-after': '9'.repeat(400) }, 3_600_000],
  ])('waits as long as told by %s', (_case, headers, expectedMs) => {
    expect(waitAfterLimit(new Headers(headers), nowMs)).toBe(expectedMs);
  });

  it('knows the difference between a wait of 30 s and no word about it', () => {
    expect(announcedWait(new Headers(), nowMs)).toBeNull();
  });
});
