import { test } from './test.mjs';
import { wholeNumbers } from './whole-numbers.mjs';

/**
 * Expiries of tokens with workers that die in the middle: `--runs` (1000) with crashes at named points, from `--seed` (7), in
 * each of Factorial's two modes, and `--kills` (50) with a real worker process and SIGKILL.
 */
export async function expiries(args) {
  const { runs, seed, kills } = wholeNumbers(args, { runs: 1000, seed: 7, kills: 50 });
  const files = [
    ...(runs > 0 ? ['test/connection/expiries.test.ts'] : []),
    ...(kills > 0 ? ['test/connection/kill-refresh.test.ts'] : []),
  ];
  if (files.length === 0) throw new Error('Nothing to do: --runs and --kills are both 0');
  return await test([...files, '--globals', JSON.stringify({ expiries: { runs, seed, kills } })]);
}
