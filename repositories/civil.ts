import type { CivilDate } from '../domain/civil-date.ts';

/** A `@db.Date` column reaches us as a UTC midnight; ours are civil dates. */
export function toCivil(date: Date): CivilDate;
export function toCivil(date: Date | null): CivilDate | null;
export function toCivil(date: Date | null): CivilDate | null {
  return date === null ? null : date.toISOString().slice(0, 10);
}

export function fromCivil(date: CivilDate): Date;
export function fromCivil(date: CivilDate | null): Date | null;
export function fromCivil(date: CivilDate | null): Date | null {
  return date === null ? null : new Date(`${date}T00:00:00Z`);
}
