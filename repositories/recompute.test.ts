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
import { addDays } from '../domain/civil-date.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import type { ProfileFact } from './fact-tables.ts';
import { appendChanges } from './feed.ts';
import { putManualEdit, removeManualEdit } from './manual-edits.ts';
import { linkEmployees } from './links.ts';
import { clearMapping, setMapping } from './mappings.ts';
import { markForRecompute } from './marks.ts';
import { computeDays, previewMapping, recompute } from './recompute.ts';
import {
  deleteAbsences,
  deleteProfiles,
  saveAbsences,
  saveAbsenceTypes,
  saveHolidays,
  savePlannedMinutes,
  saveProfiles,
} from './sync.ts';

/** A Sunday; the horizon is 2026-10-22 to 2027-02-22, 124 days. */
const today = '2026-11-22';
const nowMs = Date.parse('2026-11-22T12:00:00Z');
const horizon = { from: '2026-10-22', to: '2027-02-22' };
const horizonDays = 124;
const monday = '2026-11-23';
const tuesday = '2026-11-24';
const vacation = { dayTypeId: 'vacation', expectedMinutes: 0 };

let test: TestDatabase;
let db: Database;
let tenantId: string;
let readNumber: bigint;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
  readNumber = 0n;
  await db.dayType.create({
    data: { tenantId, id: 'vacation', name: 'Vacation', color: '#123456', expectedMinutes: 0 },
  });
  await db.dayTypeMapping.create({
    data: { tenantId, absenceTypeId: 'vacation', dayTypeId: 'vacation', changedBy: 'test' },
  });
  await inTransaction(db, (tx) =>
    saveAbsenceTypes(tx, tenantId, next(), [
      { id: 'vacation', name: 'Vacation', color: null, active: true, workable: false },
    ]),
  );
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

/** The number of a read that is newer than all before. */
function next(): () => bigint {
  readNumber += 1n;
  const number = readNumber;
  return () => number;
}

const giveProfile = (changes: Partial<ProfileFact> = {}, on = today) =>
  inTransaction(db, (tx) =>
    saveProfiles(tx, tenantId, next(), [makeProfile('p1', changes)], { today: on, baselineBefore: null }),
  );
const giveAbsences = (...absences: Parameters<typeof saveAbsences>[3]) =>
  inTransaction(db, (tx) => saveAbsences(tx, tenantId, next(), absences));
const givePlan = (minutes: string, from = horizon.from, to = horizon.to) =>
  inTransaction(db, (tx) =>
    savePlannedMinutes(
      tx,
      tenantId,
      next()(),
      ['p1'],
      { from, to },
      { plans: makePlans('p1', from, to, minutes), isWhole: true, spansWindow: true },
    ),
  );
const giveHoliday = (id: string, date: string, locationId: string) =>
  inTransaction(db, (tx) => saveHolidays(tx, tenantId, next(), [{ id, date, locationId, halfDay: null }]));
const mark = (fromOn: string | null = null, toOn: string | null = null) =>
  inTransaction(db, (tx) => markForRecompute(tx, tenantId, [{ employeeId: 'e1', fromOn, toOn }]));
const run = (generation = 1) => recompute(db, tenantId, ['e1'], { nowMs, generation });
const edit = (date: string) =>
  putManualEdit(db, tenantId, 'e1', date, { ...vacation, expectedMinutes: 77, note: null }, 'ana', nowMs);

/** A linked employee with 480 minutes planned every day, computed; the feed is read to its end. */
async function startWithDays(employee: { startsOn?: string; endsOn?: string } = {}): Promise<void> {
  await createEmployee(db, tenantId, 'e1', { profileId: 'p1', ...employee });
  await giveProfile({ locationId: 'madrid' });
  await givePlan('480');
  await run();
  await news();
}

/** A stored day as `type planned expected source`; null when none is stored. */
async function dayOn(date: string): Promise<string | null> {
  const day = await db.calendarDay.findUnique({
    where: { tenantId_employeeId_date: { tenantId, employeeId: 'e1', date: new Date(`${date}T00:00:00Z`) } },
  });
  return day === null ? null : [day.dayTypeId, day.plannedMinutes, day.expectedMinutes, day.source].join(' ');
}
const countDays = () => db.calendarDay.count({ where: { tenantId, employeeId: 'e1' } });

