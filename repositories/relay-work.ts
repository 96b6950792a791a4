import type { Database, Executor } from './database.ts';

/** What a tenant's workflow can be rung for. */
export const bells = ['webhooks', 'commands', 'facts', 'settings', 'reconciliations'] as const;
export type BellName = (typeof bells)[number];

export interface RelayWork {
  readonly tenantId: string;
  readonly bell: BellName;
}

/** How long a route's own ring may take to have its effect, before the relay rings for the same again. */
const graceSeconds = { commands: 3, facts: 3, settings: 3, reconciliations: 5 } as const;
/** A reconciliation that runs computes everybody in the end: only what it keeps waiting for this long is rung for. */
const reconciledAfterSeconds = 60;
/** Rung for and still not done after this long: the ring was lost, or its workflow was. */
const lostAfterSeconds = 60;

/** Tenants with work that their workflow may not know of, the longest not rung first. */
export async function findRelayWork(db: Executor, limit: number): Promise<RelayWork[]> {
  return await db.$queryRaw<RelayWork[]>`
    WITH work AS (
      SELECT tenant_id, 'webhooks' AS bell FROM connections connection
      WHERE status = 'connected' AND NOT paused AND (
        EXISTS (SELECT 1 FROM inbox WHERE inbox.tenant_id = connection.tenant_id AND outcome IS NULL AND relayed_at IS NULL)
        OR EXISTS (SELECT 1 FROM inbox WHERE inbox.tenant_id = connection.tenant_id AND outcome IS NULL
          AND relayed_at < now() - make_interval(secs => ${lostAfterSeconds}) AND (due_at IS NULL OR due_at <= now())))
      UNION ALL
      SELECT tenant_id, 'commands' FROM connection_commands
      WHERE outcome IS NULL GROUP BY tenant_id HAVING min(created_at) < now() - make_interval(secs => ${graceSeconds.commands})
      UNION ALL
      SELECT DISTINCT tenant_id, 'facts' FROM recompute_marks marks
      WHERE since < now() - make_interval(secs => ${graceSeconds.facts})
        AND (since < now() - make_interval(secs => ${reconciledAfterSeconds}) OR NOT EXISTS (
          SELECT 1 FROM reconciliations r WHERE r.tenant_id = marks.tenant_id AND r.status = 'running'))
      UNION ALL
      SELECT id, 'settings' FROM tenants
      WHERE settings_changed_at < now() - make_interval(secs => ${graceSeconds.settings})
        AND EXISTS (SELECT 1 FROM connections c WHERE c.tenant_id = tenants.id AND c.status = 'connected')
      UNION ALL
      SELECT tenant_id, 'reconciliations' FROM reconciliations queued
      WHERE status = 'queued' AND requested_at < now() - make_interval(secs => ${graceSeconds.reconciliations})
        AND EXISTS (SELECT 1 FROM connections c WHERE c.tenant_id = queued.tenant_id AND c.status = 'connected' AND NOT c.paused)
        AND NOT EXISTS (SELECT 1 FROM reconciliations r WHERE r.tenant_id = queued.tenant_id AND r.status = 'running')
    )
    SELECT work.tenant_id AS "tenantId", work.bell
    FROM work LEFT JOIN relay_states state ON state.tenant_id = work.tenant_id AND state.bell = work.bell
    ORDER BY state.last_rung_at NULLS FIRST LIMIT ${limit}`;
}

/**
 * Claims the right to ring now: false when any process rang less than `spacingMs` ago. The clock is the database's, so
 * that all processes agree.
 */
export async function claimBell(
  db: Executor,
  { tenantId, bell }: RelayWork,
  spacingMs: number,
): Promise<boolean> {
  const claimed = await db.$executeRaw`
    INSERT INTO relay_states (tenant_id, bell, last_rung_at) VALUES (${tenantId}, ${bell}, clock_timestamp())
    ON CONFLICT (tenant_id, bell) DO UPDATE SET last_rung_at = clock_timestamp()
    WHERE relay_states.last_rung_at <= clock_timestamp() - ${spacingMs}::float8 * interval '1 millisecond'`;
  return claimed === 1;
}

/** Gives a claim back: Temporal was away, so that nobody was rung. */
export async function releaseBell(db: Executor, { tenantId, bell }: RelayWork): Promise<void> {
  await db.$executeRaw`DELETE FROM relay_states WHERE tenant_id = ${tenantId} AND bell = ${bell}`;
}

export interface DeliveriesToRing {
  readonly ids: readonly string[];
  /** By topic. */
  readonly counts: Readonly<Record<string, number>>;
  /** Age of the oldest delivery that was rung for and is not read yet, in ms; null when the workflow keeps up. */
  readonly unreadMs: number | null;
}

