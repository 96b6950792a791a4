import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createReplayActivities } from '../../activities/replay.ts';
import type { ReplayProgress } from '../../contracts/temporal/replay.ts';
import { addDays } from '../../domain/civil-date.ts';
import { askToCancel, freezeReplay, previewReplay, requireReplay } from '../../repositories/replays.ts';
import { createActivityBench, run, type ActivityBench } from '../connection/activity-bench.ts';
import { createFactorialCaller } from '../support/callers.ts';

/** Replays as a worker works them off, activity by activity, on a real database and a listening simulator. */

const many = 10_000;
const at = new Date('2026-11-26T08:00:00.000Z');

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
  await bench.connect(tenantId, { owner: 'company' });
});

/** As many failed absences, none of which Factorial has, but for those that are named. */
async function fail(count: number, real: readonly string[] = []): Promise<void> {
  const ids = [
    ...real,
    ...Array.from({ length: count - real.length }, (_, n) => String(900_000_000_000 + n)),
  ];
  const failure = { tenantId, resource: 'absences', code: 'schema_drift', message: 'start_on is not a date' };
  const rows = ids.map((factorialId) => ({
    ...failure,
    id: randomUUID(),
    factorialId,
    firstAt: at,
    lastAt: at,
  }));
  await bench.db.failure.createMany({ data: rows });
}

async function freeze(): Promise<{ id: string; count: number }> {
  const id = randomUUID();
  const { generation } = await bench.db.connection.findUniqueOrThrow({ where: { tenantId } });
  const replay = { id, generation, actor: 'ada', filter: { code: 'schema_drift' } };
  return { id, count: await freezeReplay(bench.db, tenantId, replay, at) };
}

const batch = (replayId: string): Promise<ReplayProgress> =>
  run(createReplayActivities(bench.deps).replayBatch, { tenantId, replayId, nowMs: Date.now() });

async function workOff(replayId: string): Promise<ReplayProgress> {
  for (;;) {
    const progress = await batch(replayId);
    if (progress.ended !== null) return progress;
  }
}

async function count(where: object): Promise<number> {
  return await bench.db.failure.count({ where: { tenantId, ...where } });
}

const itemsBy = async (replayId: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await bench.db.replayItem.groupBy({
        by: ['outcome', 'code'],
        where: { tenantId, replayId },
        _count: true,
      })
    ).map((group) => [`${group.outcome}/${group.code}`, group._count]),
  );

async function addLeaves(howMany: number): Promise<string[]> {
  const companyId = bench.companyOf(tenantId).id;
  const call = createFactorialCaller(bench.simulator.url);
  const [person] = await call<{ id: string }[]>('GET', `employees?company_id=${companyId}&limit=1`);
  const ids: string[] = [];
  while (ids.length < howMany) {
    const startOn = addDays('2026-12-01', ids.length);
    const leave = { employee_id: person?.id, start_on: startOn, approved: true };
    const { id } = await call<{ id: string }>('POST', `leaves?company_id=${companyId}`, leave);
    ids.push(String(id));
  }
  return ids;
}

const fault = (body: object) => createFactorialCaller(bench.simulator.url)('POST', 'faults', body);
afterEach(async () => {
  await createFactorialCaller(bench.simulator.url)('DELETE', 'faults');
});

