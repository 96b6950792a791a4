import { describe, expect, it } from '@jest/globals';
import { isBraked, judgeSweep, unanswered } from './sweep.ts';
import type { NamedAnswer, SweepFacts, SweepVerdict } from './sweep.ts';

/** A sweep that has nothing wrong with it. */
const sound: SweepFacts = {
  tokenOwner: 'company',
  sameOwner: true,
  listed: 40,
  total: 40,
  isSteady: true,
};

describe('a sweep', () => {
  it.each<[string, Partial<SweepFacts>, SweepVerdict]>([
    ['proves what it did not list when it is complete', {}, 'proves'],
    ['proves it for a single row too', { listed: 1, total: 1 }, 'proves'],
    ['proves nothing with a user’s token', { tokenOwner: 'user' }, 'proves_nothing'],
    ['proves nothing when the token’s owner or company changed', { sameOwner: false }, 'proves_nothing'],
    ['proves nothing when Factorial has none at all', { listed: 0, total: 0 }, 'proves_nothing'],
    ['proves nothing without a total', { total: null }, 'proves_nothing'],
    [
      'proves nothing when the total is missing at the end',
      { total: null, isSteady: false },
      'proves_nothing',
    ],
    ['is unstable when it listed one too few', { listed: 39 }, 'unstable'],
    ['is unstable when it listed one too many', { listed: 41 }, 'unstable'],
    ['is unstable when the total changed on the way', { isSteady: false }, 'unstable'],
    ['is unstable when nothing was listed of a total', { listed: 0 }, 'unstable'],
    ['is unstable with a user’s token too', { tokenOwner: 'user', listed: 39 }, 'unstable'],
  ])('%s', (_what, changes, verdict) => {
    expect(judgeSweep({ ...sound, ...changes })).toBe(verdict);
  });
});

describe('an answer to a request for named ids', () => {
  const whole: NamedAnswer = { ids: ['1', '3'], nameless: 0, total: 2, hasMore: false };

  it.each<[string, Partial<NamedAnswer>, string[]]>([
    ['is silent about those that it leaves out', {}, ['2', '4']],
    ['is so without a total, too', { total: null }, ['2', '4']],
    ['is silent about all where it is empty', { ids: [], total: 0 }, ['1', '2', '3', '4']],
    ['says nothing of them where there is more to come', { hasMore: true }, []],
    ['says nothing of them where it is shorter than it says', { total: 3 }, []],
    ['says nothing of them where it is longer than it says', { total: 1 }, []],
    ['says nothing of them where a row has no readable id', { nameless: 1 }, []],
  ])('%s', (_what, changes, silent) => {
    expect(unanswered(['1', '2', '3', '4'], { ...whole, ...changes })).toEqual(silent);
  });
});

describe('the brake', () => {
  const usual = { percent: 10, count: 3 };

  it.each([
    ['lets nothing through as nothing', 0, 40, usual, false],
    ['has nothing to hold of nothing', 0, 0, usual, false],
    ['lets one of many go', 1, 40, usual, false],
    ['lets as many go as the count, however small the kind', 3, 4, usual, false],
    ['lets exactly ten percent go', 4, 40, usual, false],
    ['holds one more than ten percent', 5, 40, usual, true],
    ['holds the fraction of a row over ten percent', 4, 39, usual, true],
    ['lets many go that are few percent', 100, 1_000, usual, false],
    ['holds many that are over it', 101, 1_000, usual, true],
    ['holds the only one: it would empty the kind', 1, 1, usual, true],
    ['holds all of a few: it would empty the kind', 3, 3, usual, true],
    ['holds all of many', 40, 40, usual, true],
    ['holds more than there were', 5, 4, usual, true],
    ['holds everything over the count at zero percent', 4, 1_000, { percent: 0, count: 3 }, true],
    ['holds a single one at zero and zero', 1, 1_000, { percent: 0, count: 0 }, true],
    ['at a hundred percent still holds what empties a kind', 10, 10, { percent: 100, count: 3 }, true],
    ['at a hundred percent lets all but one go', 9, 10, { percent: 100, count: 3 }, false],
  ])('%s: %i of %i', (_what, missing, of, settings, held) => {
    expect(isBraked(missing, of, settings)).toBe(held);
  });
});
