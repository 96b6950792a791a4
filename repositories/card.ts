import { defaultApiHost } from '../domain/api-host.ts';
import type { CivilDate } from '../domain/civil-date.ts';
import type { ConnectionStatus } from '../domain/connection-machine.ts';
import { wantedSubscriptionTypes } from '../domain/subscription-types.ts';
import { tokenStatus, type TokenStatus } from '../domain/token-life.ts';
import { actionOf, warningCodes, type WarningCode } from '../domain/warnings.ts';
import { fromCivil } from './civil.ts';
import type { Database, Executor } from './database.ts';
import type { ReconciliationModel } from './generated/models.ts';
import { countParked, type ParkedCounts } from './parked.ts';
import { readHorizon } from './settings.ts';
import { readTokenLife } from './tokens.ts';

export interface CardWarning {
  readonly code: string;
  readonly message: string;
  readonly since: string;
  readonly action: { readonly code: string; readonly label: string };
}

/** Everything that the settings screen shows of a connection, without `redirectUri` (contract.md 1). */
export interface ConnectionCard {
  readonly status: ConnectionStatus;
  readonly paused: boolean;
  readonly apiHost: string;
  readonly connectedAt: string | null;
  readonly tokenOwner: 'company' | 'user' | null;
  readonly tokenStatus: TokenStatus | null;
  readonly tokenExpiresAt: string | null;
  readonly errors7d: number;
  readonly company: { readonly id: string; readonly name: string | null } | null;
  readonly warning: CardWarning | null;
  readonly warnings: CardWarning[];
  readonly lastReconciliation: LastReconciliation | null;
  readonly parked: ParkedCounts;
  readonly unlinked: { readonly employees: number; readonly profiles: number };
  readonly subscriptions: { readonly type: string; readonly state: SubscriptionState }[];
  readonly progress: { readonly phase: string | null; readonly done: number; readonly total: number } | null;
}

type SubscriptionState = 'active' | 'disabled' | 'conflict' | 'refused' | 'missing';
type ReconciliationStatus = 'queued' | 'running' | 'awaiting_approval' | 'completed' | 'failed';
interface LastReconciliation {
  readonly id: string;
  readonly status: ReconciliationStatus;
  readonly finishedAt: string | null;
  readonly verified: boolean;
}

const sevenDaysMs = 7 * 86_400_000;

/**
 * Reads a tenant's card as of `nowMs`, of one moment: a warning never shows beside the status from before it. A tenant of
 * which nothing is known has one too. Writes nothing.
 */
export async function readCard(db: Database, tenantId: string, nowMs: number): Promise<ConnectionCard> {
  return await db.$transaction((tx) => readCardIn(tx, tenantId, nowMs), { isolationLevel: 'RepeatableRead' });
}

async function readCardIn(db: Executor, tenantId: string, nowMs: number): Promise<ConnectionCard> {
  // One after the other: they share the transaction's one connection.
  const connection = await db.connection.findUnique({ where: { tenantId } });
  const token = await readTokenLife(db, tenantId);
  const horizon = await readHorizon(db, tenantId, nowMs);
  const parked = await countParked(db, tenantId, horizon);
  const unlinked = await countUnlinked(db, tenantId, horizon.today);
  const subscriptions = await readSubscriptions(db, tenantId);
  const errors7d = await db.failure.count({
    where: { tenantId, lastAt: { gte: new Date(nowMs - sevenDaysMs) } },
  });
  const latest = await latestReconciliation(db, tenantId);
  const status = (connection?.status ?? 'not_connected') as ConnectionStatus;
  const warnings = await readWarnings(db, tenantId, status);
  const holdsToken = status === 'connected' || status === 'expired';
  return {
    status,
    paused: connection?.paused ?? false,
    apiHost: connection?.apiHost ?? defaultApiHost,
    connectedAt: holdsToken ? toIso(connection?.connectedAt) : null,
    tokenOwner: toTokenOwner(connection?.tokenOwner),
    tokenStatus: tokenStatus(status, token, nowMs),
    tokenExpiresAt: holdsToken ? toIso(token?.expiresAt) : null,
    errors7d,
    company:
      connection?.companyId == null ? null : { id: connection.companyId, name: connection.companyName },
    warning: warnings[0] ?? null,
    warnings,
    lastReconciliation: latest === null ? null : toLast(latest),
    parked,
    unlinked,
    subscriptions,
    progress: latest?.status === 'running' ? toProgress(latest) : null,
  };
}