let cursors = new Map<string, bigint>();
/** What the feed told of days since the last look, as `upsert e1/date`. */
async function news(): Promise<string[]> {
  const rows = await db.change.findMany({
    where: { tenantId, sequence: { gt: cursors.get(tenantId) ?? 0n } },
    orderBy: { sequence: 'asc' },
  });
  cursors = new Map(cursors).set(tenantId, rows.at(-1)?.sequence ?? cursors.get(tenantId) ?? 0n);
  return rows
    .filter(({ entity }) => entity === 'calendar_day')
    .map(({ operation, entityId }) => `${operation} ${entityId}`);
}

describe('a recompute', () => {
  it('stores every day of the horizon and tells each of them', async () => {
    await createEmployee(db, tenantId, 'e1');
    await mark();

    expect(await run()).toEqual({ employees: 1, days: horizonDays });

    expect(await countDays()).toBe(horizonDays);
    expect(await dayOn(horizon.from)).toBe('working_day 480 480 default');
    expect(await dayOn(horizon.to)).toBe('working_day 480 480 default');
    expect(await dayOn(today)).toBe('day_off 0 0 default');
    const told = await news();
    expect(told).toHaveLength(horizonDays);
    expect(told[0]).toBe(`upsert e1/${horizon.from}`);
  });

  it('a second time writes nothing and tells nothing', async () => {
    await startWithDays();
    const before = await db.calendarDay.findMany({ where: { tenantId } });
    await mark();

    expect(await run()).toEqual({ employees: 1, days: 0 });

    expect(await db.calendarDay.findMany({ where: { tenantId } })).toEqual(before);
    expect(await news()).toEqual([]);
  });

  it('of all days finds the one that is missing, and the one that is not as it should be', async () => {
    await startWithDays();
    await db.calendarDay.deleteMany({ where: { tenantId, date: new Date(`${monday}T00:00:00Z`) } });
    await db.calendarDay.updateMany({
      where: { tenantId, date: new Date(`${tuesday}T00:00:00Z`) },
      data: { expectedMinutes: 1, contentHash: 'another' },
    });
    await mark();

    expect(await run()).toEqual({ employees: 1, days: 2 });

    expect(await dayOn(monday)).toBe('working_day 480 480 factorial');
    expect(await dayOn(tuesday)).toBe('working_day 480 480 factorial');
    expect((await news()).toSorted()).toEqual([`upsert e1/${monday}`, `upsert e1/${tuesday}`]);
  });

  it('of all days finds one that lies on another date', async () => {
    await startWithDays();
    const moved = addDays(horizon.to, 1);
    await db.calendarDay.updateMany({
      where: { tenantId, date: new Date(`${horizon.to}T00:00:00Z`) },
      data: { date: new Date(`${moved}T00:00:00Z`) },
    });
    await mark();

    expect(await run()).toEqual({ employees: 1, days: 2 });

    expect(await dayOn(horizon.to)).toBe('working_day 480 480 factorial');
    expect(await dayOn(moved)).toBe('day_off 0 0 factorial');
  });

  it('of people who share a day and people who do not tells exactly what changed', async () => {
    const ids = ['e1', 'e2', 'e3'];
    const marks = ids.map((employeeId) => ({ employeeId, fromOn: null, toOn: null }));
    for (const id of ids) await createEmployee(db, tenantId, id, id === 'e2' ? { profileId: 'p1' } : {});
    await giveProfile();
    await inTransaction(db, (tx) => markForRecompute(tx, tenantId, marks));
    await recompute(db, tenantId, ids, { nowMs });
    await news();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await inTransaction(db, (tx) => markForRecompute(tx, tenantId, marks));

    expect(await recompute(db, tenantId, ids, { nowMs })).toEqual({ employees: 3, days: 1 });

    expect(await news()).toEqual([`upsert e2/${monday}`]);
  });

  it('without a mark does nothing', async () => {
    await startWithDays();
    await db.calendarDay.deleteMany({ where: { tenantId } });

    expect(await run()).toEqual({ employees: 1, days: 0 });
  });

  it('works its mark off', async () => {
    await startWithDays();

    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(0);
  });

  it('writes and tells only the days that changed', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday, { finishOn: tuesday }));

    expect(await run()).toEqual({ employees: 1, days: 2 });

    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
    expect(await news()).toEqual([`upsert e1/${monday}`, `upsert e1/${tuesday}`]);
  });

  it('tells the day as the calendar shows it', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await run();

    const [change] = await db.change.findMany({
      where: { tenantId },
      orderBy: { sequence: 'desc' },
      take: 1,
    });
    expect(change?.data).toEqual({
      employeeId: 'e1',
      date: monday,
      dayType: { id: 'vacation', key: null, name: 'Vacation', color: '#123456' },
      plannedMinutes: 480,
      expectedMinutes: 0,
      source: 'factorial',
    });
  });

  it('keeps why a day is so up to date without telling those who only see the day', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await run();
    await news();

    await inTransaction(db, (tx) => deleteAbsences(tx, tenantId, next()(), ['a1']));
    await giveAbsences(makeAbsence('a2', 'p1', monday));
    await run();

    const day = await db.calendarDay.findFirst({
      where: { tenantId, date: new Date(`${monday}T00:00:00Z`) },
    });
    expect(day?.provenance).toMatchObject({ claims: [{ factorialId: 'a2' }] });
    expect(await news()).toEqual([]);
  });

  it('brings a day back when its absence is gone', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await run();
    await news();

    await inTransaction(db, (tx) => deleteAbsences(tx, tenantId, next()(), ['a1']));
    await run();

    expect(await dayOn(monday)).toBe('working_day 480 480 factorial');
    expect(await news()).toEqual([`upsert e1/${monday}`]);
  });

  it('computes many employees, in batches', async () => {
    const ids = Array.from({ length: 103 }, (_, index) => `m${index}`);
    await db.tenant.update({ where: { id: tenantId }, data: { horizonDaysBack: 1, horizonDaysAhead: 1 } });
    await db.employee.createMany({ data: ids.map((id) => ({ tenantId, id, name: id, createdBy: 'test' })) });
    await inTransaction(db, (tx) =>
      markForRecompute(
        tx,
        tenantId,
        ids.map((employeeId) => ({ employeeId, fromOn: null, toOn: null })),
      ),
    );
    let batches = 0;

    const result = await recompute(db, tenantId, [...ids, ...ids], {
      nowMs,
      onProgress: () => (batches += 1),
    });

    expect(result).toEqual({ employees: 103, days: 309 });
    expect(batches).toBe(2);
  });

  it('of another tenant changes nothing here', async () => {
    await startWithDays();
    const other = await createConnectedTenant(db);
    await mark();

    await recompute(db, other, ['e1'], { nowMs });

    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(1);
    expect(await db.calendarDay.count({ where: { tenantId: other } })).toBe(0);
  });

  it('is refused to a generation that is over, and writes nothing', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

    await expect(run(1)).rejects.toMatchObject({ code: 'fenced' });

    expect(await dayOn(monday)).toBe('working_day 480 480 factorial');
    expect(await news()).toEqual([]);
    expect(await run(2)).toMatchObject({ days: 1 });
  });

  it('ends between two batches when it is cancelled', async () => {
    await startWithDays();
    await mark();

    await expect(recompute(db, tenantId, ['e1'], { nowMs, signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(1);
  });
});

describe('the plan', () => {
  it('gives way to 0 where the horizon has a day that is known', async () => {
    await createEmployee(db, tenantId, 'e1', { profileId: 'p1' });
    await giveProfile();
    await run();
    expect(await dayOn(monday)).toBe('working_day 480 480 default');

    await givePlan('450', tuesday, tuesday);
    await mark();
    await run();

    expect(await dayOn(tuesday)).toBe('working_day 450 450 factorial');
    expect(await dayOn(monday)).toBe('day_off 0 0 factorial');
  });

  it('does not become known by a day outside of the horizon', async () => {
    await createEmployee(db, tenantId, 'e1', { profileId: 'p1' });
    await giveProfile();
    await givePlan('450', '2026-10-01', '2026-10-01');
    await run();

    expect(await dayOn(monday)).toBe('working_day 480 480 default');
  });

  it('that is fractional is stored rounded and computed exactly', async () => {
    await startWithDays();
    await givePlan('462.5');
    await giveAbsences(makeAbsence('a1', 'p1', monday, { halfDay: 'beginning_of_day' }));
    await run();

    expect(await dayOn(monday)).toBe('vacation 463 231 factorial');
  });
});

describe('days without employment', () => {
  it('are removed, and the feed is told', async () => {
    await startWithDays();

    await giveProfile({ locationId: 'madrid', terminatedOn: '2027-02-20' });
    await run();

    expect(await dayOn('2027-02-20')).toBe('working_day 480 480 factorial');
    expect(await dayOn('2027-02-21')).toBeNull();
    expect(await news()).toEqual(['delete e1/2027-02-21', 'delete e1/2027-02-22']);
  });

  it('return when the termination is taken back', async () => {
    await startWithDays();
    await giveProfile({ locationId: 'madrid', terminatedOn: '2026-11-01' });
    await run();
    expect(await countDays()).toBe(11);
    await news();

    await giveProfile({ locationId: 'madrid' });
    await run();

    expect(await countDays()).toBe(horizonDays);
    expect(await news()).toHaveLength(horizonDays - 11);
  });

  it('keep an edit, which returns with the employment', async () => {
    await startWithDays();
    await edit(monday);
    await giveProfile({ locationId: 'madrid', terminatedOn: today });
    await run();
    expect(await dayOn(monday)).toBeNull();

    await giveProfile({ locationId: 'madrid' });
    await run();

    expect(await dayOn(monday)).toBe('vacation 480 77 manual');
  });

  it('are never stored before the first and after the last', async () => {
    await startWithDays({ startsOn: monday, endsOn: tuesday });

    expect(await countDays()).toBe(2);
    expect(await dayOn(today)).toBeNull();
    expect(await dayOn(monday)).not.toBeNull();
    expect(await dayOn(tuesday)).not.toBeNull();
  });

  it('are all days of an employee that does not exist any more', async () => {
    await startWithDays();
    await db.employee.delete({ where: { tenantId_id: { tenantId, id: 'e1' } } });
    await mark();
    await run();

    expect(await countDays()).toBe(0);
    expect((await news()).filter((one) => one.startsWith('delete'))).toHaveLength(horizonDays);
  });
});

describe('a profile that vanished', () => {
  it('leaves the default week, and its days come back with it', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', '2026-11-02'));
    await run();

    await inTransaction(db, (tx) => deleteProfiles(tx, tenantId, next()(), ['p1']));
    await run();
    expect(await dayOn('2026-11-02')).toBe('working_day 480 480 default');

    await giveProfile({ locationId: 'madrid' });
    await run();
    expect(await dayOn('2026-11-02')).toBe('vacation 480 0 factorial');
  });
});

