import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startSimulator } from '../../simulator/server.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectedDays, expectedFacts, storedDays, storedFacts } from './expected.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { allowRedirect, Player } from './player.ts';
import { histories } from './steps.ts';

/** Enough to meet every kind of step many times; the long run is for `npm run test:convergence`. */
const runs = 15;
const longest = 30;

installQuietRuntime();

let simulator: Awaited<ReturnType<typeof startSimulator>>;
let testDatabase: TestDatabase;
let db: Database;

beforeAll(async () => {
  simulator = await startSimulator({ seed: { people: 1, absences: 1, locations: 1 } });
  await allowRedirect(simulator.url);
  testDatabase = await createTestDatabase();
  db = createDatabase(testDatabase.url, 5);
});

afterAll(async () => {
  await db.$disconnect();
  await testDatabase.drop();
  await simulator.close();
});

test('after any history, once all is quiet and one reconciliation has run, WorkMeter equals what Factorial says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1_000 }), histories(longest), async (seed, steps) => {
      const player = new Player({ db, factorialUrl: simulator.url });
      await player.begin(seed);
      for (const step of steps) await player.play(step);
      await player.settle();
      expect(await storedFacts(player)).toEqual(await expectedFacts(player));
      expect(await storedDays(player)).toEqual(await expectedDays(player));
    }),
    { numRuns: runs, endOnFailure: false, interruptAfterTimeLimit: 240_000 },
  );
}, 300_000);
