import type { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { requiredId } from './fields.ts';
import { labelOf } from './resource-kinds.ts';

/**
 * Reads one resource. What the schema does not name (bank, salary, address, reasons) is dropped here and reaches no other code.
 * Returns `schema_drift` as a value, so that one bad row does not lose its neighbours.
 */
export function readRow<Row>(
  resource: string,
  schema: z.ZodType<Row>,
  raw: unknown,
): { row: Row } | { drift: DomainError } {
  const result = schema.safeParse(raw);
  if (result.success) return { row: result.data };
  const field = result.error.issues[0]?.path[0];
  return { drift: schemaDrift(resource, idOf(raw), field === undefined ? null : String(field)) };
}

/** As `readRow`, but throws the `schema_drift`. */
export function requireRow<Row>(resource: string, schema: z.ZodType<Row>, raw: unknown): Row {
  const result = readRow(resource, schema, raw);
  if ('drift' in result) throw result.drift;
  return result.row;
}

/** The sentence names resource, id and field, never the value: it may be personal. */
export function schemaDrift(resource: string, factorialId: string | null, field: string | null): DomainError {
  const which = factorialId === null ? '' : ` ${factorialId}`;
  const what =
    field === null
      ? 'has another form than documented'
      : `has a field ${field} of another form than documented`;
  return new DomainError('schema_drift', `Factorial's answer for ${labelOf(resource)}${which} ${what}.`, {
    resource,
    ...(factorialId !== null && { factorialId }),
    ...(field !== null && { field }),
  });
}

function idOf(raw: unknown): string | null {
  const candidate: unknown = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : null;
  return requiredId.safeParse(candidate).data ?? null;
}