describe('days outside of the horizon', () => {
  it('are not stored by a recompute', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', addDays(horizon.from, -1), { finishOn: null }));
    await run();

    expect(await countDays()).toBe(horizonDays);
  });

  it('that were stored once stay right, up to 400 days back', async () => {
    await startWithDays();
    const later = Date.parse('2027-11-22T12:00:00Z');
    const reached = addDays('2027-11-22', -400);

    await giveAbsences(makeAbsence('a1', 'p1', '2026-10-22'), makeAbsence('a2', 'p1', monday));
    await recompute(db, tenantId, ['e1'], { nowMs: later });

    expect(reached).toBe('2026-10-18');
    expect(await dayOn('2026-10-22')).toBe('vacation 480 0 factorial');
    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
  });

  it('are not filled up where some between them are not stored', async () => {
    await startWithDays();
    await edit('2027-06-01');
    await mark();

    expect(await run()).toEqual({ employees: 1, days: 0 });

    expect(await countDays()).toBe(horizonDays + 1);
  });

  it('more than 400 days back stay as they are', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));

    await recompute(db, tenantId, ['e1'], { nowMs: Date.parse('2027-12-29T12:00:00Z') });

    expect(await dayOn(monday)).toBe('working_day 480 480 factorial');
    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(0);
  });

  it.each(['2026-09-01', '2027-06-01'])(
    'are stored for an edit on %s, and stay right after it',
    async (date) => {
      await startWithDays();

      await edit(date);
      expect(await dayOn(date)).toBe('vacation 0 77 manual');
      expect(await news()).toEqual([`upsert e1/${date}`]);

      await removeManualEdit(db, tenantId, 'e1', date, nowMs);
      expect(await dayOn(date)).toBe('day_off 0 0 factorial');

      await givePlan('300', date, date);
      await run();
      expect(await dayOn(date)).toBe('working_day 300 300 factorial');
    },
  );

  it('are computed for who asks, and not written', async () => {
    await startWithDays();
    await givePlan('480', '2027-06-01', '2027-06-02');
    await giveAbsences(makeAbsence('a1', 'p1', '2027-06-01'));

    const days = await computeDays(db, tenantId, 'e1', '2027-06-01', '2027-06-02', nowMs);

    expect(days.map(({ date, expectedMinutes }) => [date, expectedMinutes])).toEqual([
      ['2027-06-01', 0],
      ['2027-06-02', 480],
    ]);
    expect(await dayOn('2027-06-01')).toBeNull();
    expect(await computeDays(db, tenantId, 'unknown', '2027-06-01', '2027-06-02', nowMs)).toEqual([]);
  });
});

