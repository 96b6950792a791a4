import type { CivilDate } from '../domain/civil-date.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Executor, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Days of an employee that no longer follow from the facts. `null` bounds: from the oldest, to the newest stored day. */
export interface NewMark {
  readonly employeeId: string;
  readonly fromOn: CivilDate | null;
  readonly toOn: CivilDate | null;
}

/**
 * Notes, in the transaction that changes a fact, whose days must be computed again. Marks of one employee grow
 * together; each marking gets a new number, so that one set while a recompute runs is not lost.
 */
export async function markForRecompute(
  tx: Transaction,
  tenantId: string,
  marks: readonly NewMark[],
): Promise<void> {
  if (marks.length === 0) return;
  const widest = new Map<string, NewMark>();
  for (const mark of marks) {
    const known = widest.get(mark.employeeId);
    widest.set(mark.employeeId, known === undefined ? mark : union(known, mark));
  }
  // Locks are taken in one order everywhere: by employee.
  const rows = JSON.stringify([...widest.values()].sort((a, b) => (a.employeeId < b.employeeId ? -1 : 1)));
  await runPrepared(
    tx,
    'mark-for-recompute',
    Prisma.sql`
    INSERT INTO recompute_marks (tenant_id, employee_id, from_on, to_on)
    SELECT ${tenantId}, row."employeeId", row."fromOn", row."toOn"
    FROM jsonb_to_recordset(${rows}::jsonb) AS row("employeeId" text, "fromOn" date, "toOn" date)
    ON CONFLICT (tenant_id, employee_id) DO UPDATE SET
      from_on = CASE WHEN recompute_marks.from_on IS NULL OR excluded.from_on IS NULL THEN NULL
                     ELSE least(recompute_marks.from_on, excluded.from_on) END,
      to_on = CASE WHEN recompute_marks.to_on IS NULL OR excluded.to_on IS NULL THEN NULL
                   ELSE greatest(recompute_marks.to_on, excluded.to_on) END,
      mark = nextval('read_numbers')`,
  );
}

function union(a: NewMark, b: NewMark): NewMark {
  return {
    employeeId: a.employeeId,
    fromOn: a.fromOn === null || b.fromOn === null ? null : a.fromOn < b.fromOn ? a.fromOn : b.fromOn,
    toOn: a.toOn === null || b.toOn === null ? null : a.toOn > b.toOn ? a.toOn : b.toOn,
  };
}

/** Marks every employee of a tenant, whole: a setting or a night changed what all days follow from. */
export async function markEveryone(tx: Transaction, tenantId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO recompute_marks (tenant_id, employee_id)
    SELECT tenant_id, id FROM employees WHERE tenant_id = ${tenantId} ORDER BY id
    ON CONFLICT (tenant_id, employee_id) DO UPDATE SET from_on = NULL, to_on = NULL, mark = nextval('read_numbers')`;
}

/** Marks the employees linked to absences of one absence type: its mapping or its meaning changed. */
export async function markAbsenceType(
  tx: Transaction,
  tenantId: string,
  absenceTypeId: string,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO recompute_marks (tenant_id, employee_id)
    SELECT DISTINCT link.tenant_id, link.employee_id FROM employee_links link
    JOIN absences absence ON absence.tenant_id = link.tenant_id AND absence.profile_id = link.profile_id
    WHERE link.tenant_id = ${tenantId} AND absence.absence_type_id = ${absenceTypeId}
    ORDER BY link.employee_id
    ON CONFLICT (tenant_id, employee_id) DO UPDATE SET from_on = NULL, to_on = NULL, mark = nextval('read_numbers')`;
}

/**
 * Marks for employees without a link that have one of these e-mail addresses: who is suggested for them may be another now,
 * and the feed tells that of marked ones.
 */
export async function suggestionMarks(
  tx: Transaction,
  tenantId: string,
  emailKeys: readonly (string | null)[],
): Promise<NewMark[]> {
  const keys = [...new Set(emailKeys.filter((key) => key !== null))];
  if (keys.length === 0) return [];
  const sharing = await tx.$queryRaw<{ employeeId: string }[]>`
    SELECT employee.id AS "employeeId" FROM employees employee
    WHERE employee.tenant_id = ${tenantId} AND employee.email_key = ANY(${toArrayLiteral(keys)}::text::text[])
      AND NOT EXISTS (
        SELECT 1 FROM employee_links link WHERE link.tenant_id = employee.tenant_id AND link.employee_id = employee.id)`;
  return sharing.map(({ employeeId }) => ({ employeeId, fromOn: null, toOn: null }));
}

/** Ids of marked employees, the longest waiting first. */
export async function markedEmployees(db: Executor, tenantId: string, limit: number): Promise<string[]> {
  const rows = await db.recomputeMark.findMany({
    where: { tenantId },
    orderBy: { since: 'asc' },
    take: limit,
    select: { employeeId: true },
  });
  return rows.map((row) => row.employeeId);
}
