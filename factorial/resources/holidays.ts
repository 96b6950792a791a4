import { z } from 'zod';
import { id, requiredDay, requiredId, text } from '../fields.ts';
import { normaliseHalfDay } from './absences.ts';

/** One day off of one location; a national holiday appears once per location. */
export interface HolidayRecord {
  readonly id: string;
  readonly locationId: string | null;
  readonly date: string;
  /** As in `AbsenceRecord`; null for the whole day. */
  readonly halfDay: string | null;
}

/** Source: Factorial API 2026-10-01, GET /holidays/company_holidays. No timestamps, no webhooks. */
export const holidaySchema = z
  .object({ id: requiredId, location_id: id, date: requiredDay, half_day: text })
  .transform((row): HolidayRecord => ({
    id: row.id,
    locationId: row.location_id,
    date: row.date,
    halfDay: normaliseHalfDay(row.half_day),
  }));
