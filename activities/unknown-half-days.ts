import { DomainError } from '../domain/errors.ts';
import type { AbsenceRecord } from '../factorial/resources/absences.ts';
import type { HolidayRecord } from '../factorial/resources/holidays.ts';

interface Unknown {
  readonly id: string;
  readonly error: DomainError;
}

const halfDays = new Set<string | null>([null, 'beginning_of_day', 'end_of_day']);

/**
 * Absences whose half day we do not know: they are kept and claim nothing (design.md 5), so somebody must hear of them. One
 * without an end counts whole, whatever its half day says.
 */
export function unknownHalfDays(
  rows: readonly Pick<AbsenceRecord, 'id' | 'halfDay' | 'finishOn' | 'deletedAt'>[],
): Unknown[] {
  return rows
    .filter(
      ({ halfDay, finishOn, deletedAt }) => deletedAt === null && finishOn !== null && !halfDays.has(halfDay),
    )
    .map(({ id }) => toUnknown('absence', id));
}

/** The same for holidays. */
export function unknownHalfHolidays(rows: readonly Pick<HolidayRecord, 'id' | 'halfDay'>[]): Unknown[] {
  return rows.filter(({ halfDay }) => !halfDays.has(halfDay)).map(({ id }) => toUnknown('holiday', id));
}

function toUnknown(what: 'absence' | 'holiday', id: string): Unknown {
  const message = `The ${what} ${id} has a half day that is not known: it is kept and does not count.`;
  return { id, error: new DomainError('unknown_value', message, { field: 'half_day', factorialId: id }) };
}
