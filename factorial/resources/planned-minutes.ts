import { z } from 'zod';
import { decimalText, requiredDay, requiredId, text } from '../fields.ts';

/** How long one employee must work on one day before holidays and absences. The row's own id is virtual and not kept. */
export interface PlannedMinutesRecord {
  readonly profileId: string;
  readonly date: string;
  /** Minutes as decimal text, exact: "480", "462.5". */
  readonly expectedMinutes: string | null;
  /** `contract_hours`, `work_schedule`, `shift_management`, `none`, or a newer word. */
  readonly source: string | null;
}

/** Source: Factorial API 2026-10-01, GET /attendance/estimated_times. */
export const plannedMinutesSchema = z
  .object({ employee_id: requiredId, date: requiredDay, expected_minutes: decimalText, source: text })
  .transform((row): PlannedMinutesRecord => ({
    profileId: row.employee_id,
    date: row.date,
    expectedMinutes: row.expected_minutes,
    source: row.source,
  }));
