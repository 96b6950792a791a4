import type { CivilDate } from '../domain/civil-date.ts';
import type { DateRange } from '../domain/horizon.ts';
import type { Executor } from './database.ts';
import { listedIds } from './swept-ids.ts';

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
  const listed = listedIds(tenantId, reconciliationId, kind);
  switch (kind) {
    case 'employees':
      return db.$queryRaw`
        SELECT id FROM profiles WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND id NOT IN (${listed})
        ORDER BY id`;
    case 'absences':
      return db.$queryRaw`
        SELECT id FROM absences WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND start_on <= ${to}::date AND (finish_on IS NULL OR finish_on >= ${from}::date)
          AND id NOT IN (${listed})
        ORDER BY id`;
    case 'holidays':
      return db.$queryRaw`
        SELECT id FROM holidays WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND read_number < ${startRead}
          AND date BETWEEN ${from}::date AND ${to}::date
          AND id NOT IN (${listed})
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
  const [row] = await db.$queryRaw<{ id: string }[]>`
    SELECT factorial_ids[1] AS id FROM swept_ids
    WHERE tenant_id = ${tenantId} AND reconciliation_id = ${reconciliationId}::uuid AND kind = ${kind} LIMIT 1`;
  return row?.id ?? null;
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
