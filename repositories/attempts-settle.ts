import { scopesMissing, ungranted } from '../domain/permissions.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { logActivity } from './activity-log.ts';
import { codePlace } from './attempts.ts';
import type { Cipher } from './cipher.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { requireGeneration } from './fence.ts';
import { storeFirstPair, type NewPair } from './tokens.ts';
import { leaveCompany } from './company-change.ts';
import { appendChanges } from './feed.ts';
import { clearWarnings, raiseWarning } from './warnings.ts';

const pairPlace = (tenantId: string) => ({ tenantId, column: 'authorization_attempts.pair' });

/** An attempt whose callback has come, opened for the exchange. Never leaves an activity. */
export interface OpenAttempt {
  readonly kind: 'authorize' | 'reauthorize';
  readonly credentialVersion: number;
  readonly apiHost: string;
  readonly tokenOwner: 'company' | 'user';
  readonly confirmCompanyChange: boolean;
  readonly expiresAt: Date;
  readonly exchangeStartedAt: Date | null;
  readonly code: string | null;
  readonly pair: NewPair | null;
}

/** The attempt, or null when it is void, finished or not known. */
export async function openAttempt(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  id: string,
): Promise<OpenAttempt | null> {
  const row = await db.authorizationAttempt.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (row === null || row.voidedAt !== null || row.outcome !== null || row.usedAt === null) return null;
  return {
    kind: row.kind === 'reauthorize' ? 'reauthorize' : 'authorize',
    credentialVersion: row.credentialVersion,
    apiHost: row.apiHost,
    tokenOwner: row.tokenOwner === 'user' ? 'user' : 'company',
    confirmCompanyChange: row.confirmCompanyChange,
    expiresAt: row.expiresAt,
    exchangeStartedAt: row.exchangeStartedAt,
    code: row.codeEnc === null ? null : cipher.decrypt(row.codeEnc, codePlace(tenantId)),
    pair:
      row.pairEnc === null ? null : (JSON.parse(cipher.decrypt(row.pairEnc, pairPlace(tenantId))) as NewPair),
  };
}

/** How an attempt ended; null while it is open or where there is none. */
export async function attemptOutcome(db: Database, tenantId: string, id: string): Promise<string | null> {
  const row = await db.authorizationAttempt.findUnique({
    where: { tenantId_id: { tenantId, id } },
    select: { outcome: true },
  });
  return row?.outcome ?? null;
}

/** Notes that the code is about to be sent (a date), or that it certainly was not used (null). */
export async function noteExchange(
  db: Database,
  tenantId: string,
  id: string,
  startedAt: Date | null,
): Promise<void> {
  await db.authorizationAttempt.update({
    where: { tenantId_id: { tenantId, id } },
    data: { exchangeStartedAt: startedAt },
  });
}

/** Keeps the pair from its answer on, so that a crash before the connection is made loses nothing; the code is forgotten. */
export async function keepPair(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  id: string,
  pair: NewPair,
): Promise<void> {
  const pairEnc = cipher.encrypt(JSON.stringify(pair), pairPlace(tenantId));
  await db.authorizationAttempt.update({
    where: { tenantId_id: { tenantId, id } },
    data: { pairEnc, codeEnc: null },
  });
}

/** Pairs that were exchanged and never connected with, as a crash or a disconnect came between: still to be revoked. */
export async function keptPairs(
  db: Database,
  cipher: Cipher,
  tenantId: string,
): Promise<{ readonly credentialVersion: number; readonly apiHost: string; readonly pair: NewPair }[]> {
  const rows = await db.authorizationAttempt.findMany({ where: { tenantId, pairEnc: { not: null } } });
  return rows.flatMap(({ credentialVersion, apiHost, pairEnc }) =>
    pairEnc === null
      ? []
      : [
          {
            credentialVersion,
            apiHost,
            pair: JSON.parse(cipher.decrypt(pairEnc, pairPlace(tenantId))) as NewPair,
          },
        ],
  );
}

