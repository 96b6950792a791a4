import { z } from 'zod';
import { flag, requiredId, text } from '../fields.ts';

/** Factorial's leave type. */
export interface AbsenceTypeRecord {
  readonly id: string;
  /** Factorial's `name`, not the translated one; the id where it is missing. */
  readonly name: string;
  /** A name or a hex value, free text. */
  readonly color: string | null;
  /** False: retired, no longer offered; types are never deleted. */
  readonly active: boolean;
  /** True: such days still count as worked, e.g. work from home. */
  readonly workable: boolean;
}

/** Source: Factorial API 2026-10-01, GET /timeoff/leave_types. */
export const absenceTypeSchema = z
  .object({ id: requiredId, name: text, color: text, active: flag, workable: flag })
  .transform((row): AbsenceTypeRecord => ({
    id: row.id,
    name: row.name ?? row.id,
    color: row.color,
    active: row.active ?? true,
    workable: row.workable ?? false,
  }));
