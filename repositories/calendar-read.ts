import { eachDay, earlier, later, type CivilDate } from '../domain/civil-date.ts';
import type { ComputedDay, DayProvenance } from '../domain/day.ts';
import { fromCivil, toCivil } from './civil.ts';
import type { Executor } from './database.ts';
import { dayTypesById, type DayTypeRow } from './day-types.ts';
import { computeDays } from './recompute.ts';

/** A day as readers see it. */
export interface DayRow {
  readonly date: CivilDate;
  readonly dayType: Pick<DayTypeRow, 'id' | 'key' | 'name' | 'color'>;
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: ComputedDay['source'];
}

/**
 * An employee's days from `from` to `to`: those stored, and the others computed from the facts. Days on which the
 * employee is not employed are left out. Null: there is no such employee.
 */
export async function readCalendar(
  db: Executor,
  tenantId: string,
  employeeId: string,
  from: CivilDate,
  to: CivilDate,
  nowMs: number,
): Promise<DayRow[] | null> {
  if (!(await employeeExists(db, tenantId, employeeId))) return null;
  const days = await readDays(db, tenantId, employeeId, from, to, nowMs);
  const dayTypes = await dayTypesById(db, tenantId); // after the days, so that a new one is among them
  return days.map((day) => toDayRow(day, dayTypes));
}

/** A day just computed, as readers see it. */
export async function describeDay(db: Executor, tenantId: string, day: ComputedDay): Promise<DayRow> {
  return toDayRow(day, await dayTypesById(db, tenantId));
}

/** The days themselves: stored, or computed where they are not. In order. */
export async function readDays(
  db: Executor,
  tenantId: string,
  employeeId: string,
  from: CivilDate,
  to: CivilDate,
  nowMs: number,
): Promise<ComputedDay[]> {
  const stored = await db.calendarDay.findMany({
    where: { tenantId, employeeId, date: { gte: fromCivil(from), lte: fromCivil(to) } },
  });
  const dayOf = new Map(stored.map((row) => [toCivil(row.date), toStoredDay(row)]));
  const missing = [...eachDay(from, to)].filter((date) => !dayOf.has(date));
  if (missing.length > 0) {
    const [first, last] = [missing.reduce(earlier), missing.reduce(later)];
    for (const day of await computeDays(db, tenantId, employeeId, first, last, nowMs)) {
      if (!dayOf.has(day.date)) dayOf.set(day.date, day);
    }
  }
  return [...dayOf.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

function toStoredDay(row: {
  date: Date;
  dayTypeId: string;
  plannedMinutes: number;
  expectedMinutes: number;
  source: string;
  provenance: unknown;
}): ComputedDay {
  const { dayTypeId, plannedMinutes, expectedMinutes } = row;
  const provenance = row.provenance as DayProvenance; // written by recompute only, always in this form
  const source = row.source === 'manual' || row.source === 'default' ? row.source : 'factorial';
  return { date: toCivil(row.date), dayTypeId, plannedMinutes, expectedMinutes, source, provenance };
}

export function toDayRow(day: ComputedDay, dayTypes: ReadonlyMap<string, DayTypeRow>): DayRow {
  const { date, plannedMinutes, expectedMinutes, source } = day;
  const { id, key, name, color } = dayTypeOf(day.dayTypeId, dayTypes);
  return { date, dayType: { id, key, name, color }, plannedMinutes, expectedMinutes, source };
}

/** Day types are never removed, so that one of a stored day is always found; the rest keeps a reader going anyway. */
export function dayTypeOf(id: string, dayTypes: ReadonlyMap<string, DayTypeRow>): DayTypeRow {
  return (
    dayTypes.get(id) ?? { id, key: null, name: id, color: '#808080', expectedMinutes: 0, builtIn: false }
  );
}

export async function employeeExists(db: Executor, tenantId: string, employeeId: string): Promise<boolean> {
  return (await db.employee.count({ where: { tenantId, id: employeeId } })) > 0;
}