/** Ends an attempt; its secrets go. */
export async function closeAttempt(
  db: Database | Transaction,
  tenantId: string,
  id: string,
  outcome: string,
  at: Date,
): Promise<void> {
  await db.authorizationAttempt.updateMany({
    where: { tenantId, id, outcome: null },
    data: { outcome, finishedAt: at, codeEnc: null, pairEnc: null },
  });
}

export interface NewConnection {
  readonly attemptId: string;
  readonly generation: number;
  readonly apiHost: string;
  readonly credentialVersion: number;
  readonly tokenOwner: 'company' | 'user';
  readonly company: { readonly id: string; readonly name: string | null };
  readonly pair: NewPair;
  readonly reauthorized: boolean;
  /** What is not as it should be, and yet works. */
  readonly warnings: readonly WarningCode[];
}

/** All that could be wrong with a connection before it was authorised anew. */
const solved: readonly WarningCode[] = [
  'connection_expired',
  'credentials_invalid',
  'authorization_expired',
  'authorization_denied',
  'redirect_uri_mismatch',
  'other_company',
  'company_already_connected',
  'reauthorization_needed',
  'administrator_needed',
  'scopes_missing',
  'factorial_unreachable',
  'rate_limited',
  'wrong_cluster',
  'command_refused',
];

/**
 * Makes the connection with an exchanged pair: status, company, tokens and the attempt's end, together. A new connection
 * raises the generation; a reauthorization goes on with the same one. `taken`: the company is connected elsewhere.
 * `overtaken`: other credentials, another attempt or a disconnect came while the code was exchanged.
 * Fails with `fenced`.
 */
export async function connect(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  connection: NewConnection,
  at: Date,
): Promise<{ outcome: 'connected'; generation: number } | { outcome: 'taken' | 'overtaken' }> {
  const { attemptId, apiHost, credentialVersion, tokenOwner, company, pair, reauthorized } = connection;
  return inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, connection.generation);
    const open = await tx.$queryRaw<unknown[]>`
      SELECT id FROM authorization_attempts
      WHERE tenant_id = ${tenantId} AND id = ${attemptId}::uuid AND voided_at IS NULL AND outcome IS NULL FOR UPDATE`;
    if (open.length === 0) return { outcome: 'overtaken' };
    // Of two tenants that connect one company at the same moment, the second waits here and then sees the first.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`company ${company.id}`}, 0))`;
    const elsewhere = await tx.connection.count({
      where: { companyId: company.id, apiHost, status: { in: ['connected', 'expired'] }, NOT: { tenantId } },
    });
    if (elsewhere > 0) return { outcome: 'taken' };
    const generation = reauthorized ? connection.generation : connection.generation + 1;
    const before = await tx.connection.findUnique({ where: { tenantId }, select: { companyId: true } });
    const left = before?.companyId ?? null;
    const changes = left === null || left === company.id ? [] : await leaveCompany(tx, tenantId, left, at);
    const data = {
      status: 'connected',
      generation,
      apiHost,
      credentialVersion,
      tokenOwner,
      companyId: company.id,
      companyName: company.name,
      // Who authorizes wants it to work: a pause that somebody forgot must not outlive that.
      paused: false,
      updatedAt: at,
      ...(reauthorized ? {} : { connectedAt: at, disconnectedAt: null }),
    };
    await tx.connection.upsert({ where: { tenantId }, create: { tenantId, ...data }, update: data });
    await storeFirstPair(tx, cipher, tenantId, { generation, credentialVersion }, pair, at);
    await closeAttempt(tx, tenantId, attemptId, 'connected', at);
    await clearWarnings(tx, tenantId, solved);
    await logActivity(tx, tenantId, {
      kind: 'connection',
      outcome: reauthorized ? 'reauthorized' : 'connected',
    });
    for (const code of connection.warnings) await raiseWarning(tx, tenantId, code, at);
    const missing = ungranted(pair.scope);
    if (missing.length > 0) await raiseWarning(tx, tenantId, 'scopes_missing', at, scopesMissing(missing));
    await appendChanges(tx, tenantId, changes);
    return { outcome: 'connected', generation };
  });
}
