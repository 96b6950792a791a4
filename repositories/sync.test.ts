import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import {
  createConnectedTenant,
  createEmployee,
  makeAbsence,
  makePlans,
  makeProfile,
} from '../test/support/hr-facts.ts';
import { openTransaction, waitForLock } from '../test/support/open-transaction.ts';
import { toCivil } from './civil.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database, Transaction } from './database.ts';
import {
  deleteAbsences,
  deleteHolidays,
  deleteProfiles,
  requestPlannedMinutes,
  saveAbsences,
  saveAbsenceTypes,
  saveHolidays,
  savePlannedMinutes,
  saveProfiles,
} from './sync.ts';

const today = '2026-11-22';
const monday = '2026-11-23';
const tuesday = '2026-11-24';
const friday = '2026-11-27';

let test: TestDatabase;
let db: Database;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 8);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
  await createEmployee(db, tenantId, 'e1', { profileId: 'p1' });
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

type Profiles = Parameters<typeof saveProfiles>[3];
const profiles = (
  tx: Transaction,
  readNumber: bigint,
  rows: Profiles,
  on = today,
  baselineBefore: Date | null = null,
) => saveProfiles(tx, tenantId, () => readNumber, rows, { today: on, baselineBefore });
const commitProfiles = (readNumber: bigint, rows: Profiles, on = today, baselineBefore: Date | null = null) =>
  inTransaction(db, (tx) => profiles(tx, readNumber, rows, on, baselineBefore));
const commitAbsences = (readNumber: bigint, rows: Parameters<typeof saveAbsences>[3]) =>
  inTransaction(db, (tx) => saveAbsences(tx, tenantId, () => readNumber, rows));

/** The marks that were set since the last look, and forgets them: `e1 from..to`. */
async function takeMarks(): Promise<string[]> {
  const marks = await db.recomputeMark.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } });
  await db.recomputeMark.deleteMany({ where: { tenantId } });
  return marks.map(
    ({ employeeId, fromOn, toOn }) => `${employeeId} ${toCivil(fromOn) ?? ''}..${toCivil(toOn) ?? ''}`,
  );
}

async function locations(profileId = 'p1'): Promise<string[]> {
  const rows = await db.profileLocation.findMany({
    where: { tenantId, profileId },
    orderBy: { fromOn: 'asc' },
  });
  return rows.map(({ fromOn, locationId }) => `${toCivil(fromOn)} ${locationId ?? '–'}`);
}

describe('a profile', () => {
  it('that is new marks all days of its employee', async () => {
    await commitProfiles(1n, [makeProfile('p1'), makeProfile('nobody’s')]);

    expect(await takeMarks()).toEqual(['e1 ..']);
  });

  it('that did not change marks nothing', async () => {
    await commitProfiles(1n, [makeProfile('p1')]);
    await takeMarks();

    await commitProfiles(2n, [makeProfile('p1')]);

    expect(await takeMarks()).toEqual([]);
  });

  it('that was terminated, or is not any more, marks all days', async () => {
    await commitProfiles(1n, [makeProfile('p1')]);
    await takeMarks();

    await commitProfiles(2n, [makeProfile('p1', { terminatedOn: '2026-10-01' })]);
    expect(await takeMarks()).toEqual(['e1 ..']);

    await commitProfiles(3n, [makeProfile('p1')]);
    expect(await takeMarks()).toEqual(['e1 ..']);
  });

  it('that was deleted marks all days, and so does its return', async () => {
    await commitProfiles(1n, [makeProfile('p1')]);
    await takeMarks();

    await inTransaction(db, (tx) => deleteProfiles(tx, tenantId, 2n, ['p1']));
    expect(await takeMarks()).toEqual(['e1 ..']);

    await commitProfiles(3n, [makeProfile('p1')]);
    expect(await takeMarks()).toEqual(['e1 ..']);
  });

  it('is base where the first synchronisation finds it and it is older than the connection', async () => {
    const connectedAt = new Date('2026-11-20T12:00:00Z');
    const rows = [
      makeProfile('old', { createdAt: new Date('2026-11-20T11:00:00Z') } as object),
      makeProfile('new', { createdAt: new Date('2026-11-20T13:00:00Z') } as object),
      makeProfile('undated'),
    ];

    await commitProfiles(1n, rows, today, connectedAt);
    await commitProfiles(2n, [makeProfile('later', { createdAt: new Date('2026-11-01') } as object)]);

    const base = await db.profile.findMany({ where: { tenantId, baseline: true }, orderBy: { id: 'asc' } });
    expect(base.map((profile) => profile.id)).toEqual(['old', 'undated']);
  });
});

