import type { Executor } from './database.ts';

/** Factorial's webhooks come within seconds; after this long one is not late but lost. */
const lateMinutes = 15;
/** Factorial's clock may be so far from ours. */
const skewMinutes = 2;

/**
 * Changes that a reconciliation was the first to bring though a webhook should have: made after the connection was last
 * verified and well before they were read, of a resource of which no delivery came since. By the webhook's resource.
 * Counts nothing for a first one (there were no subscriptions yet) and for one that fills a known gap.
 */
export async function countUntoldChanges(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
): Promise<Record<string, number>> {
  const rows = await db.$queryRaw<{ resource: string; count: number }[]>`
    WITH judged AS (
      SELECT id, (SELECT max(finished_at) FROM reconciliations before
        WHERE before.tenant_id = this.tenant_id AND before.verified AND before.finished_at < this.started_at) AS verified_at
      FROM reconciliations this
      WHERE tenant_id = ${tenantId} AND id = ${reconciliationId}::uuid AND trigger IN ('nightly', 'manual')
    ), brought AS (
      SELECT reads.number, reads.at, judged.verified_at FROM reads JOIN judged ON reads.via_id = judged.id::text
      WHERE reads.tenant_id = ${tenantId} AND reads.via_type = 'reconciliation'
    ), changed AS (
      SELECT 'timeoff/leave' AS resource, id, factorial_updated_at AS changed_at, at, verified_at
      FROM absences JOIN brought ON brought.number = changed_read_number WHERE tenant_id = ${tenantId}
      UNION ALL
      SELECT 'employees/employee', id, factorial_updated_at, at, verified_at
      FROM profiles JOIN brought ON brought.number = changed_read_number WHERE tenant_id = ${tenantId}
    )
    SELECT resource, count(*)::int AS count FROM changed
    WHERE changed_at > verified_at AND changed_at < at - make_interval(mins => ${lateMinutes})
      AND NOT EXISTS (
        SELECT 1 FROM inbox WHERE inbox.tenant_id = ${tenantId} AND inbox.resource_id = changed.id
          AND starts_with(inbox.topic, changed.resource || '/')
          AND inbox.last_received_at >= changed.changed_at - make_interval(mins => ${skewMinutes}))
    GROUP BY resource ORDER BY resource`;
  return Object.fromEntries(rows.map(({ resource, count }) => [resource, count]));
}

/** Tenants among these whose latest reconciliation found such changes. One query for each: not for a hot path. */
export async function findUntold(db: Executor, tenantIds: readonly string[]): Promise<string[]> {
  const latest = await db.$queryRaw<{ tenantId: string; id: string }[]>`
    SELECT DISTINCT ON (tenant_id) tenant_id AS "tenantId", id::text AS id FROM reconciliations
    WHERE tenant_id = ANY(${[...tenantIds]}::text[]) AND finished_at IS NOT NULL AND trigger IN ('nightly', 'manual')
    ORDER BY tenant_id, finished_at DESC`;
  const found: string[] = [];
  for (const { tenantId, id } of latest)
    if (Object.keys(await countUntoldChanges(db, tenantId, id)).length > 0) found.push(tenantId);
  return found;
}
