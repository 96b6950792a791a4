import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRandom } from '../../simulator/random.ts';
import {
  crashPoints,
  crashWhileRenewing,
  createActivityBench,
  type ActivityBench,
  type CrashPoint,
} from './activity-bench.ts';

/** The long run: `npm run test:expiries -- --runs 1000 --seed 7`, in each of Factorial's two modes. */
const { runs = 60, seed = Date.now() % 100_000 } =
  (globalThis as { expiries?: { runs?: number; seed?: number } }).expiries ?? {};
const tenantCount = 10;
const perExpiryMs = 2_000;

/** Only a worker's memory has the new pair here. */
const window: CrashPoint = 'after the answer, before the commit';
/** Where the lease of the dead is still in the way for half a minute. */
const leased: readonly CrashPoint[] = ['after the lease', window];

let bench: ActivityBench;
beforeAll(async () => {
  bench = await createActivityBench();
});
afterAll(async () => {
  await bench?.close();
});

it.each(['onFirstUse', 'immediate'] as const)(
  `${runs} expiries, each with a worker that dies (seed ${seed}): one pair each, lost in the window alone and only where the old token dies at once (%s)`,
  async (mode) => {
    bench.simulator.world.switches.refreshRevocation = mode;
    const random = createRandom(seed);
    const points = Array.from({ length: runs }, () => random.pick(crashPoints));
    const outcomes = await Promise.all(
      Array.from({ length: tenantCount }, async (_each, index) => {
        const tenantId = `${mode}-${index}`;
        await bench.connect(tenantId);
        const own: string[] = [];
        for (const point of points.filter((_point, number) => number % tenantCount === index))
          own.push(`${point}: ${await expire(tenantId, point)}`);
        expect((await bench.card(tenantId)).status).toBe('connected');
        return own;
      }),
    );

    const wanted = points.map((point) => {
      if (point !== window) return `${point}: one exchange, one pair`;
      return `${point}: ${mode === 'immediate' ? 'lost' : 'two exchanges, one pair'}`;
    });
    expect(outcomes.flat().toSorted()).toEqual(wanted.toSorted());
  },
  60_000 + runs * perExpiryMs,
);

/** One expiry whose worker dies at `point`, and the worker after it: what it cost. */
async function expire(tenantId: string, point: CrashPoint): Promise<string> {
  const before = await bench.tokens(tenantId);
  const input = { generation: before.generation, tokenVersion: before.version };
  await crashWhileRenewing(bench, tenantId, input, point);
  if (leased.includes(point)) {
    // The next worker cannot know that this one is dead before its lease has run out.
    expect((await bench.renew(tenantId, input)).outcome).toBe('later');
    await bench.letLeaseRunOut(tenantId);
  }
  const outcome = await bench.renew(tenantId, input);
  const exchanges = bench.exchanges.get(before.refreshToken ?? '') ?? 0;
  if (outcome.outcome === 'dead') {
    expect(exchanges).toBe(2); // the second one found out
    await bench.connect(tenantId, { kind: 'reauthorize' });
    return 'lost';
  }
  const after = await bench.tokens(tenantId);
  expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: before.version + 1 });
  expect(after.version).toBe(before.version + 1);
  // The first use ends the old pair; the new one must be what Factorial knows.
  expect(bench.simulator.world.tokens.use(after.accessToken)).not.toBeNull();
  return `${exchanges === 1 ? 'one exchange' : 'two exchanges'}, one pair`;
}