describe('a location', () => {
  it('that is observed first holds since always', async () => {
    await commitProfiles(1n, [makeProfile('p1', { locationId: 'madrid' })]);

    expect(await locations()).toEqual(['0001-01-01 madrid']);
  });

  it('that changes holds from the day it was observed, and marks from then on', async () => {
    await commitProfiles(1n, [makeProfile('p1', { locationId: 'madrid' })]);
    await takeMarks();

    await commitProfiles(2n, [makeProfile('p1', { locationId: 'vigo' })], monday);

    expect(await locations()).toEqual(['0001-01-01 madrid', `${monday} vigo`]);
    expect(await takeMarks()).toEqual([`e1 ${monday}..`]);
  });

  it('that changes twice on a day is the last one, also where that is the first again', async () => {
    await commitProfiles(1n, [makeProfile('p1', { locationId: 'madrid' })]);
    await commitProfiles(2n, [makeProfile('p1', { locationId: 'vigo' })], monday);

    await commitProfiles(3n, [makeProfile('p1', { locationId: 'madrid' })], monday);

    expect(await locations()).toEqual(['0001-01-01 madrid', `${monday} madrid`]);
  });

  it('of an older read is not observed any more', async () => {
    await commitProfiles(2n, [makeProfile('p1', { locationId: 'madrid' })]);

    await commitProfiles(1n, [makeProfile('p1', { locationId: 'vigo' })], monday);

    expect(await locations()).toEqual(['0001-01-01 madrid']);
  });

  it('is not lost where two reads meet a new profile at once', async () => {
    const first = await openTransaction(db, (tx) =>
      profiles(tx, 1n, [makeProfile('p1', { locationId: null })]),
    );
    const second = commitProfiles(2n, [makeProfile('p1', { locationId: 'madrid' })], monday);
    await waitForLock(db);

    await first.commit();
    await second;

    expect(await locations()).toEqual(['0001-01-01 –', `${monday} madrid`]);
  });
});

describe('an absence', () => {
  it('marks the days that it lies on', async () => {
    await commitAbsences(1n, [
      makeAbsence('a1', 'p1', monday, { finishOn: friday }),
      makeAbsence('a2', 'nobody’s', monday),
    ]);

    expect(await takeMarks()).toEqual([`e1 ${monday}..${friday}`]);
  });

  it('without an end marks all days from its first', async () => {
    await commitAbsences(1n, [makeAbsence('a1', 'p1', monday, { finishOn: null })]);

    expect(await takeMarks()).toEqual([`e1 ${monday}..`]);
  });

  it('that moves marks the days where it was and where it is', async () => {
    await commitAbsences(1n, [makeAbsence('a1', 'p1', friday)]);
    await takeMarks();

    await commitAbsences(2n, [makeAbsence('a1', 'p1', monday)]);

    expect(await takeMarks()).toEqual([`e1 ${monday}..${friday}`]);
  });

  it('that changes hands marks both people', async () => {
    await createEmployee(db, tenantId, 'e2', { profileId: 'p2' });
    await commitAbsences(1n, [makeAbsence('a1', 'p1', monday)]);
    await takeMarks();

    await commitAbsences(2n, [makeAbsence('a1', 'p2', monday)]);

    expect(await takeMarks()).toEqual([`e1 ${monday}..${monday}`, `e2 ${monday}..${monday}`]);
  });

  it('that Factorial calls deleted is gone, and marks its days', async () => {
    await commitAbsences(1n, [makeAbsence('a1', 'p1', monday)]);
    await takeMarks();

    const { deleted } = await commitAbsences(2n, [
      makeAbsence('a1', 'p1', monday, { deletedAt: new Date() }),
    ]);

    expect(deleted.map(({ id }) => id)).toEqual(['a1']);
    expect(await takeMarks()).toEqual([`e1 ${monday}..${monday}`]);
  });

  it.each<[string, (tx: Transaction) => Promise<unknown>]>([
    [
      'Factorial calls deleted',
      (tx) =>
        saveAbsences(tx, tenantId, () => 5n, [makeAbsence('a1', 'p1', monday, { deletedAt: new Date() })]),
    ],
    ['does not answer after it was called deleted', (tx) => deleteAbsences(tx, tenantId, 5n, ['a1'])],
  ])('that %s before we ever saw it is not brought to life by an older read', async (_how, remove) => {
    await inTransaction(db, remove);
    await takeMarks();

    const outcome = await commitAbsences(4n, [makeAbsence('a1', 'p1', monday)]);

    expect(outcome.stale).toHaveLength(1);
    expect(await db.absence.count({ where: { tenantId, deletedAt: null } })).toBe(0);
    expect(await takeMarks()).toEqual([]);
  });

  it('that was called deleted before we ever saw it is there once a newer read sees it', async () => {
    await inTransaction(db, (tx) => deleteAbsences(tx, tenantId, 5n, ['a1']));

    await commitAbsences(6n, [makeAbsence('a1', 'p1', monday)]);

    expect(await db.absence.count({ where: { tenantId, deletedAt: null } })).toBe(1);
    expect(await takeMarks()).toEqual([`e1 ${monday}..${monday}`]);
  });

  it('tells nobody of a deletion that changed nothing', async () => {
    const { deleted } = await commitAbsences(1n, [
      makeAbsence('a1', 'p1', monday, { deletedAt: new Date() }),
    ]);

    expect(deleted).toEqual([]);
    expect(await takeMarks()).toEqual([]);
  });
});

