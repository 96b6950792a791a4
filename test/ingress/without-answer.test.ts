import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSyncActivities, type DrainResult } from '../../activities/sync.ts';
import { storeDeliveries } from '../../repositories/inbox-ingest.ts';
import { createLeave } from '../../simulator/actions/leaves.ts';
import type { Company } from '../../simulator/company.ts';
import { createActivityBench, run, type ActivityBench } from '../connection/activity-bench.ts';

/** Deliveries about what Factorial gives no answer for: by the activity that works the inbox off, without a workflow around it. */

const down = { kind: 'status', status: 503, times: null, skip: 0 } as const;
const hourMs = 3_600_000;

let bench: ActivityBench;
let tenantId: string;
let company: Company;
let nowMs: number;
let count = 0;
beforeAll(async () => {
  bench = await createActivityBench();
});
beforeEach(async () => {
  bench.simulator.world.faults.clear();
  tenantId = `waits-${(count += 1)}`;
  await bench.connect(tenantId, { owner: 'company' });
  company = bench.companyOf(tenantId);
  nowMs = Date.now();
});
afterAll(async () => {
  await bench?.close();
});

function takeDaysOff(days: number): string[] {
  const input = {
    employee_id: company.employees.all()[0]?.id ?? '',
    leave_type_id: company.leaveTypes.all()[0]?.id ?? '',
    start_on: '2026-11-26',
  };
  return Array.from(
    { length: days },
    () => createLeave(bench.simulator.world, company, input, { silent: true }).id,
  );
}

async function deliver(resourceIds: readonly string[]): Promise<void> {
  const rows = resourceIds.map((resourceId) => ({
    tenantId,
    subscriptionId: randomUUID(),
    topic: 'timeoff/leave/create',
    resourceId,
    updatedAtFloor: null,
    bodyEnc: null,
    bodyHash: createHash('sha256').update(randomUUID()).digest('hex'),
  }));
  await storeDeliveries(bench.db, rows);
}

/** One activity; a minute goes by. */
async function drain(): Promise<DrainResult | string> {
  nowMs += 60_000;
  const { generation } = await bench.tokens(tenantId);
  const { drainInbox } = createSyncActivities(bench.deps);
  return await run(drainInbox, { tenantId, generation, nowMs }).catch((error: unknown) => String(error));
}
async function drainUntilSetAside(): Promise<DrainResult> {
  for (let tries = 0; tries < 10; tries += 1) {
    const result = await drain();
    if (typeof result !== 'string') return result;
  }
  throw new Error('the inbox stays stuck');
}

const failures = () =>
  bench.db.failure.findMany({ where: { tenantId }, orderBy: { factorialId: 'asc' }, omit: { runId: true } });
const waiting = async () =>
  (await bench.db.inboxRow.findMany({ where: { tenantId, outcome: null } })).map(
    ({ resourceId }) => resourceId,
  );

describe('a resource that alone gets no answer', () => {
  it('is found among a hundred, has a failure that says when it is tried again, and holds nothing up', async () => {
    const ids = takeDaysOff(100);
    const [bad = ''] = ids.slice(61);
    bench.simulator.world.faults.add({ ...down, path: bad });
    await deliver(ids);

    const first = await drain();
    const failuresAtFirst = await failures();
    const result = await drainUntilSetAside();

    expect(first).toContain('503');
    expect(failuresAtFirst).toEqual([]);
    expect(await waiting()).toEqual([bad]);
    expect(result).toMatchObject({ left: 1, open: { count: 1, codes: ['factorial_unreachable'] } });
    expect(await failures()).toMatchObject([
      {
        resource: 'absences',
        factorialId: bad,
        code: 'factorial_unreachable',
        status: 'open',
        nextStep:
          'It is asked for again by itself; the delivery that tells of it is kept until Factorial answers.',
        nextTryAt: new Date(result.nextDueAt ?? 0),
        deliveryId: expect.stringMatching(/^\d+$/),
      },
    ]);
  });

  it('waits longer each time, while what comes meanwhile is worked off at once', async () => {
    const [bad = '', ...others] = takeDaysOff(3);
    bench.simulator.world.faults.add({ ...down, path: bad });
    await deliver([bad]);
    await deliver(others);
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { nextDueAt } = await drainUntilSetAside();
      waits.push((nextDueAt ?? 0) - nowMs);
      nowMs = nextDueAt ?? 0;
    }

    nowMs -= hourMs;
    await deliver(others);
    const result = await drain();

    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(new Set(waits).size).toBe(3);
    expect(result).toMatchObject({ left: 1 });
    expect(await waiting()).toEqual([bad]);
  });

  it.each([
    ['is there', async () => undefined],
    ['is not there any more', async (id: string) => void company.leaves.remove(id)],
  ])('has no failure any more once Factorial answers that it %s', async (_what, before) => {
    const [bad = ''] = takeDaysOff(1);
    bench.simulator.world.faults.add({ ...down, path: bad });
    await deliver([bad]);
    const { nextDueAt } = await drainUntilSetAside();
    bench.simulator.world.faults.clear();
    await before(bad);
    nowMs = nextDueAt ?? 0;

    const result = await drain();

    expect(result).toMatchObject({ left: 0, open: { count: 0, codes: [] } });
    expect(await failures()).toMatchObject([{ status: 'resolved', nextTryAt: null, nextStep: null }]);
  });
});

