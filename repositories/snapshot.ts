import type { ConnectionSnapshot } from '../domain/connection-snapshot.ts';
import { refreshDueAt, tokenStatus } from '../domain/token-life.ts';
import { readConnectionRow } from './connections.ts';
import type { Database } from './database.ts';
import { hasUntriedCredentials, readTokenLife } from './tokens.ts';

/** What the workflow of a tenant must know, in one look. `defaults` hold where the tenant chose nothing. */
export async function readSnapshot(
  db: Database,
  tenantId: string,
  nowMs: number,
  defaults: { readonly nightlyHour: number; readonly holidayPollMinutes: number },
): Promise<ConnectionSnapshot> {
  const tenant = await db.tenant.findUnique({
    where: { id: tenantId },
    select: { timeZone: true, nightlyHour: true },
  });
  const connection = await readConnectionRow(db, tenantId);
  const token = await readTokenLife(db, tenantId);
  const credentialsUntried = await hasUntriedCredentials(db, tenantId);
  const attempt = await db.authorizationAttempt.findFirst({
    where: { tenantId },
    orderBy: { createdAt: 'desc' },
    select: { id: true, expiresAt: true, usedAt: true, voidedAt: true, outcome: true },
  });
  // Only the latest counts: an older one that was left open has been overtaken.
  const isOpen = attempt !== null && attempt.voidedAt === null && attempt.outcome === null;
  const [counts] = await db.$queryRaw<
    {
      commands: number;
      deliveries: number;
      oldest: Date | null;
      marked: number;
      plans: number;
      failures: number;
      failing: string[];
      queued: number;
      keys: number;
    }[]
  >`
    SELECT
      (SELECT count(*)::int FROM connection_commands WHERE tenant_id = ${tenantId} AND outcome IS NULL) AS commands,
      (SELECT count(*)::int FROM inbox WHERE tenant_id = ${tenantId} AND outcome IS NULL) AS deliveries,
      (SELECT min(received_at) FROM inbox WHERE tenant_id = ${tenantId} AND outcome IS NULL) AS oldest,
      (SELECT count(*)::int FROM recompute_marks WHERE tenant_id = ${tenantId}) AS marked,
      (SELECT count(*)::int FROM employee_links WHERE tenant_id = ${tenantId} AND planned_read_number IS NULL) AS plans,
      (SELECT count(*)::int FROM failures WHERE tenant_id = ${tenantId} AND status <> 'resolved') AS failures,
      ARRAY(SELECT DISTINCT code FROM failures WHERE tenant_id = ${tenantId} AND status <> 'resolved' ORDER BY code) AS failing,
      (SELECT count(*)::int FROM reconciliations WHERE tenant_id = ${tenantId} AND status = 'queued') AS queued,
      (SELECT count(*)::int FROM subscriptions WHERE tenant_id = ${tenantId} AND retired_at IS NULL) AS keys`;
  const running = await db.reconciliation.findFirst({
    where: { tenantId, status: 'running' },
    select: { id: true, nightOn: true },
  });
  const verified = await db.reconciliation.findFirst({
    where: { tenantId, verified: true },
    orderBy: { finishedAt: 'desc' },
    select: { finishedAt: true },
  });
  const warnings = await db.connectionWarning.findMany({
    where: { tenantId },
    orderBy: { code: 'asc' },
    select: { code: true },
  });
  return {
    status: connection.status,
    generation: connection.generation,
    paused: connection.paused,
    tokenVersion: token?.version ?? null,
    tokenStatus: tokenStatus(connection.status, token, nowMs),
    credentialsUntried,
    refreshDueAt: token === null ? null : refreshDueAt(tenantId, token),
    attempt:
      attempt !== null && isOpen
        ? { id: attempt.id, expiresAt: attempt.expiresAt.getTime(), received: attempt.usedAt !== null }
        : null,
    undoneCommands: counts?.commands ?? 0,
    undoneDeliveries: counts?.deliveries ?? 0,
    marked: (counts?.marked ?? 0) + (connection.status === 'connected' ? (counts?.plans ?? 0) : 0),
    runningReconciliation:
      running === null
        ? null
        : { id: running.id, key: running.nightOn?.toISOString().slice(0, 10) ?? running.id },
    queuedReconciliations: counts?.queued ?? 0,
    unretiredSubscriptions: counts?.keys ?? 0,
    timeZone: tenant?.timeZone ?? 'Europe/Madrid',
    nightlyHour: tenant?.nightlyHour ?? defaults.nightlyHour,
    holidayPollMinutes: defaults.holidayPollMinutes,
    troubleCodes: [...new Set([...warnings.map(({ code }) => code), ...(counts?.failing ?? [])])],
    openFailures: counts?.failures ?? 0,
    oldestPendingAt: counts?.oldest?.getTime() ?? null,
    lastVerifiedAt: verified?.finishedAt?.getTime() ?? null,
  };
}