describe('an absence type', () => {
  const type = { id: 'vacation', name: 'Vacation', color: null, active: true, workable: false };
  const commitType = (readNumber: bigint, changes: object = {}) =>
    inTransaction(db, (tx) => saveAbsenceTypes(tx, tenantId, () => readNumber, [{ ...type, ...changes }]));

  it('marks the people of its absences when it is new and when it starts to count as work, not for its name', async () => {
    await commitAbsences(1n, [makeAbsence('a1', 'p1', monday)]);
    await takeMarks();

    await commitType(2n);
    expect(await takeMarks()).toEqual(['e1 ..']);

    await commitType(3n, { name: 'Holidays' });
    expect(await takeMarks()).toEqual([]);

    await commitType(4n, { workable: true });
    expect(await takeMarks()).toEqual(['e1 ..']);
  });
});

describe('a holiday', () => {
  const holiday = (id: string, date: string, locationId: string | null = 'madrid') => ({
    id,
    date,
    locationId,
    halfDay: null,
  });
  const commitHolidays = (readNumber: bigint, rows: Parameters<typeof saveHolidays>[3]) =>
    inTransaction(db, (tx) => saveHolidays(tx, tenantId, () => readNumber, rows));
  beforeEach(async () => {
    await commitProfiles(1n, [makeProfile('p1', { locationId: 'madrid' })]);
    await takeMarks();
  });

  it('marks the people of its location on its date', async () => {
    await commitHolidays(2n, [
      holiday('h1', monday),
      holiday('h2', friday),
      holiday('h3', tuesday, 'vigo'),
      holiday('h4', tuesday, null),
    ]);

    expect(await takeMarks()).toEqual([`e1 ${monday}..${friday}`]);
  });

  it('marks people who worked there once', async () => {
    await commitProfiles(2n, [makeProfile('p1', { locationId: 'vigo' })], monday);
    await takeMarks();

    await commitHolidays(3n, [holiday('h1', today)]);

    expect(await takeMarks()).toEqual([`e1 ${today}..${today}`]);
  });

  it('that moves marks both dates, and one that goes marks its own', async () => {
    await commitHolidays(2n, [holiday('h1', friday)]);
    await takeMarks();

    await commitHolidays(3n, [holiday('h1', monday)]);
    expect(await takeMarks()).toEqual([`e1 ${monday}..${friday}`]);

    await inTransaction(db, (tx) => deleteHolidays(tx, tenantId, 4n, ['h1']));
    expect(await takeMarks()).toEqual([`e1 ${monday}..${monday}`]);
  });
});

describe('a plan', () => {
  const range = { from: monday, to: friday };
  const commitPlan = (
    readNumber: bigint,
    minutes: string | null,
    from = monday,
    to = friday,
    isWhole = true,
  ) =>
    inTransaction(db, (tx) =>
      savePlannedMinutes(tx, tenantId, readNumber, ['p1'], range, {
        plans: makePlans('p1', from, to, minutes),
        isWhole,
        spansWindow: true,
      }),
    );
  const planReads = async () =>
    (await db.employeeLink.findMany({ where: { tenantId } })).map((link) => link.plannedReadNumber);

  it('that changes marks all days: a first known one ends the default week for each of them', async () => {
    await commitPlan(1n, '480');

    expect(await takeMarks()).toEqual(['e1 ..']);
  });

  it('that did not change marks nothing, and counts as read', async () => {
    await commitPlan(1n, '480');
    await takeMarks();

    await commitPlan(2n, '480');

    expect(await takeMarks()).toEqual([]);
    expect(await planReads()).toEqual([2n]);
  });

  it('says nothing any more of days that the answer leaves out', async () => {
    await commitPlan(1n, '480');

    await commitPlan(2n, '480', tuesday);

    const [first, second] = await db.plannedMinutes.findMany({
      where: { tenantId },
      orderBy: { date: 'asc' },
    });
    expect(first).toMatchObject({ minutes: null, source: null, readNumber: 2n });
    expect(Number(second?.minutes)).toBe(480);
  });

  it('keeps the days that a broken answer leaves out', async () => {
    await commitPlan(1n, '480');
    await takeMarks();

    await commitPlan(2n, '480', tuesday, friday, false);

    expect(await db.plannedMinutes.count({ where: { tenantId, minutes: 480 } })).toBe(5);
    expect(await takeMarks()).toEqual([]);
  });

  it('keeps all days when the answer has none: that may be a missing permission', async () => {
    await commitPlan(1n, '480');

    const { isWhole } = await commitPlan(2n, '480', friday, monday);

    expect(isWhole).toBe(false);
    expect(await db.plannedMinutes.count({ where: { tenantId, minutes: 480 } })).toBe(5);
  });

  it('counts as read by the newest read', async () => {
    await commitPlan(5n, '480');
    await commitPlan(4n, '300');

    expect(await planReads()).toEqual([5n]);
  });

  it('is read again where somebody asks for it', async () => {
    await commitPlan(1n, '480');

    await inTransaction(db, (tx) => requestPlannedMinutes(tx, tenantId, ['p1', 'nobody’s']));

    expect(await planReads()).toEqual([null]);
  });
});
