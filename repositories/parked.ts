import type { DateRange } from '../domain/horizon.ts';
import type { Executor } from './database.ts';
import { Prisma } from './generated/client.ts';

/**
 * Parked absences (rule 8): approved, not deleted, touching the stored horizon, of a type that is not ignored, and
 * waiting for a mapping of their type or for a link of their profile. Every count of parked things starts here.
 */
export function parkedAbsences(tenantId: string, horizon: DateRange): Prisma.Sql {
  return Prisma.sql`
    SELECT absence.id, absence.profile_id, absence.absence_type_id,
           mapping.day_type_id IS NULL AS waits_for_mapping
    FROM absences absence
    LEFT JOIN day_type_mappings mapping
      ON mapping.tenant_id = absence.tenant_id AND mapping.absence_type_id = absence.absence_type_id
    LEFT JOIN employee_links link ON link.tenant_id = absence.tenant_id AND link.profile_id = absence.profile_id
    WHERE absence.tenant_id = ${tenantId} AND absence.approved AND absence.deleted_at IS NULL
      AND absence.start_on <= ${horizon.to}::date
      AND (absence.finish_on IS NULL OR absence.finish_on >= ${horizon.from}::date)
      AND mapping.ignored IS NOT TRUE
      AND (mapping.day_type_id IS NULL OR link.employee_id IS NULL)`;
}

export interface ParkedCounts {
  readonly absences: number;
  /** Absence types that wait for a mapping and hold some of them. */
  readonly types: number;
  /** People, as Factorial knows them, whose absences they are. */
  readonly employees: number;
}

/** All that is parked in a tenant. */
export async function countParked(db: Executor, tenantId: string, horizon: DateRange): Promise<ParkedCounts> {
  const rows = await db.$queryRaw<ParkedCounts[]>`
    WITH parked AS (${parkedAbsences(tenantId, horizon)})
    SELECT count(*)::int AS absences, count(DISTINCT profile_id)::int AS employees,
           (count(DISTINCT absence_type_id) FILTER (WHERE waits_for_mapping))::int AS types
    FROM parked`;
  return rows[0] ?? { absences: 0, types: 0, employees: 0 };
}
