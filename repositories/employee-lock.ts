import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Locks employees, in the order of everybody who locks several. Answers, by id, the fingerprint of what was told of them last. */
export async function lockEmployees(
  tx: Transaction,
  tenantId: string,
  employeeIds: readonly string[],
): Promise<Map<string, string>> {
  if (employeeIds.length === 0) return new Map();
  // One look-up each: a tenant that the database takes for a small one would be read whole.
  const locked = await runPrepared<{ id: string; hash: string }>(
    tx,
    'lock-employees',
    Prisma.sql`
    SELECT locked.id, locked.hash
    FROM (SELECT id FROM unnest(${toArrayLiteral(employeeIds)}::text::text[]) AS named(id) ORDER BY id) AS named
    CROSS JOIN LATERAL (SELECT id, announced_hash AS hash FROM employees
      WHERE tenant_id = ${tenantId} AND employees.id = named.id FOR UPDATE) AS locked`,
  );
  return new Map(locked.map((employee) => [employee.id, employee.hash]));
}
