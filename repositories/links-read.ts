import type { Database, Executor } from './database.ts';

/** Linked profiles whose plan was never read, or must be read again; some at a time. */
export async function profilesWithoutPlan(db: Database, tenantId: string, limit: number): Promise<string[]> {
  const links = await db.employeeLink.findMany({
    where: { tenantId, plannedReadNumber: null },
    orderBy: { linkedAt: 'asc' },
    take: limit,
    select: { profileId: true },
  });
  return links.map((link) => link.profileId);
}

/** How many profiles are linked. */
export async function countLinked(db: Executor, tenantId: string): Promise<number> {
  return await db.employeeLink.count({ where: { tenantId } });
}

/** All linked profiles, in the order of their ids as JavaScript compares them. */
export async function linkedProfiles(db: Database, tenantId: string): Promise<string[]> {
  const links = await db.$queryRaw<{ profileId: string }[]>`
    SELECT profile_id AS "profileId" FROM employee_links WHERE tenant_id = ${tenantId} ORDER BY profile_id COLLATE "C"`;
  return links.map((link) => link.profileId);
}

/** Which of these absences wait: their type is not mapped, or their profile is not linked. */
export async function parkedAmong(
  db: Executor,
  tenantId: string,
  absenceIds: readonly string[],
): Promise<Set<string>> {
  if (absenceIds.length === 0) return new Set();
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT absence.id FROM absences absence
    LEFT JOIN employee_links link ON link.tenant_id = absence.tenant_id AND link.profile_id = absence.profile_id
    LEFT JOIN day_type_mappings mapping ON mapping.tenant_id = absence.tenant_id AND mapping.absence_type_id = absence.absence_type_id
    WHERE absence.tenant_id = ${tenantId} AND absence.id = ANY(${[...absenceIds]}) AND absence.deleted_at IS NULL AND absence.approved
      AND (link.employee_id IS NULL OR (mapping.day_type_id IS NULL AND mapping.ignored IS NOT TRUE))`;
  return new Set(rows.map((row) => row.id));
}
