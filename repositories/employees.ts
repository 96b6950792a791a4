import type { CivilDate } from '../domain/civil-date.ts';
import { DomainError } from '../domain/errors.ts';
import { toEmailKey } from '../domain/onboarding.ts';
import { fromCivil, toCivil } from './civil.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { employeeChanges } from './employee-rows.ts';
import { appendChanges } from './feed.ts';
import { markForRecompute, suggestionMarks, type NewMark } from './marks.ts';
import { ensureTenant } from './tenants.ts';

/** What time@work says of an employee. */
export interface EmployeeFacts {
  readonly name: string;
  readonly email: string | null;
  readonly startsOn: CivilDate | null;
  readonly endsOn: CivilDate | null;
}

export interface PutEmployeeResult {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** Whether the employee's days must be computed again. */
  readonly marked: boolean;
}

export const unknownEmployee = (id: string): DomainError =>
  new DomainError('not_found', `There is no employee ${id}.`);

/** Holds an employee's row until the commit: everything that decides about its days takes this lock first. */
export async function lockEmployee(tx: Transaction, tenantId: string, employeeId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT id FROM employees WHERE tenant_id = ${tenantId} AND id = ${employeeId} FOR UPDATE`;
  return rows.length > 0;
}

/** Creates or replaces an employee, tells the feed, and marks the days where the dates changed. Safe to repeat. */
export async function putEmployee(
  db: Database,
  tenantId: string,
  employeeId: string,
  wanted: EmployeeFacts,
  nowMs: number,
): Promise<PutEmployeeResult> {
  return await inTransaction(db, async (tx) => {
    await ensureTenant(tx, tenantId);
    // The key decides who created it, not a look beforehand.
    const { count: created } = await tx.employee.createMany({
      data: [{ ...toColumns(wanted), tenantId, id: employeeId, createdBy: 'time@work' }],
      skipDuplicates: true,
    });
    const before = created > 0 ? null : await readFacts(tx, tenantId, employeeId);
    if (before !== null && isSame(before, wanted)) return { outcome: 'unchanged', marked: false };
    if (before !== null) {
      const data = { ...toColumns(wanted), updatedAt: new Date(nowMs) };
      await tx.employee.update({ where: { tenantId_id: { tenantId, id: employeeId } }, data });
    }
    const marks: NewMark[] = [];
    if (before === null || before.startsOn !== wanted.startsOn || before.endsOn !== wanted.endsOn)
      marks.push({ employeeId, fromOn: null, toOn: null });
    // Nobody is suggested for an address that two employees have.
    if (before?.email !== wanted.email)
      marks.push(
        ...(await suggestionMarks(tx, tenantId, [
          toEmailKey(before?.email ?? null),
          toEmailKey(wanted.email),
        ])),
      );
    await markForRecompute(tx, tenantId, marks);
    await appendChanges(tx, tenantId, await employeeChanges(tx, tenantId, [employeeId], nowMs));
    return { outcome: before === null ? 'created' : 'updated', marked: marks.length > 0 };
  });
}

async function readFacts(tx: Transaction, tenantId: string, employeeId: string): Promise<EmployeeFacts> {
  await lockEmployee(tx, tenantId, employeeId);
  const row = await tx.employee.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: employeeId } } });
  return { name: row.name, email: row.email, startsOn: toCivil(row.startsOn), endsOn: toCivil(row.endsOn) };
}

function isSame(a: EmployeeFacts, b: EmployeeFacts): boolean {
  return a.name === b.name && a.email === b.email && a.startsOn === b.startsOn && a.endsOn === b.endsOn;
}

function toColumns({ name, email, startsOn, endsOn }: EmployeeFacts) {
  return {
    name,
    email,
    emailKey: toEmailKey(email),
    startsOn: fromCivil(startsOn),
    endsOn: fromCivil(endsOn),
  };
}