describe('resources of a kind that gets no answers any more', () => {
  /** Two deliveries that have waited for hours; answers how long the next try was away each time. */
  async function waitForHours(ids: readonly string[]): Promise<number[]> {
    const waits: number[] = [];
    const untilMs = nowMs + 2 * hourMs;
    bench.simulator.world.faults.add({ ...down, path: 'timeoff/leaves' });
    await deliver(ids);
    while (nowMs < untilMs) {
      const { nextDueAt } = await drainUntilSetAside();
      waits.push((nextDueAt ?? Infinity) - nowMs);
      nowMs = (nextDueAt ?? 0) - 60_000;
    }
    bench.simulator.world.faults.clear();
    return waits;
  }

  it('are asked for by one of them every few minutes, and with its answer all at once', async () => {
    const waits = await waitForHours(takeDaysOff(2));

    const first = await drain();
    const second = await drain();

    expect(Math.max(...waits)).toBe(300_000);
    expect(waits.length).toBeLessThan(40);
    expect(first).toMatchObject({ left: 1, nextDueAt: null });
    expect(second).toMatchObject({ left: 0, open: { count: 0 } });
  });

  it('are asked for at once when something new of the kind is answered', async () => {
    const [late = '', ...ids] = takeDaysOff(3);
    await waitForHours(ids);
    nowMs -= 60_000; // nothing is due yet
    await deliver([late]);

    const first = await drain();
    const second = await drain();

    expect(first).toMatchObject({ left: 2, nextDueAt: null });
    expect(second).toMatchObject({ left: 0, open: { count: 0 } });
  });
});

describe('a resource that waits alone', () => {
  it('is done with at once when something new about it is answered, and with nothing else', async () => {
    const [bad = '', ...others] = takeDaysOff(3);
    bench.simulator.world.faults.add({ ...down, path: bad });
    await deliver([bad, ...others]);
    await drainUntilSetAside();

    await deliver(takeDaysOff(1));
    const other = await drain();
    bench.simulator.world.faults.clear();
    await deliver([bad]);
    const own = await drain();
    const rest = await drain();

    expect(other).toMatchObject({ left: 1, nextDueAt: expect.any(Number) });
    expect(own).toMatchObject({ left: 1, nextDueAt: null });
    expect(rest).toMatchObject({ left: 0, open: { count: 0 } });
  });
});

describe('while Factorial answers nothing at all', () => {
  it('no resource is to blame: all deliveries wait, and none has a failure', async () => {
    const ids = takeDaysOff(3);
    bench.simulator.world.faults.add({ ...down, path: '/api/' });
    await deliver(ids);

    const results = [];
    for (let tries = 0; tries < 8; tries += 1) results.push(await drain());

    expect(results.every((result) => typeof result === 'string')).toBe(true);
    expect(await failures()).toEqual([]);
    expect(new Set(await waiting())).toEqual(new Set(ids));
  });
});