describe('a change of location', () => {
  it('brings the holidays of the new place from the day it was observed, and keeps those before', async () => {
    await startWithDays();
    await giveHoliday('h1', '2026-11-02', 'madrid');
    await giveHoliday('h2', '2026-11-03', 'vigo');
    await giveHoliday('h3', '2026-12-07', 'madrid');
    await giveHoliday('h4', '2026-12-08', 'vigo');
    await run();

    await giveProfile({ locationId: 'vigo' }, today);
    await run();

    const days = ['2026-11-02', '2026-11-03', '2026-12-07', '2026-12-08'];
    const types = await Promise.all(days.map(async (date) => (await dayOn(date))?.split(' ')[0]));
    expect(types).toEqual(['holiday', 'working_day', 'working_day', 'holiday']);
  });
});

describe('a manual edit', () => {
  it('is not changed by what Factorial says, and gives way to it when it is removed', async () => {
    await startWithDays();
    await edit(monday);
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    await news();

    await run();
    expect(await dayOn(monday)).toBe('vacation 480 77 manual');
    expect(await news()).toEqual([]);

    await removeManualEdit(db, tenantId, 'e1', monday, nowMs);
    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
    expect(await news()).toEqual([`upsert e1/${monday}`]);
  });
});

describe('the preview of a mapping', () => {
  it('counts absences, people and days that would change, and writes nothing', async () => {
    await startWithDays();
    await createEmployee(db, tenantId, 'e2', { profileId: 'p2' });
    await giveAbsences(
      makeAbsence('a1', 'p1', monday, { finishOn: tuesday, absenceTypeId: 'sick' }),
      makeAbsence('a2', 'p1', '2026-12-01', { absenceTypeId: 'sick', approved: null }),
      makeAbsence('a3', 'unlinked', monday, { absenceTypeId: 'sick' }),
      makeAbsence('a4', 'p1', '2027-06-01', { absenceTypeId: 'sick' }),
    );
    const meaning = {
      status: 'mapped',
      dayTypeId: 'vacation',
      minutes: 0,
      version: 1,
      workable: false,
    } as const;

    const preview = await previewMapping(db, tenantId, 'sick', meaning, nowMs);

    expect(preview).toEqual({
      absences: 1,
      employees: 1,
      days: 2,
      sample: [
        { employeeId: 'e1', date: monday, before: 480, after: 0 },
        { employeeId: 'e1', date: tuesday, before: 480, after: 0 },
      ],
    });
    expect(await dayOn(monday)).toBe('working_day 480 480 factorial');
  });
});

