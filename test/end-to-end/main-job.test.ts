import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { actualCalendars, differences, expectedCalendars, horizonOf } from '../support/oracle.ts';
import {
  connect,
  F,
  linkEverybody,
  mapAbsenceTypes,
  readAbsenceTypes,
  readCard,
  readDay,
  readDays,
  readEmployees,
  reconcile,
  waitForReconciliation,
  waitForStatus,
  waitUntilComputed,
  type Day,
  type Reconciliation,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

/** The main job as one story, on real parts: each test goes on where the one before it ended. */

interface Row {
  readonly id: string;
}
interface Person extends Row {
  readonly email: string;
  readonly location_id: string;
  readonly terminated_on: string | null;
}
interface Subscription extends Row {
  readonly target_url: string;
  readonly challenge: string;
}

const storyTimeoutMs = 60_000;

let world: World;
let today: string;
/** Somebody with free working days ahead and a whole holiday on a planned day. */
let worker: { employeeId: string; profileId: string; free: Day[]; holiday: Day };

beforeAll(async () => {
  world = await createWorld();
  ({ today } = await horizonOf(world));
}, storyTimeoutMs);
afterAll(async () => {
  await world?.close();
});

/** Fails with the days that are not what Factorial, the links, the mappings and the edits make of them. */
async function expectRightCalendars(): Promise<void> {
  await waitUntilComputed(world);
  const expected = await expectedCalendars(world);
  expect(differences(await actualCalendars(world), expected)).toEqual([]);
}

describe('connecting', () => {
  it(
    'reads everything that Factorial has, and proves it',
    async () => {
      await connect(world);

      const first = await waitForReconciliation(world);

      const state = await world.factorial<{ counts: Record<string, number> }>('GET', 'state');
      expect(first).toMatchObject({ trigger: 'first', status: 'completed', verified: true });
      expect(first.counts['employees']).toEqual({ read: 40, total: 40 });
      expect(first.counts['absence_types']?.read).toBe(state.counts['leave_types']);
      expect(await readCard(world)).toMatchObject({
        status: 'connected',
        tokenStatus: 'correct',
        warnings: [],
        unlinked: { employees: 40 },
      });
    },
    storyTimeoutMs,
  );

  it('suggests a link for everybody who works there, and makes all of them', async () => {
    const suggested = (await readEmployees(world)).filter((one) => one.suggestion !== null);
    expect(suggested).toHaveLength(38); // two have left

    expect(await linkEverybody(world)).toBe(40);
  });

  it(
    'fills every calendar with what an independent computation says',
    async () => {
      await mapAbsenceTypes(world);
      await waitUntilComputed(world);

      const expected = await expectedCalendars(world);
      expect(differences(await actualCalendars(world), expected)).toEqual([]);
      // The comparison is about something: forty people, holidays, mapped absences, halves and hours.
      const lines = [...expected.values()];
      const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
      expect(lines.length).toBeGreaterThan(40 * 100);
      expect(count(/^holiday 480 → 0 /)).toBeGreaterThan(50);
      expect(count(/^vacation 480 → 0 /)).toBeGreaterThan(20);
      expect(count(/^\S+ 480 → 240 /)).toBeGreaterThan(5);
      expect(count(/ → (?!0|240|375|480)\d+ /)).toBeGreaterThan(0);
      expect(count(/\(default\)$/)).toBeGreaterThan(50);
    },
    storyTimeoutMs,
  );
});

describe('a change in Factorial', () => {
  it('is in the calendar two seconds after an approval', async () => {
    worker = await findWorker();
    const [day] = worker.free;
    const leave = { employee_id: worker.profileId, start_on: day?.date, leave_type: 'holiday' };
    const asked = await world.factorial<Row>('POST', 'leaves', { ...leave, approved: null });
    await world.factorial('POST', 'deliveries/settle', { timeoutMs: 10_000 });
    await waitUntilComputed(world);
    expect((await readDay(world, worker.employeeId, day?.date ?? ''))?.expectedMinutes).not.toBe(0);

    await world.factorial('POST', `leaves/${asked.id}/approve`, {});
    const seen = await waitFor('the absence to be seen', async () => {
      const now = await readDay(world, worker.employeeId, day?.date ?? '');
      return now?.expectedMinutes === 0 ? now : null;
    });

    expect(seen.dayType.id).toBe('vacation');
  });
});

describe('one reconciliation', () => {
  let edited: Day;
  let lost: Day;
  let repaired: Reconciliation;

  beforeAll(async () => {
    const [, first, second] = worker.free;
    if (first === undefined || second === undefined) throw new Error('Two more free days are needed.');
    [edited, lost] = [first, second];
    const path = `/api/employees/${worker.employeeId}/calendar/${edited.date}`;
    await world.admin('PUT', path, { dayTypeId: 'remote', expectedMinutes: 300, note: 'agreed' }, 200);
    // An absence on the edited day would win, were it not for the edit.
    const leave = { employee_id: worker.profileId, leave_type: 'holiday', approved: true };
    await world.factorial('POST', 'leaves', { ...leave, start_on: edited.date, silent: true });
    await world.factorial('POST', 'deliveries/lose', { count: 1, type: 'timeoff/leave/create' });
    await world.factorial('POST', 'leaves', { ...leave, start_on: lost.date });
    await world.factorial('DELETE', `holidays/${await holidayOf(worker.holiday.date)}`);
    expect((await readDay(world, worker.employeeId, lost.date))?.expectedMinutes).not.toBe(0);

    repaired = await reconcile(world);
    await waitUntilComputed(world);
  }, storyTimeoutMs);

  it('keeps what a person edited', async () => {
    const day = await readDay(world, worker.employeeId, edited.date);

    expect(day).toMatchObject({ source: 'manual', expectedMinutes: 300, dayType: { id: 'remote' } });
  });

  it('takes a holiday away that Factorial no longer has', async () => {
    const day = await readDay(world, worker.employeeId, worker.holiday.date);

    expect(day).toMatchObject({ dayType: { id: 'working_day' } });
    expect(day?.expectedMinutes).toBe(day?.plannedMinutes);
    expect(repaired.drift['holidays']).toEqual({ created: 0, updated: 0, deleted: 1 });
  });

  it('repairs what a lost delivery left out', async () => {
    const day = await readDay(world, worker.employeeId, lost.date);

    expect(day).toMatchObject({ dayType: { id: 'vacation' }, expectedMinutes: 0 });
    expect(repaired.drift['absences']).toEqual({ created: 2, updated: 0, deleted: 0 });
  });

  it('leaves every calendar right', expectRightCalendars, storyTimeoutMs);
});

describe('people', () => {
  it('who are hired come in as linked employees with a calendar', async () => {
    const person = await world.factorial<Person>('POST', 'employees', {
      first_name: 'Zoe',
      last_name: 'Recién',
      email: 'zoe@acme.example',
      location: 'Madrid',
      schedule_id: await fullSchedule(),
      seniority_calculation_date: addDays(today, 7),
    });

    const hired = await waitFor('the new employee', async () =>
      (await readEmployees(world)).find((one) => one.link?.profileId === person.id),
    );
    await waitUntilComputed(world);

    expect(hired).toMatchObject({ name: 'Zoe Recién', startsOn: addDays(today, 7) });
    expect(await readDays(world, hired.employeeId, today, addDays(today, 6))).toEqual([]);
    expect(await readDays(world, hired.employeeId, addDays(today, 7), addDays(today, 13))).toHaveLength(7);
  });

  it('who leave have no day after their last one', async () => {
    const leaver = (await readEmployees(world)).find(
      (one) => one.active && one.link !== null && one.employeeId !== worker.employeeId,
    );
    const lastDay = addDays(today, 10);
    await world.factorial('POST', `employees/${leaver?.link?.profileId ?? ''}/terminate`, {
      terminated_on: lastDay,
    });

    const days = await waitFor('the days after the last one to go', async () => {
      const left = await readDays(world, leaver?.employeeId ?? '', today, addDays(today, 60));
      return left.length < 30 ? left : null;
    });

    expect(days.at(-1)?.date).toBe(lastDay);
  });

  it('have right calendars after all of that', expectRightCalendars, storyTimeoutMs);
});

describe('disconnecting', () => {
  let subscriptions: Subscription[];
  let before: { links: string[]; mapped: string[]; days: string };

  beforeAll(async () => {
    subscriptions = await world.factorial<Subscription[]>('GET', 'subscriptions');
    before = await whatStays();

    await world.admin('POST', `${F}/disconnect`, {}, 202);
    await waitForStatus(world, 'disconnected');
    await waitFor('the credentials to be deleted', async () => (await secretRows()) === 0);
  });

  it('keeps links, mappings and days', async () => {
    expect(before.links).toHaveLength(41);
    expect(before.mapped).toHaveLength(5);

    expect(await whatStays()).toEqual(before);
  });

  it('deletes credentials and tokens, and removes our subscriptions', async () => {
    expect(subscriptions).toHaveLength(19);

    expect(await world.factorial('GET', 'subscriptions')).toEqual([]);
    const { counts } = await world.factorial<{ counts: { live_tokens: number } }>('GET', 'state');
    expect(counts.live_tokens).toBe(0);
    const { body } = await world.admin('POST', `${F}/authorization`, {}, 409);
    expect(body).toMatchObject({ code: 'credentials_missing' });
  });

  it('retires the webhook keys', async () => {
    const [one] = subscriptions;
    const response = await fetch(one?.target_url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-factorial-wh-challenge': one?.challenge ?? '' },
      body: '{"id":1}',
    });

    expect(response.status).toBe(404);
  });

  it(
    'can be followed by another connection, with the links still there and everything caught up',
    async () => {
      const [day] = worker.free.slice(3);
      const leave = { employee_id: worker.profileId, start_on: day?.date, leave_type: 'holiday' };
      await world.factorial('POST', 'leaves', { ...leave, approved: true });
      const known = (await listReconciliations()).map((one) => one.id);

      await connect(world);
      const anew = await waitFor('a reconciliation', async () =>
        (await listReconciliations()).find((one) => !known.includes(one.id)),
      );
      await waitForReconciliation(world, anew.id);

      expect((await whatStays()).links).toEqual(before.links);
      expect(await readDay(world, worker.employeeId, day?.date ?? '')).toMatchObject({ expectedMinutes: 0 });
      await expectRightCalendars();
    },
    storyTimeoutMs,
  );
});

