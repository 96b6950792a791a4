import { z } from 'zod';
import { instant, orNull, requiredId } from '../fields.ts';

/** A work schedule and who follows it: tells whose planned minutes to read again when it changes. */
export interface ScheduleRecord {
  readonly id: string;
  readonly profileIds: string[];
  readonly updatedAt: Date | null;
}

/** Source: Factorial API 2026-10-01, GET /work_schedule/schedules. */
export const scheduleSchema = z
  .object({
    id: requiredId,
    employee_ids: orNull(z.array(requiredId)),
    updated_at: instant,
  })
  .transform((row): ScheduleRecord => ({
    id: row.id,
    profileIds: row.employee_ids ?? [],
    updatedAt: row.updated_at,
  }));
