import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAbsenceTypes } from '../repositories/absence-type-rows.ts';
import { openFailures } from '../repositories/failures.ts';
import { createLeaveType } from '../simulator/actions/catalogue.ts';
import { createLeave } from '../simulator/actions/leaves.ts';
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

describe('an absence type that only an absence tells of', () => {
  async function takeNewKindOfLeave() {
    const tenantId = `t-${randomUUID().slice(0, 8)}`;
    const { generation } = await bench.connect(tenantId);
    const { world } = bench.simulator;
    const company = bench.companyOf(tenantId);
    const silently = { silent: true };
    const type = createLeaveType(world, company, { name: 'Sabbatical' }, silently);
    const leave = {
      employee_id: company.employees.all()[0]?.id ?? '',
      leave_type_id: type.id,
      start_on: new Date().toISOString().slice(0, 10),
      approved: true,
    };
    const hear = async () => {
      const { id: resourceId } = createLeave(world, company, leave, silently);
      const delivery = { tenantId, generation, bodyHash: 'h', topic: 'timeoff/leave/create', resourceId };
      await bench.db.inboxRow.create({ data: delivery });
      return await run(createSyncActivities(bench.deps).drainInbox, {
        tenantId,
        generation,
        nowMs: Date.now(),
      });
    };
    const list = async () =>
      (await listAbsenceTypes(bench.db, tenantId, { limit: 50, after: null }, Date.now())).rows;
    return { type, hear, list, open: () => openFailures(bench.db, tenantId) };
  }

  it('is on the list at once, with what waits for its mapping', async () => {
    const { type, hear, list } = await takeNewKindOfLeave();

    const { outcomes } = await hear();

    expect(outcomes).toEqual({ parked: 1 });
    expect(await list()).toMatchObject([
      { absenceTypeId: type.id, name: 'Sabbatical', status: 'to_be_mapped', parked: { absences: 1 } },
    ]);
  });

  it('holds up no absence where it gets no answer, and is asked for again with the next one', async () => {
    const { type, hear, list, open } = await takeNewKindOfLeave();
    bench.simulator.world.faults.add(
      faultSchema.parse({ kind: 'status', status: 503, path: '/leave_types', times: null }),
    );

    const first = await hear();
    const failing = await open();
    bench.simulator.world.faults.clear();
    const second = await hear();

    expect([first.outcomes, second.outcomes]).toEqual([{ parked: 1 }, { parked: 1 }]);
    expect(failing).toEqual({ count: 1, codes: ['factorial_unreachable'] });
    expect(await open()).toEqual({ count: 0, codes: [] });
    expect(await list()).toMatchObject([{ absenceTypeId: type.id, parked: { absences: 2 } }]);
  });
});
