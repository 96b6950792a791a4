import type { CivilDate } from '../domain/civil-date.ts';
import { DomainError } from '../domain/errors.ts';
import { describeDay, type DayRow } from './calendar-read.ts';
import { fromCivil } from './civil.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { requireDayType } from './day-types.ts';
import { lockEmployee, unknownEmployee } from './employees.ts';
import { computeDays, recomputeDay } from './recompute.ts';

/** What a person sets a day to. */
export interface EditWish {
  readonly dayTypeId: string;
  /** Null: the minutes of the day type; for a working day those planned. */
  readonly expectedMinutes: number | null;
  readonly note: string | null;
}

/**
 * Sets one day of an employee by hand; it wins until it is removed (rule 7). The day is right when this returns, and the
 * feed knows. Throws `not_found`, `unknown_day_type`, `not_employed`. Safe to repeat.
 */
export async function putManualEdit(
  db: Database,
  tenantId: string,
  employeeId: string,
  date: CivilDate,
  wish: EditWish,
  actor: string,
  nowMs: number,
): Promise<DayRow> {
  return await inTransaction(db, async (tx) => {
    await requireEmployee(tx, tenantId, employeeId);
    const dayType = await requireDayType(tx, tenantId, wish.dayTypeId);
    const [present] = await computeDays(tx, tenantId, employeeId, date, date, nowMs);
    if (present === undefined) throw notEmployed(date);
    const usualMinutes = dayType.key === 'working_day' ? present.plannedMinutes : dayType.expectedMinutes;
    const content = {
      dayTypeId: dayType.id,
      expectedMinutes: wish.expectedMinutes ?? usualMinutes,
      note: wish.note,
      editedBy: actor,
      editedAt: new Date(nowMs),
    };
    const key = { tenantId, employeeId, date: fromCivil(date) };
    await tx.manualEdit.upsert({
      where: { tenantId_employeeId_date: key },
      create: { ...key, ...content },
      update: content,
    });
    const day = await recomputeDay(tx, tenantId, employeeId, date, nowMs);
    if (day === null) throw notEmployed(date);
    return await describeDay(tx, tenantId, day);
  });
}

/** Removes an edit, if there is one: the day becomes what Factorial says now. Throws `not_found`. Safe to repeat. */
export async function removeManualEdit(
  db: Database,
  tenantId: string,
  employeeId: string,
  date: CivilDate,
  nowMs: number,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireEmployee(tx, tenantId, employeeId);
    const { count } = await tx.manualEdit.deleteMany({
      where: { tenantId, employeeId, date: fromCivil(date) },
    });
    if (count > 0) await recomputeDay(tx, tenantId, employeeId, date, nowMs);
  });
}

function notEmployed(date: CivilDate): DomainError {
  return new DomainError(
    'not_employed',
    `The employee is not employed on ${date}. Choose a day of the employment.`,
  );
}

async function requireEmployee(tx: Transaction, tenantId: string, employeeId: string): Promise<void> {
  if (!(await lockEmployee(tx, tenantId, employeeId))) throw unknownEmployee(employeeId);
}
