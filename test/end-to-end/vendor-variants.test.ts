import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { switchesSchema, type Switches } from '../../simulator/switches.ts';
import {
  actualCalendars,
  differences,
  expectedCalendars,
  horizonOf,
  type Calendars,
} from '../support/oracle.ts';
import {
  connect,
  F,
  linkEverybody,
  mapAbsenceTypes,
  readCard,
  readEmployees,
  reconcile,
  waitForReconciliation,
  waitUntilComputed,
  type Reconciliation,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

// What nobody outside of Factorial knows for certain about reading and about webhooks: whichever way it is, the calendars
// must be what Factorial's data make of them. Numbers are those of docs/factorial-api.md, section 14.

const storyTimeoutMs = 90_000;

let world: World;
let today: string;

beforeAll(async () => {
  world = await createWorld({ seed: { people: 8, absences: 60 } });
  ({ today } = await horizonOf(world));
  await connect(world);
  await waitForReconciliation(world);
  await linkEverybody(world);
  await mapAbsenceTypes(world);
  await waitFor('all subscriptions', async () => {
    const rows = await world.factorial<object[]>('GET', 'subscriptions');
    return rows.length >= 19 ? rows : null;
  });
  await waitUntilComputed(world);
}, storyTimeoutMs);
afterAll(async () => {
  await world?.close();
});
afterEach(async () => {
  await world.factorial('DELETE', 'faults');
  await set(switchesSchema.parse({}));
});

interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

const set = async (switches: Partial<Switches>): Promise<void> =>
  void (await world.factorial('PUT', 'switches', switches));
const rows = (table: string): Promise<Row[]> => world.factorial<Row[]>('GET', table);
const absenceOf = (id: string) => world.db.absence.findFirst({ where: { tenantId: world.tenantId, id } });

/** A person and a day that no test has used before. */
let used = 0;
async function someDay(): Promise<{ employee_id: string; start_on: string }> {
  used += 1;
  const person = (await rows('employees'))[used % 6];
  return { employee_id: person?.id ?? '', start_on: addDays(today, 5 + used) };
}
async function takeLeave(more: object = {}): Promise<Row> {
  return await world.factorial<Row>('POST', 'leaves', {
    ...(await someDay()),
    leave_type: 'holiday',
    approved: true,
    ...more,
  });
}

async function approve({ id, status }: Reconciliation): Promise<void> {
  expect(status).toBe('awaiting_approval');
  await world.admin('POST', `${F}/reconciliations/${id}/approval`, { decision: 'approve' }, 202);
  await waitFor('the deletions to be carried out', async () => {
    const { body } = await world.admin<Reconciliation>('GET', `${F}/reconciliations/${id}`);
    return body.status === 'completed' ? body : null;
  });
}

/** From tomorrow on: what lies behind keeps the location that was observed then. */
function ahead(calendars: Calendars): Calendars {
  return new Map([...calendars].filter(([day]) => day.slice(-today.length) > today));
}

/** Everything has been delivered, read and computed; and it is right. */
async function expectRightCalendars(): Promise<void> {
  const { settled } = await world.factorial<{ settled: boolean }>('POST', 'deliveries/settle', {
    timeoutMs: 30_000,
  });
  expect(settled).toBe(true);
  await waitUntilComputed(world);
  expect(differences(ahead(await actualCalendars(world)), ahead(await expectedCalendars(world)))).toEqual([]);
}

describe('webhooks', () => {
  it.each<[string, Partial<Switches>]>([
    [
      '16, 17: a bulk deletion as a list, of leaves without the time of their deletion',
      { bulkDeletePayload: 'array', deletePayload: 'nullDeletedAt' },
    ],
    [
      '16, 19, 20: a bulk deletion as ids; an approval that comes by itself is told twice',
      { bulkDeletePayload: 'ids', autoApproveEvents: 'withApprove' },
    ],
    [
      '17, 18: a deleted leave as its id only, that can still be read',
      { deletePayload: 'idOnly', deletedLeaveGet: 200 },
    ],
    [
      '21, 26, 35 to 37: a rejection as an update; only 200 is a receipt; no author; odd fields',
      {
        rejectAfterApprovalEvent: 'update',
        acceptStatus: '200',
        authorHeaders: 'omitted',
        startTimeFormat: 'timestamp',
        durationAttributes: 'json',
        daysTaken: 'zero',
      },
    ],
    [
      '28: twice each, side by side and in any order',
      { shuffle: true, duplicateRate: 1, parallelDeliveries: 4 },
    ],
  ])(
    'bring every change of a leave (%s)',
    async (_question, switches) => {
      await set(switches);
      const [one, two, three] = [await takeLeave(), await takeLeave(), await takeLeave()];
      const asked = await takeLeave({ approved: null });
      const hours = await takeLeave({ leave_type: 'medical_visit', hours: 2.5, start_time: '09:00' });
      await expectRightCalendars();

      await world.factorial('POST', 'leaves/bulk_delete', { ids: [one.id, two.id] });
      await world.factorial('DELETE', `leaves/${three.id}`);
      await world.factorial('POST', `leaves/${asked.id}/approve`);
      await world.factorial('PUT', `leaves/${hours.id}`, { hours: 4 });
      await expectRightCalendars();
      await world.factorial('POST', `leaves/${asked.id}/reject`);
      await expectRightCalendars();

      for (const { id } of [one, two, three]) expect((await absenceOf(id))?.deletedAt).not.toBeNull();
    },
    storyTimeoutMs,
  );

  it.each<[string, Partial<Switches>, boolean]>([
    ['with their e-mail', { nullEmailsOnCreate: false }, true],
    ['without their e-mail', { nullEmailsOnCreate: true }, true],
    ['22: as an update', { hireEvent: 'update' }, true],
    ['22: not at all', { hireEvent: 'none' }, false],
  ])(
    'tell of new people %s, who become employees all the same',
    async (_question, switches, isTold) => {
      await set(switches);
      used += 1;
      const email = `new.person${used}@acme.example`;
      await world.factorial('POST', 'employees', { first_name: 'New', last_name: `Person ${used}`, email });
      await world.factorial('POST', 'deliveries/settle', {});

      if (!isTold) await reconcile(world);

      const employee = await waitFor('the new employee', async () => {
        const found = (await readEmployees(world)).find((one) => one.email === email);
        return found?.link == null ? null : found;
      });
      expect(employee.name).toBe(`New Person ${used}`);
      await expectRightCalendars();
    },
    storyTimeoutMs,
  );

  it(
    'that tell of a leave which has vanished do not hold up the others, also where an empty list is no list (section 13)',
    async () => {
      await set({ emptyList: 'errorsNull' });
      const gone = await takeLeave();
      await expectRightCalendars();
      await world.factorial('DELETE', `leaves/${gone.id}?vanish=true`);
      await world.factorial('POST', 'events', { type: 'timeoff/leave/delete', payload: { id: gone.id } });
      await world.factorial('POST', 'deliveries/settle', {});
      await waitUntilComputed(world);

      const inbox = await world.db.inboxRow.findFirst({
        where: { tenantId: world.tenantId, resourceId: gone.id, topic: 'timeoff/leave/delete' },
      });
      expect(inbox?.outcome).toBe('failed');
      expect((await readCard(world)).warnings).toMatchObject([{ code: 'schema_drift' }]);
      await takeLeave();
      await world.factorial('POST', 'deliveries/settle', {});
      await waitUntilComputed(world);

      // The proof of a reconciliation is asked for beside a leave that is there, so it is a list in either case.
      await reconcile(world);

      expect((await absenceOf(gone.id))?.deletedAt).not.toBeNull();
      await expectRightCalendars();
    },
    storyTimeoutMs,
  );
});

describe('a reconciliation', () => {
  it.each<[string, Partial<Switches>]>([
    [
      '15, 18, 24: a null cursor at the end, lists without a limit, no reading one by one; who is about to leave is inactive',
      {
        lastCursor: 'null',
        filteredMetaLimit: 'null',
        employeeById: 404,
        deletedLeaveGet: 200,
        terminatingFlags: 'inactiveAtOnce',
      },
    ],
    [
      '14, 15, 32, 33: no cursor at the end, nothing unknown may be sent and nothing required left out',
      { badCursor: 'ignore', lastCursor: 'absent', unknownParam: 400, requiredParams: 'strict' },
    ],
    [
      '38: a deleted location leaves its holidays behind; days without a plan have zero minutes',
      { locationDelete: 'holidaysStay', unplannedDays: 'zero' },
    ],
    ['38: a deleted location takes its holidays along', { locationDelete: 'holidaysVanish' }],
    [
      '39: an edited holiday has another id; days without a plan have no row',
      { holidayEdit: 'newId', unplannedDays: 'absent' },
    ],
  ])(
    'brings everything that no webhook told (%s)',
    async (_question, switches) => {
      await set(switches);
      const holiday = (await rows('holidays')).find(({ date }) => String(date) > today);
      const silent = { silent: true };
      const leave = await takeLeave(silent);
      await world.factorial('DELETE', `leaves/${leave.id}?silent=true`);
      await takeLeave({ ...silent, half_day: 'end_of_day' });
      await world.factorial('PUT', `holidays/${holiday?.id}`, { date: addDays(today, used) });
      if (switches.locationDelete !== undefined) {
        const location = (await rows('locations')).at(-1);
        await world.factorial('DELETE', `locations/${location?.id}?silent=true`);
      }

      const done = await reconcile(world);

      expect(done.verified).toBe(true);
      // All holidays of a location at once are more than the deletion brake lets pass unasked.
      if (switches.locationDelete === 'holidaysVanish') await approve(done);
      else expect(done.status).toBe('completed');
      await expectRightCalendars();
    },
    storyTimeoutMs,
  );
});

describe('the token of a person who sees less than everything (section 3)', () => {
  it(
    'proves nothing gone: who is hidden stays, with every absence and every day',
    async () => {
      const hidden = (await rows('employees'))[2]?.id ?? '';
      const known = () =>
        world.db.absence.count({ where: { tenantId: world.tenantId, profileId: hidden, deletedAt: null } });
      const before = { absences: await known(), calendars: await actualCalendars(world) };
      await reauthorizeAsPerson();
      await world.factorial('PUT', 'permissions', { null_fields: ['email'], hidden_employee_ids: [hidden] });

      const done = await reconcile(world);

      const profile = await world.db.profile.findFirst({ where: { tenantId: world.tenantId, id: hidden } });
      expect(done.status).toBe('completed');
      expect(Object.values(done.drift).every(({ deleted }) => deleted === 0)).toBe(true);
      expect(before.absences).toBeGreaterThan(0);
      expect(await known()).toBe(before.absences);
      expect(profile?.deletedAt).toBeNull();
      await waitUntilComputed(world);
      expect(differences(await actualCalendars(world), before.calendars)).toEqual([]);
    },
    storyTimeoutMs,
  );

  /** The company was asked, and somebody consents for themselves. */
  async function reauthorizeAsPerson(): Promise<void> {
    const { body } = await world.admin<{ authorizationUrl: string }>('POST', `${F}/reauthorization`, {}, 201);
    const { resource_owner_type: _owner, ...asked } = Object.fromEntries(
      new URL(body.authorizationUrl).searchParams,
    );
    const { location } = await world.factorial<{ location: string }>('POST', 'consent', asked);
    await (await fetch(location)).arrayBuffer();
    const card = await waitFor('the token of a person', async () => {
      const now = await readCard(world);
      return now.tokenOwner === 'user' ? now : null;
    });
    expect(card.warnings.map(({ code }) => code)).toContain('administrator_needed');
  }
});
