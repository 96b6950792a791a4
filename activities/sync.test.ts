import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { faultSchema } from '../simulator/faults.ts';
import { createActivityBench, run, type ActivityBench } from '../test/connection/activity-bench.ts';
import { createSyncActivities } from './sync.ts';

/** A drain in which something fails, on a real database and a listening simulator. */

let bench: ActivityBench;
beforeAll(async () => {
  bench = await createActivityBench();
}, 60_000);
afterAll(async () => {
  await bench?.close();
});

it('tells of a delivery about our subscriptions also where another kind could not be read at first', async () => {
  const tenantId = `t-${randomUUID().slice(0, 8)}`;
  const { generation } = await bench.connect(tenantId);
  const delivery = { tenantId, generation, bodyHash: 'h' };
  await bench.db.inboxRow.createMany({
    data: [
      { ...delivery, topic: 'api_public/webhook_subscription/update', resourceId: '1' },
      { ...delivery, topic: 'timeoff/leave/delete', resourceId: '2' },
    ],
  });
  const drain = () =>
    run(createSyncActivities(bench.deps).drainInbox, { tenantId, generation, nowMs: Date.now() });
  const away = { kind: 'status', status: 503, path: '/timeoff/leaves' };
  bench.simulator.world.faults.add(faultSchema.parse(away));

  await expect(drain()).rejects.toMatchObject({ code: 'factorial_unreachable' });

  expect(await drain()).toMatchObject({ checkSubscriptions: true, left: 0, outcomes: { gone: 1 } });
});

it('tells of a delivery about our subscriptions until they were looked at, whatever answers are lost', async () => {
  const tenantId = `t-${randomUUID().slice(0, 8)}`;
  const { generation } = await bench.connect(tenantId);
  const topic = 'api_public/webhook_subscription/update';
  await bench.db.inboxRow.create({ data: { tenantId, generation, bodyHash: 'h', topic, resourceId: '1' } });
  const drain = () =>
    run(createSyncActivities(bench.deps).drainInbox, { tenantId, generation, nowMs: Date.now() });
  const outcomes = async () =>
    (await bench.db.inboxRow.findMany({ where: { tenantId } })).map((row) => row.outcome);

  const told = [await drain(), await drain()];
  const away = { kind: 'status', status: 503, path: '/webhook_subscriptions', times: 1 };
  bench.simulator.world.faults.add(faultSchema.parse(away));
  await expect(bench.ensureSubscriptions(tenantId)).rejects.toThrow();
  const before = [await outcomes(), (await drain()).checkSubscriptions];
  await bench.ensureSubscriptions(tenantId);

  expect(told).toMatchObject([
    { checkSubscriptions: true, left: 0 },
    { checkSubscriptions: true, left: 0 },
  ]);
  expect(before).toEqual([[null], true]);
  expect([await outcomes(), (await drain()).checkSubscriptions]).toEqual([['applied'], false]);
});
