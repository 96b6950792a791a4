import type { Executor } from './database.ts';
import { isUnrung, joinWebhookState } from './relay-work.ts';

/** How the whole service stands: counts and ages only, of all tenants together. */
export interface Census {
  readonly connections: readonly {
    readonly status: string;
    readonly paused: boolean;
    readonly count: number;
  }[];
  readonly troubles: readonly { readonly code: string; readonly count: number }[];
  readonly failures: readonly { readonly code: string; readonly status: string; readonly count: number }[];
  readonly subscriptions: readonly { readonly state: string; readonly count: number }[];
  /** Deliveries of connected tenants without an outcome, and the age of the oldest. */
  readonly pending: { readonly count: number; readonly oldestSeconds: number };
  /** Of them, those that nobody was rung for yet: the relay's lag. */
  readonly unrelayed: { readonly count: number; readonly oldestSeconds: number };
  readonly undoneCommands: { readonly count: number; readonly oldestSeconds: number };
  /** Connected tenants that no reconciliation has verified for 36 hours. */
  readonly unverified: number;
}

/** Reads the census; a handful of counts over partial indexes. */
export async function readCensus(db: Executor): Promise<Census> {
  const connections = await db.$queryRaw<Census['connections'][number][]>`
    SELECT status, paused, count(*)::int AS count FROM connections GROUP BY status, paused`;
  const troubles = await db.$queryRaw<Census['troubles'][number][]>`
    SELECT code, count(*)::int AS count FROM connection_warnings GROUP BY code`;
  const failures = await db.$queryRaw<Census['failures'][number][]>`
    SELECT code, status, count(*)::int AS count FROM failures WHERE status <> 'resolved' GROUP BY code, status`;
  const subscriptions = await db.$queryRaw<Census['subscriptions'][number][]>`
    SELECT subscription.state, count(*)::int AS count FROM subscriptions subscription
    JOIN connections connection ON connection.tenant_id = subscription.tenant_id AND connection.status = 'connected'
    WHERE subscription.retired_at IS NULL GROUP BY subscription.state`;
  const [deliveries] = await db.$queryRaw<
    { pending: number; pendingAge: number; unrelayed: number; unrelayedAge: number }[]
  >`
    SELECT count(*)::int AS pending, coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8 AS "pendingAge",
      (count(*) FILTER (WHERE ${isUnrung}))::int AS unrelayed,
      coalesce(extract(epoch FROM now() - min(received_at) FILTER (WHERE ${isUnrung})), 0)::float8 AS "unrelayedAge"
    FROM inbox JOIN connections connection ON connection.tenant_id = inbox.tenant_id ${joinWebhookState}
    WHERE outcome IS NULL AND connection.status = 'connected' AND NOT connection.paused`;
  const [commands] = await db.$queryRaw<{ count: number; age: number }[]>`
    SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age
    FROM connection_commands WHERE outcome IS NULL`;
  const [unverified] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM connections connection
    WHERE status = 'connected' AND NOT paused AND connected_at < now() - interval '36 hours' AND NOT EXISTS (
      SELECT 1 FROM reconciliations r WHERE r.tenant_id = connection.tenant_id AND r.verified
        AND r.finished_at > now() - interval '36 hours')`;
  return {
    connections,
    troubles,
    failures,
    subscriptions,
    pending: { count: deliveries?.pending ?? 0, oldestSeconds: deliveries?.pendingAge ?? 0 },
    unrelayed: { count: deliveries?.unrelayed ?? 0, oldestSeconds: deliveries?.unrelayedAge ?? 0 },
    undoneCommands: { count: commands?.count ?? 0, oldestSeconds: commands?.age ?? 0 },
    unverified: unverified?.count ?? 0,
  };
}
