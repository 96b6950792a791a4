import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { faultSchema } from '../simulator/faults.ts';
import { createActivityBench, type ActivityBench } from '../test/connection/activity-bench.ts';

/** A look at the subscriptions that fails in the middle: on a real database and a listening simulator. */

let bench: ActivityBench;
let tenantId: string;
beforeAll(async () => {
  bench = await createActivityBench();
}, 60_000);
afterAll(async () => {
  await bench?.close();
});
beforeEach(async () => {
  tenantId = `t-${randomUUID().slice(0, 8)}`;
  await bench.connect(tenantId);
  await bench.ensureSubscriptions(tenantId);
  bench.simulator.world.faults.clear();
});

/** Switches the first ones off, as Factorial does after failed deliveries. */
function switchOff(count: number): void {
  for (const row of bench.companyOf(tenantId).subscriptions.all().slice(0, count)) row.enabled = false;
}

/** One of the requests that put subscriptions right has its effect, and its answer is lost. */
function loseAnswer(skip: number): void {
  const request = { method: 'PUT', path: 'webhook_subscriptions', skip };
  bench.simulator.world.faults.add(faultSchema.parse({ kind: 'cut', when: 'after', ...request }));
}

const queued = async (): Promise<string[]> =>
  (await bench.db.reconciliation.findMany({ where: { tenantId } })).map(
    ({ trigger, status }) => `${trigger} ${status}`,
  );

it('a look that puts nothing right queues nothing', async () => {
  expect(await bench.ensureSubscriptions(tenantId)).toMatchObject({ active: 19, repaired: 0 });
  expect(await queued()).toEqual([]);
});

it('one that was switched on again counts, also where the answer to that was lost', async () => {
  switchOff(1);
  loseAnswer(0);
  await expect(bench.ensureSubscriptions(tenantId)).rejects.toMatchObject({ code: 'factorial_unreachable' });

  expect(await bench.ensureSubscriptions(tenantId)).toMatchObject({ active: 19, repaired: 1 });
  expect(await queued()).toEqual(['gap queued']);
});

it('what one that is on again did not tell of is caught up, whatever fails after it', async () => {
  switchOff(2);
  loseAnswer(1);

  await expect(bench.ensureSubscriptions(tenantId)).rejects.toMatchObject({ code: 'factorial_unreachable' });

  expect(await queued()).toEqual(['gap queued']);
});
