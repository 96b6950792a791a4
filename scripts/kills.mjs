import { test } from './test.mjs';
import { wholeNumbers } from './whole-numbers.mjs';

/**
 * SIGKILL for API, worker, Temporal and PostgreSQL at random moments under load, for `--seconds` (120). `--seed` says who
 * dies when and what happens meanwhile; it is drawn, and told, unless given.
 */
export async function kills(args) {
  const drawn = Math.floor(Math.random() * 100_000);
  const { seconds, seed } = wholeNumbers(args, { seconds: 120, seed: drawn });
  process.stdout.write(`npm run test:kills -- --seconds ${seconds} --seed ${seed}\n`);
  return await test([
    'test/ingress/kills.test.ts',
    '--globals',
    JSON.stringify({ kills: { seconds, seed } }),
  ]);
}
