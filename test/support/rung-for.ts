import type { Database } from '../../repositories/database.ts';
import { Prisma } from '../../repositories/generated/client.ts';
import { isUnrung, joinWebhookState } from '../../repositories/relay-work.ts';

/** How many deliveries no accepted ring was for; of all tenants unless told. */
export async function countUnrung(db: Database, ...tenantIds: string[]): Promise<number> {
  const ofThem = tenantIds.length === 0 ? Prisma.sql`true` : Prisma.sql`inbox.tenant_id = ANY(${tenantIds})`;
  const [found] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM inbox JOIN connections connection USING (tenant_id) ${joinWebhookState}
    WHERE ${isUnrung} AND ${ofThem}`;
  return found?.count ?? 0;
}

/** As if Temporal had accepted a ring for all that is in a tenant's inbox, `secondsAgo`. */
export async function beRungFor(db: Database, tenantId: string, secondsAgo: number): Promise<void> {
  await db.$executeRaw`
    INSERT INTO relay_states (tenant_id, bell, last_rung_at, looked_at, looked_in)
    SELECT ${tenantId}, 'webhooks', at, at, pg_current_snapshot()
    FROM (SELECT now() - make_interval(secs => ${secondsAgo}) AS at) moment
    ON CONFLICT (tenant_id, bell) DO UPDATE SET last_rung_at = excluded.last_rung_at, looked_at = excluded.looked_at,
      looked_in = excluded.looked_in`;
}
