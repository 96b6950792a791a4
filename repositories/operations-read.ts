import type { ConnectionStatus } from '../domain/connection-machine.ts';
import { wantedSubscriptionTypes } from '../domain/subscription-types.ts';
import { tokenStatus, type TokenStatus } from '../domain/token-life.ts';
import type { Executor } from './database.ts';
import type { FailureFilter } from './failures-read.ts';
import type { FailureModel } from './generated/models.ts';
import { isUnrung, joinWebhookState } from './relay-work.ts';

/**
 * What operators read across all tenants. The exception to "the tenant comes first": no route calls these, only the
 * command line of those who run the service. Ids, counts and codes only. Nothing here writes.
 */

export interface TenantOverview {
  readonly tenantId: string;
  readonly status: ConnectionStatus;
  readonly paused: boolean;
  readonly tokenStatus: TokenStatus | null;
  readonly tokenOwner: string | null;
  /** Warnings of the card, and codes of failures that are not resolved. */
  readonly troubleCodes: readonly string[];
  readonly lastVerifiedAt: Date | null;
  readonly openFailures: number;
  readonly pending: number;
  readonly oldestPendingAt: Date | null;
}

interface OverviewRow extends Omit<TenantOverview, 'tokenStatus'> {
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly hasRefreshToken: boolean;
  readonly refreshFailingSince: Date | null;
}

/** How every tenant stands, by id. `tenantId` narrows it to one. */
export async function listTenantOverviews(
  db: Executor,
  nowMs: number,
  tenantId: string | null = null,
): Promise<TenantOverview[]> {
  const rows = await db.$queryRaw<OverviewRow[]>`
    SELECT tenant.id AS "tenantId", coalesce(connection.status, 'not_connected') AS status,
      coalesce(connection.paused, false) AS paused, connection.token_owner AS "tokenOwner",
      pair.obtained_at AS "obtainedAt", pair.expires_at AS "expiresAt",
      pair.refresh_token_enc IS NOT NULL AS "hasRefreshToken", pair.refresh_failing_since AS "refreshFailingSince",
      ARRAY(SELECT code FROM connection_warnings w WHERE w.tenant_id = tenant.id
        UNION SELECT code FROM failures f WHERE f.tenant_id = tenant.id AND f.status <> 'resolved' ORDER BY code) AS "troubleCodes",
      (SELECT max(finished_at) FROM reconciliations r WHERE r.tenant_id = tenant.id AND r.verified) AS "lastVerifiedAt",
      (SELECT count(*)::int FROM failures f WHERE f.tenant_id = tenant.id AND f.status <> 'resolved') AS "openFailures",
      waiting.pending, waiting.oldest AS "oldestPendingAt"
    FROM tenants tenant
    LEFT JOIN connections connection ON connection.tenant_id = tenant.id
    LEFT JOIN token_pairs pair ON pair.tenant_id = tenant.id
    CROSS JOIN LATERAL (SELECT count(*)::int AS pending, min(received_at) AS oldest FROM inbox
      WHERE inbox.tenant_id = tenant.id AND outcome IS NULL) waiting
    WHERE ${tenantId}::text IS NULL OR tenant.id = ${tenantId}
    ORDER BY tenant.id`;
  return rows.map(({ obtainedAt, expiresAt, hasRefreshToken, refreshFailingSince, ...row }) => ({
    ...row,
    tokenStatus: tokenStatus(
      row.status,
      obtainedAt === null ? null : { obtainedAt, expiresAt, hasRefreshToken, refreshFailingSince },
      nowMs,
    ),
  }));
}

/** Failures of one tenant or of all, the latest first, at most `take`; with how many there are. */
export async function listFailuresAcross(
  db: Executor,
  filter: FailureFilter & { readonly tenantId?: string | undefined; readonly resolved: boolean },
  take: number,
): Promise<{ readonly count: number; readonly failures: FailureModel[] }> {
  const { tenantId, code, resource, since, resolved } = filter;
  const where = {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(code === undefined ? {} : { code }),
    ...(resource === undefined ? {} : { resource }),
    ...(since === undefined ? {} : { lastAt: { gte: since } }),
    ...(resolved ? {} : { status: { not: 'resolved' } }),
  };
  const failures = await db.failure.findMany({
    where,
    orderBy: [{ lastAt: 'desc' }, { tenantId: 'asc' }, { id: 'asc' }],
    take,
  });
  return { count: await db.failure.count({ where }), failures };
}

export interface InboxView {
  /** What waits, by topic. */
  readonly waiting: readonly {
    readonly topic: string;
    readonly rows: number;
    readonly copies: number;
    readonly oldestAt: Date;
    /** Of them: nobody was rung for yet. */
    readonly notRelayed: number;
    /** Of them: read, and to be read again later. */
    readonly postponed: number;
  }[];
  /** What came of those received in the last 24 hours, by outcome. */
  readonly outcomes: readonly {
    readonly outcome: string;
    readonly rows: number;
    readonly lastAt: Date;
  }[];
  /** The rows that have waited longest. */
  readonly oldest: readonly {
    readonly id: bigint;
    readonly topic: string;
    readonly resourceId: string | null;
    readonly copies: number;
    readonly receivedAt: Date;
    /** Whether Temporal accepted a ring for it. */
    readonly isRungFor: boolean;
    readonly tries: number;
    readonly dueAt: Date | null;
  }[];
}

