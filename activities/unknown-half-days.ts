import { DomainError } from '../domain/errors.ts';
import type { AbsenceRecord } from '../factorial/resources/absences.ts';

const halfDays = new Set<string | null>([null, 'beginning_of_day', 'end_of_day']);

/** Absences whose half day we do not know: they are kept and claim nothing (design.md 5), so somebody must hear of them. */
export function unknownHalfDays(
  rows: readonly Pick<AbsenceRecord, 'id' | 'halfDay' | 'deletedAt'>[],
): { id: string; error: DomainError }[] {
  return rows
    .filter(({ halfDay, deletedAt }) => deletedAt === null && !halfDays.has(halfDay))
    .map(({ id }) => {
      const message = `The absence ${id} has a half day that is not known: it is kept and does not count.`;
      return { id, error: new DomainError('unknown_value', message, { field: 'half_day', factorialId: id }) };
    });
}
