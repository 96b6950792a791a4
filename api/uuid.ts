import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';

/** Our ids are UUIDs: anything else is nobody's, and nothing that the database should see. Throws `not_found`. */
export function requireUuid(id: string, what: string): string {
  if (!z.uuid().safeParse(id).success) throw new DomainError('not_found', `There is no such ${what}.`);
  return id;
}
