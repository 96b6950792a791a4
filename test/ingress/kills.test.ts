import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { createRandom, type Random } from '../../simulator/random.ts';
import { actualCalendars, differences, expectedCalendars, horizonOf } from '../support/oracle.ts';
import { reconcile, settleIn, waitUntilComputed } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { changeFactorial, changeWorkMeter } from './support/happenings.ts';
import { createMortalWorld, mortals, type Mortal, type MortalWorld } from './support/mortal-world.ts';
import { lostDeliveries, sendCopies, type Sender } from './support/senders.ts';
import { differentFacts } from './support/stored-facts.ts';

/** The long run: `npm run test:kills -- --seconds 600 --seed 7`. */
const asked = (globalThis as { kills?: { seconds: number; seed: number } }).kills;
const { seconds, seed } = asked ?? { seconds: 8, seed: 1 };

/** A dead worker is noticed when its activity's heartbeat stays away, and a lost ring after a minute. */
const drainTimeoutMs = 180_000;
/** Factorial waits this much shorter between the attempts of a delivery. */
const retryClockFactor = 20;
const longestHistory = 2_000;
/** A cluster, a Temporal server and two processes start, on a machine that may be busy. */
const setUpTimeoutMs = 300_000;

let world: MortalWorld;
beforeAll(async () => {
  world = await createMortalWorld({
    seed: { people: 8, absences: 30, locations: 2, seed },
    env: { LOG_LEVEL: 'warn' },
  });
}, setUpTimeoutMs);
afterAll(async () => {
  await world?.close();
}, setUpTimeoutMs);

/**
 * One round: everybody dies once, in any order, and is away for a while. Follows from the seed alone. Deaths overlap; before
 * the next round everybody is back, however slow the machine.
 */
function* roundOf(random: Random): Generator<{ afterMs: number; victim: Mortal; downMs: number }> {
  const left: Mortal[] = [...mortals];
  while (left.length > 0) {
    const [victim] = left.splice(random.between(0, left.length - 1), 1);
    if (victim !== undefined)
      yield { victim, afterMs: random.between(200, 2_000), downMs: random.between(0, 2_000) };
  }
}

it(
  `${seconds} s of SIGKILL for API, worker, Temporal and PostgreSQL (seed ${seed}): what was accepted has an outcome, and WorkMeter equals Factorial`,
  async () => {
    await settleIn(world, drainTimeoutMs);
    await world.factorial('PUT', 'switches', { retryClockFactor, parallelDeliveries: 4 });

    const sender = await killUnderLoad();
    await world.whole();
    await deliverTheRest();
    await waitUntilComputed(world, drainTimeoutMs);

    // Before any reconciliation has repaired anything.
    expect(await lostDeliveries(world, sender)).toEqual([]);
    expect([...sender.answers.keys()].filter((status) => !['200', '503', 'none'].includes(status))).toEqual(
      [],
    );
    expect(await differentFacts(world)).toEqual([]);
    expect(differences(await actualCalendars(world), await expectedCalendars(world))).toEqual([]);
    const { status, verified, drift } = await reconcile(world);
    expect({ status, verified }).toEqual({ status: 'completed', verified: true });
    expect(Object.values(drift).flatMap(Object.values).filter(Boolean)).toEqual([]);
    expect(await world.db.failure.count({ where: { status: { not: 'resolved' } } })).toBe(0);
    expect(await lengthOfHistory()).toBeLessThan(longestHistory);
  },
  (seconds * 3 + 60) * 1_000 + 4 * drainTimeoutMs,
);

/** Everything goes on while everybody dies. */
async function killUnderLoad(): Promise<Sender> {
  const { today } = await horizonOf(world);
  let over = false;
  const isOver = (): boolean => over;
  const happening = Promise.all([
    sendCopies(world, createRandom(seed + 1), { lanes: 4, pauseMs: 15, isOver }),
    changeFactorial(world, createRandom(seed + 2), { today, isOver }),
    changeWorkMeter(world, createRandom(seed + 3), { today, isOver }),
  ]);
  const random = createRandom(seed);
  const endAt = performance.now() + seconds * 1_000;
  let rounds = 0;
  try {
    for (; performance.now() < endAt; rounds += 1) {
      for (const { afterMs, victim, downMs } of roundOf(random)) {
        await Promise.race([sleep(afterMs), happening]);
        await world.kill(victim, downMs);
      }
      await Promise.race([world.whole(), happening]);
    }
  } finally {
    over = true;
  }
  const [sender, inFactorial, inWorkMeter] = await happening;
  if (inFactorial === 0 || inWorkMeter === 0) throw new Error('Nothing has happened.');
  if (asked !== undefined) {
    const answers = JSON.stringify(Object.fromEntries(sender.answers));
    const restarts = JSON.stringify(world.endedThemselves);
    process.stdout.write(
      `${rounds} rounds of kills, ${inFactorial} changes in Factorial, ${inWorkMeter} in WorkMeter; copies answered: ${answers}; ended by themselves: ${restarts}\n`,
    );
  }
  return sender;
}

/** Factorial's clock moves on to the next attempts of whatever was not taken. */
async function deliverTheRest(): Promise<void> {
  await waitFor(
    'Factorial to be rid of its deliveries',
    async () => {
      await world.factorial('POST', 'clock', { advance_ms: 2_000 });
      await world.factorial('POST', 'deliveries/settle', { timeout_ms: 20_000 });
      const pending = await world.factorial<unknown[]>('GET', 'deliveries?status=pending');
      return pending.length === 0;
    },
    drainTimeoutMs,
  );
}

/** Of the connection's current run. */
async function lengthOfHistory(): Promise<number> {
  const handle = world.temporal.client.workflow.getHandle(connectionWorkflowId(world.tenantId));
  const { historyLength, status } = await handle.describe();
  expect(status.name).toBe('RUNNING');
  return historyLength;
}