/** Deliveries of a connected tenant to ring for, oldest first: new ones, and those whose ring seems lost. */
export async function deliveriesToRing(
  db: Executor,
  tenantId: string,
  limit: number,
): Promise<DeliveriesToRing> {
  const rows = await db.$queryRaw<{ id: string; topic: string }[]>`
    SELECT inbox.id::text AS id, inbox.topic FROM inbox
    JOIN connections connection ON connection.tenant_id = inbox.tenant_id
    WHERE inbox.tenant_id = ${tenantId} AND inbox.outcome IS NULL AND connection.status = 'connected' AND NOT connection.paused
      AND (inbox.relayed_at IS NULL OR (inbox.relayed_at < now() - make_interval(secs => ${lostAfterSeconds})
        AND (inbox.due_at IS NULL OR inbox.due_at <= now())))
    ORDER BY inbox.id LIMIT ${limit}`;
  const counts: Record<string, number> = {};
  for (const { topic } of rows) counts[topic] = (counts[topic] ?? 0) + 1;
  return {
    ids: rows.map(({ id }) => id),
    counts,
    unreadMs: rows.length === 0 ? null : await oldestUnreadMs(db, tenantId),
  };
}

async function oldestUnreadMs(db: Executor, tenantId: string): Promise<number | null> {
  const rows = await db.$queryRaw<{ ms: number }[]>`
    SELECT (extract(epoch FROM clock_timestamp() - received_at) * 1000)::float8 AS ms FROM inbox
    WHERE tenant_id = ${tenantId} AND outcome IS NULL AND relayed_at IS NOT NULL AND read_number IS NULL
      AND (due_at IS NULL OR due_at <= now())
    ORDER BY id LIMIT 1`;
  return rows[0]?.ms ?? null;
}

/** Notes that Temporal accepted a ring for these. One that is being worked on right now needs no note. */
export async function markRelayed(db: Database, tenantId: string, ids: readonly string[]): Promise<void> {
  await db.$executeRaw`
    UPDATE inbox SET relayed_at = clock_timestamp()
    WHERE tenant_id = ${tenantId} AND id IN (
      SELECT id FROM inbox WHERE tenant_id = ${tenantId} AND id = ANY(${[...ids]}::bigint[]) AND outcome IS NULL
      FOR UPDATE SKIP LOCKED)`;
}

/** Something that waits, and for how long. */
export interface Waiting<Value> {
  readonly value: Value;
  readonly waitingMs: number;
}

/** The command that has waited longest; null when none does. */
export async function oldestCommand(
  db: Executor,
  tenantId: string,
): Promise<Waiting<{ id: string; type: string }> | null> {
  const rows = await db.$queryRaw<{ id: string; type: string; ms: number }[]>`
    SELECT id::text AS id, type, (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS ms
    FROM connection_commands WHERE tenant_id = ${tenantId} AND outcome IS NULL ORDER BY number LIMIT 1`;
  return rows[0] === undefined
    ? null
    : { value: { id: rows[0].id, type: rows[0].type }, waitingMs: rows[0].ms };
}

/** How many employees are marked for recomputing; null when none is. */
export async function markedSince(db: Executor, tenantId: string): Promise<Waiting<number> | null> {
  const rows = await db.$queryRaw<{ marked: number; ms: number | null }[]>`
    SELECT count(*)::int AS marked, (extract(epoch FROM clock_timestamp() - min(since)) * 1000)::float8 AS ms
    FROM recompute_marks WHERE tenant_id = ${tenantId}`;
  return rows[0]?.ms == null ? null : { value: rows[0].marked, waitingMs: rows[0].ms };
}

/** For how long (ms) changed settings have been waiting for the workflow to look at them; null when it knows them. */
export async function settingsUntoldMs(db: Executor, tenantId: string): Promise<number | null> {
  const rows = await db.$queryRaw<{ ms: number | null }[]>`
    SELECT (extract(epoch FROM clock_timestamp() - settings_changed_at) * 1000)::float8 AS ms
    FROM tenants WHERE id = ${tenantId}`;
  return rows[0]?.ms ?? null;
}

/** The reconciliation that waits for its turn; null when none does. */
export async function queuedReconciliation(db: Executor, tenantId: string): Promise<Waiting<string> | null> {
  const rows = await db.$queryRaw<{ id: string; ms: number }[]>`
    SELECT id::text AS id, (extract(epoch FROM clock_timestamp() - requested_at) * 1000)::float8 AS ms
    FROM reconciliations WHERE tenant_id = ${tenantId} AND status = 'queued'`;
  return rows[0] === undefined ? null : { value: rows[0].id, waitingMs: rows[0].ms };
}