const toIso = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
const toTokenOwner = (owner: string | null | undefined) =>
  owner === 'company' || owner === 'user' ? owner : null;

/** Employees without a profile, and profiles still at work without an employee. */
async function countUnlinked(db: Executor, tenantId: string, today: CivilDate) {
  const [rows] = await db.$queryRaw<{ employees: number; profiles: number }[]>`
    SELECT
      (SELECT count(*) FROM employees employee WHERE employee.tenant_id = ${tenantId} AND NOT EXISTS (
         SELECT 1 FROM employee_links link WHERE link.tenant_id = employee.tenant_id AND link.employee_id = employee.id
       ))::int AS employees,
      (SELECT count(*) FROM profiles profile WHERE profile.tenant_id = ${tenantId} AND profile.deleted_at IS NULL
         AND (profile.terminated_on IS NULL OR profile.terminated_on >= ${fromCivil(today)}::date) AND NOT EXISTS (
         SELECT 1 FROM employee_links link WHERE link.tenant_id = profile.tenant_id AND link.profile_id = profile.id
       ))::int AS profiles`;
  return rows ?? { employees: 0, profiles: 0 };
}

/** Warnings, the most serious first: `warningCodes` is in that order. */
async function readWarnings(
  db: Executor,
  tenantId: string,
  status: ConnectionStatus,
): Promise<CardWarning[]> {
  const rows = await db.connectionWarning.findMany({ where: { tenantId } });
  if (rows.length === 0) return [];
  const rank = (code: string): number =>
    isWarningCode(code) ? warningCodes.indexOf(code) : warningCodes.length;
  const last = await db.authorizationAttempt.findFirst({
    where: { tenantId },
    orderBy: { createdAt: 'desc' },
    select: { outcome: true, finishedAt: true },
  });
  const endedAuthorization = (code: string, since: Date): boolean =>
    last?.outcome === code && last.finishedAt !== null && last.finishedAt >= since;
  return rows
    .toSorted((a, b) => rank(a.code) - rank(b.code))
    .map(({ code, message, since }) => ({
      code,
      message,
      since: since.toISOString(),
      action: actionOf(
        isWarningCode(code) ? code : 'command_refused',
        status,
        endedAuthorization(code, since),
      ),
    }));
}

const isWarningCode = (code: string): code is WarningCode => warningCodes.some((known) => known === code);

async function readSubscriptions(db: Executor, tenantId: string) {
  const rows = await db.subscription.findMany({
    where: { tenantId, retiredAt: null },
    select: { type: true, state: true },
  });
  const states = new Map(rows.map((row) => [row.type, row.state as SubscriptionState]));
  return wantedSubscriptionTypes.map((type) => ({ type, state: states.get(type) ?? 'missing' }));
}

/** The newest one that has begun: what only waits in line tells nothing yet. */
async function latestReconciliation(db: Executor, tenantId: string): Promise<ReconciliationModel | null> {
  return await db.reconciliation.findFirst({
    where: { tenantId, status: { not: 'queued' } },
    orderBy: [{ startedAt: { sort: 'desc', nulls: 'last' } }, { requestedAt: 'desc' }],
  });
}

function toLast({ id, status, finishedAt, verified }: ReconciliationModel): LastReconciliation {
  return { id, status: status as ReconciliationStatus, finishedAt: toIso(finishedAt), verified };
}

function toProgress({ phase, counts }: ReconciliationModel) {
  const kinds = Object.values((counts ?? {}) as Record<string, { read?: number; total?: number | null }>);
  const sum = (of: (kind: (typeof kinds)[number]) => number): number =>
    kinds.reduce((all, kind) => all + of(kind), 0);
  return { phase, done: sum(({ read }) => read ?? 0), total: sum(({ total }) => total ?? 0) };
}
