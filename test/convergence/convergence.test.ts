import { expect, test } from '@jest/globals';
import { playHistories } from './histories.ts';
import { pinned } from './pinned.ts';

/** Always the same ones, as many again in `more-histories.test.ts`; others, and more, by `npm run test:convergence -- --runs N --seed S`. */
const runs = 150;

test('after any history, once all is quiet and one reconciliation has run, WorkMeter equals what Factorial says', async () => {
  const { played, failure } = await playHistories({ runs, seed: 1, examples: pinned });

  expect(failure).toBeNull();
  expect(played).toBe(runs);
}, 1_800_000);
