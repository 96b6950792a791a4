import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addDays, eachDay } from '../domain/civil-date.ts';
import { horizonAt } from '../domain/horizon.ts';
import { nextNight } from '../domain/night.ts';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import {
  createConnectedTenant,
  createEmployee,
  makeAbsence,
  makePlans,
  makeProfile,
} from '../test/support/hr-facts.ts';
import { toCivil } from './civil.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { markEveryone } from './marks.ts';
import { recompute } from './recompute.ts';
import { saveAbsences, saveAbsenceTypes, saveHolidays, savePlannedMinutes, saveProfiles } from './sync.ts';

/** Where clocks change on other dates, at other hours, or forward in autumn. */
const places: readonly (readonly [timeZone: string, what: string, date: string])[] = [
  ['Europe/Madrid', 'clocks go forward', '2027-03-28'],
  ['Europe/Madrid', 'clocks go back', '2027-10-31'],
  ['Atlantic/Canary', 'clocks go forward', '2027-03-28'],
  ['Atlantic/Canary', 'clocks go back', '2027-10-31'],
  ['Pacific/Auckland', 'clocks go back', '2027-04-04'],
  ['Pacific/Auckland', 'clocks go forward', '2027-09-26'],
  ['America/Mexico_City', 'a month ends', '2027-01-31'],
  ['America/Mexico_City', 'a year ends', '2027-12-31'],
  ['Europe/Madrid', 'a leap day comes', '2028-02-29'],
];

const around = { horizonDaysBack: 2, horizonDaysAhead: 3 };
const everything = { from: '2026-12-01', to: '2028-12-31' };

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 4);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

/** An employee who is away on the day before, on the day, and on the day after; the day itself is a holiday until noon. */
async function createTenant(timeZone: string, date: string): Promise<string> {
  const tenantId = await createConnectedTenant(db);
  await db.tenant.update({ where: { id: tenantId }, data: { timeZone, ...around } });
  await db.dayType.create({
    data: { tenantId, id: 'away', name: 'Away', color: '#123456', expectedMinutes: 60 },
  });
  await db.dayTypeMapping.create({
    data: { tenantId, absenceTypeId: 'away', dayTypeId: 'away', changedBy: 'test' },
  });
  await createEmployee(db, tenantId, 'e1', { profileId: 'p1' });
  await inTransaction(db, async (tx) => {
    const type = { id: 'away', name: 'Away', color: null, active: true, workable: false };
    await saveAbsenceTypes(tx, tenantId, () => 1n, [type]);
    const profile = makeProfile('p1', { locationId: 'here' });
    await saveProfiles(tx, tenantId, () => 1n, [profile], { today: everything.from, baselineBefore: null });
    const absence = makeAbsence('a1', 'p1', addDays(date, -1), {
      absenceTypeId: 'away',
      finishOn: addDays(date, 1),
    });
    await saveAbsences(tx, tenantId, () => 1n, [absence]);
    const holiday = { id: 'h1', date, locationId: 'here', halfDay: 'beginning_of_day' };
    await saveHolidays(tx, tenantId, () => 1n, [holiday]);
    const plans = makePlans('p1', everything.from, everything.to, '480');
    await savePlannedMinutes(tx, tenantId, 1n, ['p1'], everything, {
      plans,
      isWhole: true,
      spansWindow: true,
    });
  });
  return tenantId;
}

const storedDays = async (tenantId: string): Promise<Map<string, string>> => {
  const rows = await db.calendarDay.findMany({ where: { tenantId }, orderBy: { date: 'asc' } });
  return new Map(rows.map((row) => [toCivil(row.date), `${row.dayTypeId} ${row.expectedMinutes}`]));
};

/** What a day must say, whatever the clocks do. */
const dayAround = (day: string, date: string): string => {
  if (day === date) return 'holiday 30'; // half a holiday, half away
  return day >= addDays(date, -1) && day <= addDays(date, 1) ? 'away 60' : 'working_day 480';
};

it.each(places)(
  'in %s no day is early, late or doubled in the two weeks around the day on which %s, %s',
  async (timeZone, _what, date) => {
    const tenantId = await createTenant(timeZone, date);
    const settings = { tenantId, timeZone, nightlyHour: 2 };
    const days: string[] = [];
    const first = nextNight(Date.parse(`${addDays(date, -7)}T00:00:00Z`), settings);

    for (let night = first; night.nightOn <= addDays(date, 7); night = nextNight(night.atMs, settings)) {
      const { today, from, to } = horizonAt(night.atMs, { timeZone, ...around });
      days.push(today);
      await inTransaction(db, (tx) => markEveryone(tx, tenantId));
      await recompute(db, tenantId, ['e1'], { nowMs: night.atMs });

      const stored = await storedDays(tenantId);
      expect(today).toBe(night.nightOn);
      expect([...stored.keys()]).toEqual([...eachDay(addDays(first.nightOn, -around.horizonDaysBack), to)]);
      expect(from).toBe(addDays(today, -around.horizonDaysBack));
      for (const [day, says] of stored) expect(`${day} ${says}`).toBe(`${day} ${dayAround(day, date)}`);
    }

    expect(days).toEqual([...eachDay(first.nightOn, addDays(date, 7))]);
  },
);
