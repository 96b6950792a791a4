import type { Transaction } from './database.ts';
import { employeeChanges } from './employee-rows.ts';
import type { NewChange } from './feed.ts';
import { markEveryone } from './marks.ts';

/**
 * Leaves one Factorial company for another: links and mappings are archived, and what was read of the old company is
 * forgotten, so that no day follows from it any more. Employees, edits and day types stay. Answers what the feed must tell;
 * the caller appends it last.
 */
export async function leaveCompany(
  tx: Transaction,
  tenantId: string,
  companyId: string,
  at: Date,
): Promise<NewChange[]> {
  const unlinked = await tx.employeeLink.findMany({
    where: { tenantId },
    select: { employeeId: true },
    orderBy: { employeeId: 'asc' },
  });
  await tx.$executeRaw`
    INSERT INTO archived_links (tenant_id, company_id, employee_id, profile_id, archived_at)
    SELECT tenant_id, ${companyId}, employee_id, profile_id, ${at} FROM employee_links WHERE tenant_id = ${tenantId}
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    INSERT INTO archived_mappings (tenant_id, company_id, absence_type_id, day_type_id, ignored, archived_at)
    SELECT tenant_id, ${companyId}, absence_type_id, day_type_id, ignored, ${at} FROM day_type_mappings WHERE tenant_id = ${tenantId}
    ON CONFLICT (tenant_id, company_id, absence_type_id) DO UPDATE SET
      day_type_id = excluded.day_type_id, ignored = excluded.ignored, archived_at = excluded.archived_at`;
  const where = { where: { tenantId } };
  await tx.employeeLink.deleteMany(where);
  await tx.dayTypeMapping.deleteMany(where);
  await tx.absence.deleteMany(where);
  await tx.absenceType.deleteMany(where);
  await tx.holiday.deleteMany(where);
  await tx.plannedMinutes.deleteMany(where);
  await tx.profileLocation.deleteMany(where);
  await tx.profile.deleteMany(where);
  await tx.pendingDeletion.deleteMany(where);
  await markEveryone(tx, tenantId);
  return employeeChanges(
    tx,
    tenantId,
    unlinked.map((link) => link.employeeId),
    at.getTime(),
  );
}
