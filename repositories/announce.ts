import type { Transaction } from './database.ts';
import { employeeDifferences } from './employee-rows.ts';
import { appendChanges } from './feed.ts';
import { readHorizon } from './settings.ts';

/**
 * Tells the feed of employees whose employment began or ended by the plan, without anybody writing anything that day, and of
 * those in `employeeIds` that are not as they were told. Call it last in a transaction.
 */
export async function announceEmployees(
  tx: Transaction,
  tenantId: string,
  nowMs: number,
  employeeIds: readonly string[] = [],
): Promise<void> {
  const { today } = await readHorizon(tx, tenantId, nowMs);
  // One look-up each: a tenant that the database's statistics do not know yet would be joined whole to each of its rows.
  const turned = await tx.$queryRaw<{ id: string }[]>`
    SELECT employee.id FROM employees employee
    LEFT JOIN LATERAL (SELECT profile_id FROM employee_links link
      WHERE link.tenant_id = employee.tenant_id AND link.employee_id = employee.id LIMIT 1) link ON true
    LEFT JOIN LATERAL (SELECT terminated_on FROM profiles profile
      WHERE profile.tenant_id = employee.tenant_id AND profile.id = link.profile_id AND profile.deleted_at IS NULL LIMIT 1) profile ON true
    WHERE employee.tenant_id = ${tenantId}
      AND employee.announced_active <> (
        coalesce(employee.starts_on <= ${today}::date, true)
        AND coalesce(least(employee.ends_on, profile.terminated_on) >= ${today}::date, true))
    ORDER BY employee.id`;
  await announceDifferences(tx, tenantId, nowMs, [
    ...new Set([...turned.map((employee) => employee.id), ...employeeIds]),
  ]);
}

/** Tells the feed of those among these employees that are not as they were told. Call it last in a transaction. */
export async function announceDifferences(
  tx: Transaction,
  tenantId: string,
  nowMs: number,
  employeeIds: readonly string[],
): Promise<void> {
  await appendChanges(tx, tenantId, await employeeDifferences(tx, tenantId, employeeIds, nowMs));
}
