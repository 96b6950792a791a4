import type { CivilDate } from '../domain/civil-date.ts';
import type { DateRange } from '../domain/horizon.ts';
import type { Executor } from './database.ts';

/** Kinds that a sweep can prove gone. Absence types are never removed, plans are written whole. */
export type DeletableKind = 'employees' | 'absences' | 'holidays';

/**
 * What a sweep should have listed and did not: stored, not deleted, inside the window, last read before the sweep began.
 * Ids in order.
 */
export async function missingFacts(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  kind: DeletableKind,
  window: DateRange,
  startRead: bigint,
): Promise<string[]> {
  const rows = await candidates(db, tenantId, kind, window, startRead, reconciliationId);
  return rows.map((row) => row.id);
}

function candidates(
  db: Executor,
  tenantId: string,
  kind: DeletableKind,
  { from, to }: { from: CivilDate; to: CivilDate },
  startRead: bigint,
  reconciliationId: string,
): Promise<{ id: string }[]> {
  switch (kind) {
    case 'employees':
      return db.$queryRaw`
        SELECT id FROM profiles fact WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND NOT EXISTS (SELECT 1 FROM swept_ids swept WHERE swept.tenant_id = ${tenantId}
            AND swept.reconciliation_id = ${reconciliationId}::uuid AND swept.kind = 'employees' AND swept.factorial_id = fact.id)
        ORDER BY id`;
    case 'absences':
      return db.$queryRaw`
        SELECT id FROM absences fact WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND start_on <= ${to}::date AND (finish_on IS NULL OR finish_on >= ${from}::date)
          AND NOT EXISTS (SELECT 1 FROM swept_ids swept WHERE swept.tenant_id = ${tenantId}
            AND swept.reconciliation_id = ${reconciliationId}::uuid AND swept.kind = 'absences' AND swept.factorial_id = fact.id)
        ORDER BY id`;
    case 'holidays':
      return db.$queryRaw`
        SELECT id FROM holidays fact WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND date BETWEEN ${from}::date AND ${to}::date
          AND NOT EXISTS (SELECT 1 FROM swept_ids swept WHERE swept.tenant_id = ${tenantId}
            AND swept.reconciliation_id = ${reconciliationId}::uuid AND swept.kind = 'holidays' AND swept.factorial_id = fact.id)
        ORDER BY id`;
  }
}

/** One id that a sweep has listed: asked for beside missing ones, it must come back. */
export async function anyListed(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  kind: DeletableKind,
): Promise<string | null> {
  const row = await db.sweptId.findFirst({
    where: { tenantId, reconciliationId, kind },
    select: { factorialId: true },
  });
  return row?.factorialId ?? null;
}

/** Stored rows of a kind that are not deleted: what the brake's percentage is of. */
export async function storedCount(db: Executor, tenantId: string, kind: DeletableKind): Promise<number> {
  const where = { tenantId, deletedAt: null };
  switch (kind) {
    case 'employees':
      return db.profile.count({ where });
    case 'absences':
      return db.absence.count({ where });
    case 'holidays':
      return db.holiday.count({ where });
  }
}