/** A tenant's inbox: what waits and since when, and what came of the rest. */
export async function readInbox(db: Executor, tenantId: string, take: number): Promise<InboxView> {
  const waiting = await db.$queryRaw<InboxView['waiting'][number][]>`
    SELECT topic, count(*)::int AS rows, sum(copies)::int AS copies, min(received_at) AS "oldestAt",
      (count(*) FILTER (WHERE ${isUnrung}))::int AS "notRelayed",
      (count(*) FILTER (WHERE due_at > now()))::int AS postponed
    FROM inbox JOIN connections connection USING (tenant_id) ${joinWebhookState}
    WHERE inbox.tenant_id = ${tenantId} AND outcome IS NULL GROUP BY topic ORDER BY topic`;
  const outcomes = await db.$queryRaw<InboxView['outcomes'][number][]>`
    SELECT outcome, count(*)::int AS rows, max(outcome_at) AS "lastAt" FROM inbox
    WHERE tenant_id = ${tenantId} AND outcome IS NOT NULL AND received_at > now() - interval '24 hours'
    GROUP BY outcome ORDER BY outcome`;
  const oldest = await db.$queryRaw<InboxView['oldest'][number][]>`
    SELECT inbox.id, topic, resource_id AS "resourceId", copies, received_at AS "receivedAt", NOT ${isUnrung} AS "isRungFor",
      tries, due_at AS "dueAt"
    FROM inbox JOIN connections connection USING (tenant_id) ${joinWebhookState}
    WHERE inbox.tenant_id = ${tenantId} AND outcome IS NULL ORDER BY inbox.id LIMIT ${take}`;
  return { waiting, outcomes, oldest };
}

export interface SubscriptionView {
  readonly type: string;
  readonly state: string;
  readonly factorialId: string | null;
  readonly checkedAt: Date | null;
  /** When a delivery of this type last came, as far as deliveries are kept. */
  readonly lastDeliveryAt: Date | null;
}

/** A tenant's subscriptions at Factorial, as last seen, without their secrets. */
export async function listSubscriptions(db: Executor, tenantId: string): Promise<SubscriptionView[]> {
  return await db.$queryRaw<SubscriptionView[]>`
    SELECT type, state, factorial_id AS "factorialId", checked_at AS "checkedAt",
      (SELECT max(last_received_at) FROM inbox WHERE inbox.tenant_id = subscription.tenant_id AND inbox.topic = subscription.type)
        AS "lastDeliveryAt"
    FROM subscriptions subscription WHERE tenant_id = ${tenantId} AND retired_at IS NULL ORDER BY type`;
}

export interface BrokenSubscription {
  readonly tenantId: string;
  readonly type: string;
  readonly state: string;
}

/** Subscriptions that these tenants want and that do not deliver. */
export async function listBrokenSubscriptions(
  db: Executor,
  tenantIds: readonly string[],
): Promise<BrokenSubscription[]> {
  return await db.$queryRaw<BrokenSubscription[]>`
    SELECT tenant AS "tenantId", wanted AS type, coalesce(state, 'missing') AS state
    FROM unnest(${[...tenantIds]}::text[]) tenant CROSS JOIN unnest(${[...wantedSubscriptionTypes]}::text[]) wanted
    LEFT JOIN subscriptions subscription ON subscription.tenant_id = tenant AND subscription.type = wanted AND retired_at IS NULL
    WHERE coalesce(state, 'missing') <> 'active' ORDER BY tenant, wanted`;
}

/** Deliveries of connected tenants that nobody was rung for yet; null when there is none. */
export async function readRelayLag(
  db: Executor,
): Promise<{ readonly rows: number; readonly waitingMs: number } | null> {
  const [row] = await db.$queryRaw<{ rows: number; ms: number | null }[]>`
    SELECT count(*)::int AS rows, (extract(epoch FROM clock_timestamp() - min(received_at)) * 1000)::float8 AS ms
    FROM inbox JOIN connections connection ON connection.tenant_id = inbox.tenant_id ${joinWebhookState}
    WHERE outcome IS NULL AND ${isUnrung} AND connection.status = 'connected' AND NOT connection.paused`;
  return row?.ms == null ? null : { rows: row.rows, waitingMs: row.ms };
}

export interface TenantFailures {
  readonly tenantId: string;
  readonly count: number;
}

/** How many open failures each tenant has that are so; tenants without any are left out. */
export async function countFailuresByTenant(
  db: Executor,
  filter: FailureFilter & {
    readonly tenantId?: string | undefined;
    readonly ids?: readonly string[] | undefined;
  },
): Promise<TenantFailures[]> {
  const { tenantId, code, resource, since, ids } = filter;
  const groups = await db.failure.groupBy({
    by: ['tenantId'],
    where: {
      status: 'open',
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(code === undefined ? {} : { code }),
      ...(resource === undefined ? {} : { resource }),
      ...(since === undefined ? {} : { lastAt: { gte: since } }),
      ...(ids === undefined ? {} : { id: { in: [...ids] } }),
    },
    _count: { _all: true },
    orderBy: { tenantId: 'asc' },
  });
  return groups.map((group) => ({ tenantId: group.tenantId, count: group._count._all }));
}
