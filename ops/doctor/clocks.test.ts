import { describe, expect, it } from '@jest/globals';
import { judgeClock } from './clocks.ts';

const oursMs = { from: 1_000_000, to: 1_000_050 };
const reading = (earliest: number, latest = earliest) => ({
  of: 'it',
  shownMs: { earliest, latest },
  oursMs,
});

describe('judgeClock', () => {
  it.each([
    ['the same', reading(1_000_020)],
    ['a little behind', reading(996_000)],
    ['a little ahead', reading(1_005_000)],
    ['known only within a wide span', reading(900_000, 1_100_000)],
  ])('is content with a clock that is %s', (_what, given) => {
    expect(judgeClock(given).status).toBe('ok');
  });

  it('names how far a clock is behind', () => {
    expect(judgeClock(reading(880_000, 900_000))).toMatchObject({
      status: 'error',
      message: 'it is 100 s behind this host',
    });
  });

  it('names how far a clock is ahead', () => {
    expect(judgeClock(reading(1_060_050, 1_090_000)).message).toBe('it is 60 s ahead of this host');
  });
});
