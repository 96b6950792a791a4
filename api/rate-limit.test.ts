import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

let nowMs: number;
let limit: RateLimit;
beforeEach(() => {
  nowMs = 1_000;
  limit = createRateLimit({ perSecond: 2, burst: 3, maxKeys: 2 }, () => nowMs);
});
const takeMany = (key: string, count: number) => Array.from({ length: count }, () => limit.take(key));

describe('a rate limit', () => {
  it('lets a burst through, then says how long to wait', () => {
    expect(takeMany('a', 4)).toEqual([0, 0, 0, 500]);
  });

  it('takes nothing from those it makes wait', () => {
    takeMany('a', 20);
    nowMs += 500;
    expect(takeMany('a', 2)).toEqual([0, 500]);
  });

  it('fills up with time, to the burst and no further', () => {
    takeMany('a', 3);
    nowMs += 60_000;
    expect(takeMany('a', 4)).toEqual([0, 0, 0, 500]);
  });

  it('gives each key a bucket of its own', () => {
    takeMany('a', 4);
    expect(limit.take('b')).toBe(0);
  });

  it('forgets who has rested before who has not, to stay small', () => {
    limit.take('rested');
    nowMs += 60_000;
    takeMany('busy', 3);
    limit.take('new');
    expect(limit.take('busy')).toBe(500);
  });

  it('forgets the oldest when all are busy', () => {
    takeMany('first', 3);
    takeMany('second', 3);
    limit.take('third');
    expect(limit.take('second')).toBe(500);
    expect(limit.take('first')).toBe(0);
  });
});