async function listReconciliations(): Promise<Reconciliation[]> {
  return (await world.admin<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`)).body.items;
}

/** Rows with a secret of the connection. */
async function secretRows(): Promise<number> {
  const { db, tenantId } = world;
  const where = { where: { tenantId } };
  return (await db.credentialVersion.count(where)) + (await db.tokenPair.count(where));
}

async function whatStays(): Promise<{ links: string[]; mapped: string[]; days: string }> {
  const employees = await readEmployees(world);
  const types = await readAbsenceTypes(world);
  return {
    links: employees.flatMap(({ employeeId, link }) => (link ? [`${employeeId} ${link.profileId}`] : [])),
    mapped: types.flatMap(({ absenceTypeId, status }) => (status === 'to_be_mapped' ? [] : [absenceTypeId])),
    days: JSON.stringify([...(await actualCalendars(world))]),
  };
}

async function findWorker(): Promise<typeof worker> {
  const leaves = await world.factorial<{ employee_id: string; start_on: string; finish_on: string | null }[]>(
    'GET',
    'leaves',
  );
  for (const { employeeId, link, active } of await readEmployees(world)) {
    if (link === null || !active) continue;
    const days = await readDays(world, employeeId, addDays(today, 7), addDays(today, 60));
    const isAsked = (date: string): boolean =>
      leaves.some(
        (leave) =>
          leave.employee_id === link.profileId &&
          leave.start_on <= date &&
          (leave.finish_on ?? '9999') >= date,
      );
    const free = days.filter(
      ({ date, dayType, source, expectedMinutes }) =>
        dayType.key === 'working_day' && source === 'factorial' && expectedMinutes > 0 && !isAsked(date),
    );
    const holiday = days.find(
      ({ date, dayType, plannedMinutes, expectedMinutes }) =>
        dayType.key === 'holiday' && plannedMinutes > 0 && expectedMinutes === 0 && !isAsked(date),
    );
    if (free.length >= 4 && holiday !== undefined)
      return { employeeId, profileId: link.profileId, free, holiday };
  }
  throw new Error('Nobody has four free working days and a holiday ahead.');
}

async function holidayOf(date: string): Promise<string> {
  const people = await world.factorial<Person[]>('GET', `employees?id=${worker.profileId}`);
  const place = people[0]?.location_id ?? '';
  const [holiday] = await world.factorial<Row[]>('GET', `holidays?location_id=${place}&date=${date}`);
  return holiday?.id ?? '';
}

async function fullSchedule(): Promise<string> {
  return (await world.factorial<Row[]>('GET', 'schedules'))[0]?.id ?? '';
}