describe('a replay', () => {
  it('of 10,000 failures is previewed, cancelled, taken up again, and counts each once', async () => {
    const real = await addLeaves(5);
    await fail(many, real);
    expect((await previewReplay(bench.db, tenantId, { code: 'schema_drift' }, 20)).count).toBe(many);

    const first = await freeze();
    const [one, two] = [await batch(first.id), await batch(first.id)];
    await askToCancel(bench.db, tenantId, first.id, at);
    const cancelled = await workOff(first.id);
    const again = await freeze();
    const completed = await workOff(again.id);

    expect([one, two]).toEqual([
      { ended: null, count: many, done: 500, succeeded: 500, failed: 0 },
      { ended: null, count: many, done: 1_000, succeeded: 1_000, failed: 0 },
    ]);
    expect(cancelled).toEqual({ ended: 'cancelled', count: many, done: 1_000, succeeded: 1_000, failed: 0 });
    expect(await itemsBy(first.id)).toEqual({
      'succeeded/gone': 995,
      'succeeded/parked': 5,
      'skipped/cancelled': 9_000,
    });
    expect(again.count).toBe(9_000); // what had its turn is not tried again
    expect(completed).toEqual({ ended: 'completed', count: 9_000, done: 9_000, succeeded: 9_000, failed: 0 });
    expect(await itemsBy(again.id)).toEqual({ 'succeeded/gone': 9_000 });
    expect([await count({ status: 'resolved' }), await count({})]).toEqual([many, many]);
    expect(await bench.db.absence.count({ where: { tenantId } })).toBe(real.length);
  }, 120_000);

  it('takes what is open once: of two that are asked for at the same time, one gets everything', async () => {
    await fail(50);

    const counts = (await Promise.all([freeze(), freeze(), freeze()])).map(({ count: taken }) => taken);

    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 50]);
    expect([
      await count({ status: 'retrying' }),
      await bench.db.replayItem.count({ where: { tenantId } }),
    ]).toEqual([50, 50]);
  });

  it('that took nothing is completed at once', async () => {
    const { id, count: taken } = await freeze();

    expect([taken, (await requireReplay(bench.db, tenantId, id)).status]).toEqual([0, 'completed']);
  });

  it('goes on where a worker died, also between its write and its note', async () => {
    await fail(300);
    const { id } = await freeze();
    await fault({ kind: 'status', status: 503, path: '/timeoff/leaves', skip: 1, times: 10 });
    await expect(batch(id)).rejects.toThrow(); // one request was noted, the second one failed
    expect(await requireReplay(bench.db, tenantId, id)).toMatchObject({ status: 'running', done: 100 });
    await createFactorialCaller(bench.simulator.url)('DELETE', 'faults');

    expect(await workOff(id)).toEqual({
      ended: 'completed',
      count: 300,
      done: 300,
      succeeded: 300,
      failed: 0,
    });
    expect(await batch(id)).toEqual({ ended: 'completed', count: 300, done: 300, succeeded: 300, failed: 0 });
  });

  it('stops when too many fail again; every item says why, and the rest can be tried again', async () => {
    await fail(1_000);
    const { id } = await freeze();
    await fault({ kind: 'status', status: 403, path: '/timeoff/leaves', times: null });

    const stopped = await workOff(id);

    expect(stopped).toEqual({ ended: 'stopped', count: 1_000, done: 300, succeeded: 0, failed: 300 });
    expect(await itemsBy(id)).toEqual({ 'failed/permission_missing': 300, 'skipped/stopped': 700 });
    expect(await count({ code: 'schema_drift', status: 'open' })).toBe(1_000);
    expect((await freeze()).count).toBe(1_000);
  });

  it('waits while the connection is paused, and ends when it is another one', async () => {
    await fail(10);
    const { id } = await freeze();
    await bench.db.connection.update({ where: { tenantId }, data: { paused: true } });
    await expect(batch(id)).rejects.toMatchObject({ code: 'paused' });

    await bench.db.connection.update({
      where: { tenantId },
      data: { paused: false, generation: { increment: 1 } },
    });

    expect(await batch(id)).toMatchObject({ ended: 'failed', done: 0 });
    expect(await itemsBy(id)).toEqual({ 'skipped/failed': 10 });
    expect(await count({ status: 'open' })).toBe(10);
  });

  it('lets the connection workflow look at what is open once it has ended, and not before', async () => {
    await fail(700);
    const { id } = await freeze();
    const rung: string[] = [];
    const activities = createReplayActivities({
      ...bench.deps,
      ring: async (tenant) => void rung.push(tenant),
    });
    const next = () => run(activities.replayBatch, { tenantId, replayId: id, nowMs: Date.now() });

    expect([(await next()).ended, rung]).toEqual([null, []]);
    expect([(await next()).ended, rung]).toEqual(['completed', [tenantId]]);
  });
});