describe('side by side', () => {
  it('two recomputes and an edit end with the edit and one entry for each change', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday, { finishOn: tuesday }));

    await Promise.all([run(), edit(monday), run(), run()]);

    expect(await dayOn(monday)).toBe('vacation 480 77 manual');
    expect(await dayOn(tuesday)).toBe('vacation 480 0 factorial');
    const told = await news();
    expect(told.filter((one) => one.endsWith(tuesday))).toHaveLength(1);
    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(0);
    await mark();
    expect(await run()).toMatchObject({ days: 0 });
  });

  it('a fact that is written while a recompute is under way is computed by the next', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    const [held] = await db.calendarDay.findMany({
      where: { tenantId, date: new Date(`${monday}T00:00:00Z`) },
    });
    const obstacle = await openTransaction(
      db,
      (tx) =>
        tx.$queryRaw`SELECT 1 FROM calendar_days WHERE tenant_id = ${held?.tenantId} AND date = ${monday}::date FOR UPDATE`,
    );
    const running = run();
    await waitForLock(db); // it has read its facts and its mark, and is about to write

    await giveAbsences(makeAbsence('a2', 'p1', tuesday));
    await obstacle.commit();
    await running;

    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
    expect(await dayOn(tuesday)).toBe('working_day 480 480 factorial');
    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(1);
    await run();
    expect(await dayOn(tuesday)).toBe('vacation 480 0 factorial');
  });

  it('a mark that is set when a recompute is almost done survives it', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    const obstacle = await openTransaction(db, (tx) =>
      appendChanges(tx, tenantId, [{ entity: 'employee', id: 'e9', operation: 'upsert', data: null }]),
    );
    const running = run();
    await waitForLock(db); // its mark is removed; it waits to tell the feed
    const marking = mark(tuesday, tuesday);

    await obstacle.commit();
    await Promise.all([running, marking]);

    expect(await db.recomputeMark.count({ where: { tenantId } })).toBe(1);
  });

  it('an absence that is being written while its employee is linked is computed', async () => {
    await createEmployee(db, tenantId, 'e1');
    await giveProfile();
    await givePlan('480');
    const giving = await openTransaction(db, (tx) =>
      saveAbsences(tx, tenantId, next(), [makeAbsence('a1', 'p1', monday)]),
    );
    const linking = linkEmployees(db, tenantId, [{ employeeId: 'e1', profileId: 'p1' }], 'ana', nowMs);
    await waitForLock(db); // it would not see the absence, and the absence has not seen it

    await giving.commit();
    await linking;
    await run();

    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
  });

  it('an absence that is being written while its type is mapped is computed', async () => {
    await startWithDays();
    await clearMapping(db, tenantId, 'vacation', 'ana');
    await run();
    const giving = await openTransaction(db, (tx) =>
      saveAbsences(tx, tenantId, next(), [makeAbsence('a1', 'p1', monday)]),
    );
    const mapping = setMapping(db, tenantId, 'vacation', { dayTypeId: 'vacation' }, 'ana');
    await waitForLock(db);

    await giving.commit();
    await mapping;
    await run();

    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
  });

  it('a recompute waits for whoever holds the employee, then sees what they wrote', async () => {
    await startWithDays();
    await mark();
    const editing = await openTransaction(db, async (tx) => {
      await tx.$queryRaw`SELECT id FROM employees WHERE tenant_id = ${tenantId} FOR UPDATE`;
      const date = new Date(`${monday}T00:00:00Z`);
      await tx.manualEdit.create({
        data: { tenantId, employeeId: 'e1', date, ...vacation, expectedMinutes: 5, editedBy: 'ana' },
      });
    });
    const running = run();
    await waitForLock(db);

    await editing.commit();
    await running;

    expect(await dayOn(monday)).toBe('vacation 480 5 manual');
  });

  it('a disconnect waits for the recompute that began before it', async () => {
    await startWithDays();
    await giveAbsences(makeAbsence('a1', 'p1', monday));
    const obstacle = await openTransaction(
      db,
      (tx) => tx.$queryRaw`SELECT id FROM employees WHERE tenant_id = ${tenantId} FOR UPDATE`,
    );
    const running = run();
    await waitForLock(db);
    const disconnecting = inTransaction(db, (tx) =>
      tx.connection.update({ where: { tenantId }, data: { generation: 2 } }),
    );
    await waitForLock(db, 2);

    await obstacle.commit();
    await Promise.all([running, disconnecting]);

    expect(await dayOn(monday)).toBe('vacation 480 0 factorial');
    await mark();
    await expect(run(1)).rejects.toMatchObject({ code: 'fenced' });
  });
});
