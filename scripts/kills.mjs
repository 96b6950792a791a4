import { parseArgs } from 'node:util';
import { test } from './test.mjs';

/**
 * SIGKILL for API, worker, Temporal and PostgreSQL at random moments under load, for `--seconds` (120). `--seed` says who
 * dies when and what happens meanwhile; it is drawn, and told, unless given.
 */
export async function kills(args) {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } },
  });
  const [seconds, seed] = ['seconds', 'seed'].map((name) => {
    const text = values[name] ?? String(Math.floor(Math.random() * 100_000));
    if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} must be a whole number`);
    return Number(text);
  });
  process.stdout.write(`npm run test:kills -- --seconds ${seconds} --seed ${seed}\n`);
  return await test([
    'test/ingress/kills.test.ts',
    '--globals',
    JSON.stringify({ kills: { seconds, seed } }),
  ]);
}
