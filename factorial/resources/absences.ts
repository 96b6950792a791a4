import { z } from 'zod';
import { day, flag, id, instant, requiredDay, requiredId, text, wholeNumber } from '../fields.ts';

/** Factorial's leave. Its reason and description are never read: they may hold health data. */
export interface AbsenceRecord {
  readonly id: string;
  readonly profileId: string;
  readonly absenceTypeId: string | null;
  readonly startOn: string;
  /** Inclusive; null for an absence without end. */
  readonly finishOn: string | null;
  /** `beginning_of_day`, `end_of_day`, null for whole days; a value not known to us stays as it is. */
  readonly halfDay: string | null;
  /** Hundredths of an hour, for absences by hours. */
  readonly hoursInCents: number | null;
  /** True approved, false rejected, null pending. */
  readonly approved: boolean | null;
  readonly updatedAt: Date | null;
  readonly deletedAt: Date | null;
}

/** Source: Factorial API 2026-10-01, GET /timeoff/leaves. */
export const absenceSchema = z
  .object({
    id: requiredId,
    employee_id: requiredId,
    leave_type_id: id,
    start_on: requiredDay,
    finish_on: day,
    half_day: text,
    hours_amount_in_cents: wholeNumber,
    approved: flag,
    updated_at: instant,
    deleted_at: instant,
  })
  .transform((row): AbsenceRecord => ({
    id: row.id,
    profileId: row.employee_id,
    absenceTypeId: row.leave_type_id,
    startOn: row.start_on,
    finishOn: row.finish_on,
    halfDay: normaliseHalfDay(row.half_day),
    hoursInCents: row.hours_amount_in_cents,
    approved: row.approved,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  }));

/** The legacy API and some request texts misspell the first half. */
export function normaliseHalfDay(halfDay: string | null): string | null {
  return halfDay === 'beggining_of_day' ? 'beginning_of_day' : halfDay;
}
