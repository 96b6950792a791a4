import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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
    ['says nothing of them where a row comes twice in the place of another', { ids: ['1', '1'] }, []],
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

// A listing that goes wrong in every way that Factorial's could, and the two questions that guard against it: is the sweep whole,
// and does an answer to named ids leave them out. Played as `activities/reconciliation.ts` does.

/** How one answer is broken. */
type Flaw =
  | { readonly is: 'good' }
  /** The first rows are left out; the total is not changed. */
  | { readonly is: 'short'; readonly by: number }
  | { readonly is: 'empty'; readonly total: 'nothing' | 'true' }
  /** The page before once more. */
  | { readonly is: 'repeated' }
  | { readonly is: 'miscounted'; readonly by: number }
  /** Says that it is the last page. */
  | { readonly is: 'ended' }
  /** One row has no id that could be read. */
  | { readonly is: 'nameless' }
  /** A row comes twice, in the place of another. */
  | { readonly is: 'doubled' }
  /** While the page is asked for, the row at this place goes or one comes. */
  | { readonly is: 'changing'; readonly at: number; readonly comes: boolean };

const flaws: fc.Arbitrary<Flaw> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Flaw>({ is: 'good' }) },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('short' as const), by: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('empty' as const),
      total: fc.constantFrom('nothing' as const, 'true' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('miscounted' as const), by: fc.integer({ min: -9, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Flaw>(
      { is: 'repeated' },
      { is: 'ended' },
      { is: 'nameless' },
      { is: 'doubled' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('changing' as const),
      at: fc.nat({ max: 40 }),
      comes: fc.boolean(),
    }),
  },
);

interface Listed {
  readonly ids: readonly string[];
  readonly nameless: number;
  readonly total: number;
  readonly nextCursor: number | null;
}

const pageSize = 4;
const idOf = (row: number): string => String(row).padStart(3, '0');

/** Factorial's side: rows by ascending id, of which some come and go. */
class Listing {
  readonly there: Set<string>;
  private last: Listed | null = null;

  constructor(rows: readonly number[]) {
    this.there = new Set(rows.map(idOf));
  }

  answer(matching: (id: string) => boolean, cursor: number, flaw: Flaw): Listed {
    if (flaw.is === 'changing') {
      if (flaw.comes) this.there.add(idOf(flaw.at));
      else this.there.delete(idOf(flaw.at));
    }
    // What repeats is a page of the same list. A stale answer to another question about other ids nobody could tell.
    if (cursor < 0) this.last = null;
    const all = [...this.there].filter(matching).toSorted();
    const from = all.filter((id) => Number(id) > cursor);
    const page = from.slice(0, pageSize);
    const hasMore = from.length > pageSize && page.length > 0;
    const good: Listed = {
      ids: page,
      nameless: 0,
      total: all.length,
      nextCursor: hasMore ? Number(page.at(-1)) : null,
    };
    const broken = this.breaking(good, flaw);
    this.last = broken;
    return broken;
  }

  private breaking(good: Listed, flaw: Flaw): Listed {
    const { ids } = good;
    switch (flaw.is) {
      case 'good':
      case 'changing':
        return good;
      case 'short':
        return { ...good, ids: ids.slice(flaw.by) };
      case 'empty':
        return { ids: [], nameless: 0, total: flaw.total === 'nothing' ? 0 : good.total, nextCursor: null };
      case 'repeated':
        return this.last ?? good;
      case 'miscounted':
        return { ...good, total: Math.max(0, good.total + flaw.by) };
      case 'ended':
        return { ...good, nextCursor: null };
      case 'nameless':
        return ids.length === 0 ? good : { ...good, ids: ids.slice(1), nameless: 1 };
      case 'doubled':
        return ids.length < 2 ? good : { ...good, ids: [...ids.slice(1), ids.at(-1) ?? ''] };
    }
  }
}

interface Deleted {
  readonly id: string;
  /** Whether it was there when it was asked for. */
  readonly wasThere: boolean;
}

/** What a reconciliation would delete of `stored`; each flaw befalls one answer. */
function deletedOf(listing: Listing, stored: readonly string[], broken: readonly Flaw[]): Deleted[] {
  let answers = 0;
  const ask = (matching: (id: string) => boolean, cursor: number): Listed => {
    const flaw = broken[answers] ?? { is: 'good' };
    answers += 1;
    return listing.answer(matching, cursor, flaw);
  };
  const listed = new Set<string>();
  let total: number | null = null;
  let isSteady = true;
  for (let cursor: number | null = -1; cursor !== null;) {
    const page: Listed = ask(() => true, cursor);
    const before = listed.size;
    for (const id of page.ids) listed.add(id);
    isSteady &&= total === null || total === page.total;
    ({ total, nextCursor: cursor } = page);
    if (listed.size === before && cursor !== null) return []; // it leads round in a circle
  }
  const facts: SweepFacts = { tokenOwner: 'company', sameOwner: true, listed: listed.size, total, isSteady };
  if (judgeSweep(facts) !== 'proves') return [];
  const [known] = listed;
  const missing = stored.filter((id) => !listed.has(id));
  return missing.flatMap((id) => {
    const asked = [known ?? '', id];
    const { nextCursor, ...answer } = ask((one) => asked.includes(one), -1);
    const silent = unanswered(asked, { ...answer, hasMore: nextCursor !== null });
    if (silent.includes(known ?? '')) return [];
    return silent.map((one) => ({ id: one, wasThere: listing.there.has(one) }));
  });
}

describe('a broken listing', () => {
  const rows = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 20 });

  it('deletes nothing that is there, whatever is wrong with it', () => {
    fc.assert(
      fc.property(rows, rows, fc.array(flaws, { maxLength: 12 }), (there, stored, broken) => {
        const deleted = deletedOf(new Listing(there), stored.map(idOf), broken);

        expect(deleted.filter(({ wasThere }) => wasThere)).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  });

  it('that is not broken deletes exactly what is gone, unless nothing is left', () => {
    fc.assert(
      fc.property(rows, rows, (there, stored) => {
        const listing = new Listing(there);

        const deleted = deletedOf(listing, stored.map(idOf), []).map(({ id }) => id);

        const gone = stored.map(idOf).filter((id) => !listing.there.has(id));
        expect(deleted.toSorted()).toEqual(there.length === 0 ? [] : gone.toSorted());
      }),
    );
  });
});
