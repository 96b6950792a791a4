import type { Executor } from './database.ts';

/** A tenant as the supervisor sees it. */
export interface TenantToKeep {
  readonly tenantId: string;
  /** Whether its connection workflow must run: it has a connection, in whatever state, or a command that waits. */
  readonly lives: boolean;
}

/** Every tenant that is known. */
export async function tenantsToKeep(db: Executor): Promise<TenantToKeep[]> {
  return await db.$queryRaw<TenantToKeep[]>`
    SELECT tenant_id AS "tenantId", bool_or(lives) AS lives FROM (
      SELECT id AS tenant_id, false AS lives FROM tenants
      UNION ALL SELECT tenant_id, true FROM connections
      UNION ALL SELECT tenant_id, true FROM connection_commands WHERE outcome IS NULL
    ) known GROUP BY tenant_id ORDER BY tenant_id`;
}

/** A reconciliation that should have a workflow. */
export interface RunningReconciliation {
  readonly tenantId: string;
  readonly id: string;
  readonly generation: number;
  readonly trigger: string;
  /** What its workflow's id ends in. */
  readonly key: string;
  /** Its workflow had begun. */
  readonly begun: boolean;
}

/** Reconciliations that were given to a workflow longer ago than `graceMs`. */
export async function runningReconciliations(
  db: Executor,
  nowMs: number,
  graceMs: number,
): Promise<RunningReconciliation[]> {
  const rows = await db.reconciliation.findMany({
    where: { status: 'running', startedAt: { lt: new Date(nowMs - graceMs) } },
    select: { tenantId: true, id: true, generation: true, trigger: true, nightOn: true, workflowId: true },
    orderBy: [{ tenantId: 'asc' }],
  });
  return rows.map(({ nightOn, workflowId, ...row }) => ({
    ...row,
    key: nightOn?.toISOString().slice(0, 10) ?? row.id,
    begun: workflowId !== null,
  }));
}

/** Replays that are not finished, asked for longer ago than `graceMs`: each should have a workflow. */
export async function unfinishedReplays(
  db: Executor,
  nowMs: number,
  graceMs: number,
): Promise<{ tenantId: string; id: string }[]> {
  return await db.replay.findMany({
    where: { finishedAt: null, requestedAt: { lt: new Date(nowMs - graceMs) } },
    select: { tenantId: true, id: true },
    orderBy: { requestedAt: 'asc' },
  });
}
