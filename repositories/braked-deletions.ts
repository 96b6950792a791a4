import { DomainError } from '../domain/errors.ts';
import type { Executor } from './database.ts';

/** A deletion that waits for a decision, in words that an admin knows it by. */
export interface BrakedItem {
  readonly reconciliationId: string;
  readonly kind: string;
  readonly id: string;
  readonly label: string;
  /** Stored rows of the kind when the brake took hold. */
  readonly of: number;
}

/** The undecided deletions of some reconciliations, by kind and label. */
export async function listBraked(
  db: Executor,
  tenantId: string,
  reconciliationIds: readonly string[],
): Promise<BrakedItem[]> {
  if (reconciliationIds.length === 0) return [];
  return await db.$queryRaw<BrakedItem[]>`
    SELECT pending.reconciliation_id::text AS "reconciliationId", pending.kind, pending.factorial_id AS id,
      pending.of_count AS of,
      coalesce(
        profile.name,
        coalesce(owner.name || ', ', '') || absence.start_on::text
          || CASE WHEN absence.finish_on IS NULL THEN ' –' WHEN absence.finish_on = absence.start_on THEN ''
                  ELSE ' – ' || absence.finish_on::text END,
        holiday.date::text,
        pending.factorial_id) AS label
    FROM pending_deletions pending
    LEFT JOIN profiles profile ON pending.kind = 'employees'
      AND profile.tenant_id = pending.tenant_id AND profile.id = pending.factorial_id
    LEFT JOIN absences absence ON pending.kind = 'absences'
      AND absence.tenant_id = pending.tenant_id AND absence.id = pending.factorial_id
    LEFT JOIN profiles owner ON owner.tenant_id = absence.tenant_id AND owner.id = absence.profile_id
    LEFT JOIN holidays holiday ON pending.kind = 'holidays'
      AND holiday.tenant_id = pending.tenant_id AND holiday.id = pending.factorial_id
    WHERE pending.tenant_id = ${tenantId} AND pending.reconciliation_id = ANY(${[...reconciliationIds]}::uuid[])
      AND pending.decision IS NULL
    ORDER BY pending.kind, label, pending.factorial_id`;
}

/** How many deletions of a reconciliation wait for a decision, by kind. */
export async function countBraked(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  kinds?: readonly string[],
): Promise<Record<string, number>> {
  const groups = await db.pendingDeletion.groupBy({
    by: ['kind'],
    where: {
      tenantId,
      reconciliationId,
      decision: null,
      ...(kinds === undefined ? {} : { kind: { in: [...kinds] } }),
    },
    _count: true,
  });
  return Object.fromEntries(groups.map(({ kind, _count }) => [kind, _count]));
}

/**
 * Records a person's decision on what waits of a reconciliation, of all kinds or of some; activities carry it out. Throws
 * `conflict` where nothing waits: decided already, or never braked.
 */
export async function decideBraked(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  decision: { decision: 'approve' | 'reject'; decidedBy: string; decidedAt: Date },
  kinds?: readonly string[],
): Promise<void> {
  const { count } = await db.pendingDeletion.updateMany({
    where: {
      tenantId,
      reconciliationId,
      decision: null,
      ...(kinds === undefined ? {} : { kind: { in: [...kinds] } }),
    },
    data: decision,
  });
  if (count === 0)
    throw new DomainError('conflict', 'No deletion of this reconciliation waits for a decision.');
}
