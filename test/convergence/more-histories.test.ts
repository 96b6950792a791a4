import { expect, test } from '@jest/globals';
import { playHistories } from './histories.ts';

/** The other half of those that are always the same: beside the first, in a process of its own. */
const runs = 150;

test('after any other history, once all is quiet and one reconciliation has run, WorkMeter equals what Factorial says', async () => {
  const { played, failure } = await playHistories({ runs, seed: 2 });

  expect(failure).toBeNull();
  expect(played).toBe(runs);
}, 1_800_000);
