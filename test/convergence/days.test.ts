import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expectedDay } from '../../domain/day.ts';
import { dayCases, disagreement } from './days.ts';
import { mutations } from './mutations.ts';
import { plant } from './plant.ts';

/** Always the same days: what they show, they show each time. */
const days = fc.sample(dayCases, { seed: 1, numRuns: 5_000 });

it('any day is what the rules say, told in another way', () => {
  expect(days.flatMap((day) => disagreement(expectedDay, day) ?? [])).toEqual([]);
});

it.each(mutations.filter(({ file }) => file === 'domain/day.ts'))(
  '$name: is seen by comparing days',
  async (mutation) => {
    const { copy } = plant(mutation);
    try {
      const changed = (await import(copy)) as { expectedDay: typeof expectedDay };

      const isSeen = days.some((day) => disagreement(changed.expectedDay, day) !== null);

      expect(isSeen).toBe(true);
    } finally {
      rmSync(fileURLToPath(copy));
    }
  },
);
