import { parseArgs } from 'node:util';
import { test } from './test.mjs';

/**
 * Expiries of tokens with workers that die in the middle: `--runs` (1000) with crashes at named points, from `--seed` (7), in
 * each of Factorial's two modes, and `--kills` (50) with a real worker process and SIGKILL.
 */
export async function expiries(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '7' },
      kills: { type: 'string', default: '50' },
    },
  });
  const [runs, seed, kills] = ['runs', 'seed', 'kills'].map((name) => {
    if (!/^\d{1,6}$/.test(values[name])) throw new Error(`--${name} must be a whole number`);
    return Number(values[name]);
  });
  const files = [
    ...(runs > 0 ? ['test/connection/expiries.test.ts'] : []),
    ...(kills > 0 ? ['test/connection/kill-refresh.test.ts'] : []),
  ];
  if (files.length === 0) throw new Error('Nothing to do: --runs and --kills are both 0');
  return await test([...files, '--globals', JSON.stringify({ expiries: { runs, seed, kills } })]);
}
