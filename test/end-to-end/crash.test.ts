import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { freePort } from '../../stack/ports.ts';
import { actualCalendars, differences, expectedCalendars, horizonOf } from '../support/oracle.ts';
import {
  connect,
  F,
  linkEverybody,
  mapAbsenceTypes,
  readDay,
  readDays,
  readEmployees,
  reconcile,
  waitForReconciliation,
  waitUntilComputed,
  type Reconciliation,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

/** API and worker as processes of their own, ended by SIGKILL where it hurts. */

/** A dead worker is noticed when its activity's heartbeat stays away for 20 s. */
const noticeTimeoutMs = 90_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ processes: true });
}, 60_000);
afterAll(async () => {
  await world?.close();
});

it(
  'a worker that dies in the middle of the first synchronisation: another one completes it, with the same result',
  async () => {
    // Every page of absences after the first one takes so long that there is a middle to die in.
    await world.factorial('POST', 'faults', {
      kind: 'slow',
      delayMs: 1_500,
      path: '/timeoff/leaves',
      times: null,
      skip: 1,
    });
    await connect(world);
    await waitFor('the second page of absences to be asked for', async () => {
      const [first] = await list();
      return first?.status === 'running' && (first.counts['absences']?.read ?? 0) > 0;
    });

    await world.stop('worker', 'SIGKILL');
    const [interrupted] = await list();
    await world.factorial('DELETE', 'faults');
    await world.start('worker');
    const completed = await waitForReconciliation(world, interrupted?.id, noticeTimeoutMs);

    expect(interrupted).toMatchObject({ status: 'running', verified: false });
    expect(interrupted?.counts['absences']?.read).toBeLessThan(completed.counts['absences']?.read ?? 0);
    expect(completed).toMatchObject({ status: 'completed', verified: true, trigger: 'first' });
    expect(await list()).toHaveLength(1);
    // It went on at the page it was on: what was read before is not read again.
    expect(completed.counts['employees']).toEqual({ read: 40, total: 40 });
    expect(await firstPagesAsked('/timeoff/leaves')).toBe(1);
  },
  noticeTimeoutMs + 30_000,
);

it('leaves nothing to repair for an undisturbed reconciliation, and right calendars', async () => {
  await linkEverybody(world);
  await mapAbsenceTypes(world);
  await waitUntilComputed(world, 30_000);
  expect(differences(await actualCalendars(world), await expectedCalendars(world))).toEqual([]);

  const { drift, verified } = await reconcile(world);

  const none = { created: 0, updated: 0, deleted: 0 };
  expect(verified).toBe(true);
  expect(drift).toEqual({
    employees: none,
    absences: none,
    absence_types: none,
    holidays: none,
    planned_minutes: none,
  });
}, 90_000);

it('an API that dies after its 200, before Temporal heard of it: the delivery is found and worked off', async () => {
  const { employeeId, profileId, date } = await findFreeDay();
  await world.stop('api', 'SIGKILL');
  await world.start('api', { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  await world.factorial('POST', 'leaves', {
    employee_id: profileId,
    start_on: date,
    leave_type: 'holiday',
    approved: true,
  });
  await world.factorial('POST', 'deliveries/settle', { timeoutMs: 20_000 });
  const waiting = await world.db.inboxRow.count({ where: { tenantId: world.tenantId, outcome: null } });
  await world.stop('api', 'SIGKILL');
  await world.start('api');

  await waitFor(
    'the absence',
    async () => (await readDay(world, employeeId, date))?.expectedMinutes === 0,
    30_000,
  );

  expect(waiting).toBe(1);
}, 90_000);

/** Newest first. */
async function list(): Promise<Reconciliation[]> {
  return (await world.admin<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`)).body.items;
}

async function firstPagesAsked(path: string): Promise<number> {
  const { last } = await world.factorial<{ last: { path: string; query: Record<string, unknown> }[] }>(
    'GET',
    'requests',
  );
  return last.filter((one) => one.path.endsWith(path) && one.query['after_id'] === undefined).length;
}

async function findFreeDay(): Promise<{ employeeId: string; profileId: string; date: string }> {
  const { today } = await horizonOf(world);
  for (const { employeeId, link, active } of await readEmployees(world)) {
    if (link === null || !active) continue;
    const days = await readDays(world, employeeId, addDays(today, 7), addDays(today, 40));
    const free = days.find(
      (day) => day.dayType.key === 'working_day' && day.expectedMinutes === day.plannedMinutes,
    );
    if (free !== undefined) return { employeeId, profileId: link.profileId, date: free.date };
  }
  throw new Error('Nobody has a free day ahead.');
}
