import { runPrepared, type Executor } from './database.ts';
import { Prisma } from './generated/client.ts';

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

/**
 * Whether nobody has rung for a row of `inbox` yet: the look behind the last accepted ring (`state`, of the bell `webhooks`) could
 * not see the transaction that stored it. The bounds are there for the index, and for rows of a dump that was restored into another
 * cluster: their numbers may lie ahead, and a number of the future would be new for ever.
 */
export const isUnrung = Prisma.sql`(inbox.stored_xid >= coalesce(pg_snapshot_xmin(state.looked_in), '0'::xid8)
  AND inbox.stored_xid < pg_snapshot_xmax(pg_current_snapshot())
  AND pg_visible_in_snapshot(inbox.stored_xid, state.looked_in) IS NOT TRUE)`;
/** The state that `isUnrung` asks, of each row of `connection`. */
export const joinWebhookState = Prisma.sql`
  LEFT JOIN relay_states state ON state.tenant_id = connection.tenant_id AND state.bell = 'webhooks'`;
/** Rung for long ago. What is still not done then, and due, is rung for again. */
const isLookOld = Prisma.sql`coalesce(state.looked_at, '-infinity') < now() - make_interval(secs => ${lostAfterSeconds})`;
const isDue = Prisma.sql`(inbox.due_at IS NULL OR inbox.due_at <= now())`;

/** Tenants with work that their workflow may not know of, the longest not rung first. */
export async function findRelayWork(db: Executor, limit: number): Promise<RelayWork[]> {
  return await db.$queryRaw<RelayWork[]>`
    WITH work AS (
      SELECT connection.tenant_id, 'webhooks' AS bell FROM connections connection ${joinWebhookState}
      WHERE status = 'connected' AND NOT paused AND (
        EXISTS (SELECT 1 FROM inbox WHERE inbox.tenant_id = connection.tenant_id AND outcome IS NULL AND ${isUnrung})
        OR ${isLookOld} AND EXISTS (
          SELECT 1 FROM inbox WHERE inbox.tenant_id = connection.tenant_id AND outcome IS NULL AND ${isDue}))
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
    WHERE coalesce(relay_states.last_rung_at, '-infinity') <= clock_timestamp() - ${spacingMs}::float8 * interval '1 millisecond'`;
  return claimed === 1;
}

/** Gives a claim back: Temporal was away, so that nobody was rung. */
export async function releaseBell(db: Executor, { tenantId, bell }: RelayWork): Promise<void> {
  await db.$executeRaw`UPDATE relay_states SET last_rung_at = NULL WHERE tenant_id = ${tenantId} AND bell = ${bell}`;
}

/** A look into a tenant's inbox. */
export interface DeliveriesToRing {
  /** What to ring for, by topic: what is new, and what seems to have been rung for in vain. Null: nothing. */
  readonly counts: Readonly<Record<string, number>> | null;
  /** When it was made, by the database's clock, and what it could see, in PostgreSQL's words. */
  readonly look: { readonly at: Date; readonly snapshot: string };
  /** Age of the oldest due delivery that was rung for and is not read yet, in ms; null when the workflow keeps up. */
  readonly unreadMs: number | null;
}

/** Looks for deliveries of a connected tenant to ring for. One statement, so that its snapshot is what it has counted in. */
export async function deliveriesToRing(db: Executor, tenantId: string): Promise<DeliveriesToRing> {
  const [found] = await runPrepared<{
    at: Date;
    snapshot: string;
    counts: Record<string, number> | null;
    unreadMs: number | null;
  }>(
    db,
    'deliveries-to-ring',
    Prisma.sql`
    WITH state AS (
      SELECT connection.tenant_id, state.looked_at, state.looked_in
      FROM connections connection ${joinWebhookState}
      WHERE connection.tenant_id = ${tenantId} AND status = 'connected' AND NOT paused
    ), ringing AS (
      SELECT topic FROM state JOIN inbox USING (tenant_id) WHERE outcome IS NULL AND ${isUnrung}
      UNION ALL
      SELECT topic FROM state JOIN inbox USING (tenant_id)
      WHERE ${isLookOld} AND outcome IS NULL AND ${isDue} AND NOT ${isUnrung}
    )
    SELECT now() AS at, pg_current_snapshot()::text AS snapshot,
      (SELECT jsonb_object_agg(topic, count) FROM (SELECT topic, count(*) FROM ringing GROUP BY topic) topics) AS counts,
      (SELECT (extract(epoch FROM clock_timestamp() - received_at) * 1000)::float8 FROM state, LATERAL (
        SELECT received_at FROM inbox
        WHERE inbox.tenant_id = state.tenant_id AND outcome IS NULL AND read_number IS NULL AND ${isDue} AND NOT ${isUnrung}
        ORDER BY inbox.id LIMIT 1) oldest) AS "unreadMs"`,
  );
  if (found === undefined) throw new Error('A look always answers.');
  const { at, snapshot, counts, unreadMs } = found;
  return { counts, look: { at, snapshot }, unreadMs };
}

/**
 * Notes that Temporal accepted a ring for all that a look has seen: once per tenant, however many deliveries that are. A look that
 * is older than the one noted changes nothing.
 */
export async function noteRung(
  db: Executor,
  tenantId: string,
  { at, snapshot }: DeliveriesToRing['look'],
): Promise<void> {
  await db.$executeRaw`
    UPDATE relay_states SET looked_at = ${at}, looked_in = ${snapshot}::pg_snapshot
    WHERE tenant_id = ${tenantId} AND bell = 'webhooks' AND (looked_at IS NULL OR looked_at <= ${at})`;
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
