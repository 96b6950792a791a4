import { ungranted } from '../domain/permissions.ts';
import type { TokenLife } from '../domain/token-life.ts';
import type { Cipher } from './cipher.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import { requireGeneration } from './fence.ts';

/** A token pair in clear, with what is needed to use and to renew it. Never leaves an activity. */
export interface OpenTokens {
  readonly generation: number;
  readonly version: number;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: Date | null;
  readonly refusedAt: Date | null;
  readonly credentialVersion: number;
}

/** What the OAuth server answered, in our words. */
export interface NewPair {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresInSeconds: number | null;
  /** Names separated by spaces; null where the server does not say. */
  readonly scope: string | null;
}

const place = (tenantId: string, column: string) => ({ tenantId, column: `token_pairs.${column}` });

export async function readTokens(db: Executor, cipher: Cipher, tenantId: string): Promise<OpenTokens | null> {
  const row = await db.tokenPair.findUnique({ where: { tenantId } });
  if (row === null) return null;
  const { generation, version, expiresAt, refusedAt, credentialVersion } = row;
  return {
    generation,
    version,
    expiresAt,
    refusedAt,
    credentialVersion,
    accessToken: cipher.decrypt(row.accessTokenEnc, place(tenantId, 'access_token')),
    refreshToken:
      row.refreshTokenEnc === null
        ? null
        : cipher.decrypt(row.refreshTokenEnc, place(tenantId, 'refresh_token')),
  };
}

/** The life of the stored pair, without its secrets; null without one. */
export async function readTokenLife(
  db: Executor,
  tenantId: string,
): Promise<(TokenLife & { version: number }) | null> {
  const row = await db.tokenPair.findUnique({
    where: { tenantId },
    select: {
      version: true,
      obtainedAt: true,
      expiresAt: true,
      refreshTokenEnc: true,
      refreshFailingSince: true,
    },
  });
  if (row === null) return null;
  const { refreshTokenEnc, ...life } = row;
  return { ...life, hasRefreshToken: refreshTokenEnc !== null };
}

function columns(cipher: Cipher, tenantId: string, pair: NewPair, at: Date) {
  return {
    accessTokenEnc: cipher.encrypt(pair.accessToken, place(tenantId, 'access_token')),
    refreshTokenEnc:
      pair.refreshToken === null ? null : cipher.encrypt(pair.refreshToken, place(tenantId, 'refresh_token')),
    expiresAt: pair.expiresInSeconds === null ? null : new Date(at.getTime() + pair.expiresInSeconds * 1_000),
    obtainedAt: at,
    refreshFailingSince: null,
    refreshFailures: 0,
    refusedAt: null,
    leaseOwner: null,
    leaseUntil: null,
  };
}

/** Stores the pair of a fresh authorization, in the transaction that connects. */
export async function storeFirstPair(
  tx: Transaction,
  cipher: Cipher,
  tenantId: string,
  link: { readonly generation: number; readonly credentialVersion: number },
  pair: NewPair,
  at: Date,
): Promise<void> {
  const missingScopes = [...ungranted(pair.scope)];
  const data = { ...link, ...columns(cipher, tenantId, pair, at), missingScopes };
  await tx.tokenPair.upsert({
    where: { tenantId },
    create: { tenantId, version: 1, ...data },
    update: { ...data, version: { increment: 1 } },
  });
}

/**
 * Commits a refreshed pair over exactly the version that it was refreshed from, before anything uses it (rule 9).
 * False: another pair came first; the caller discards its own. Fails with `fenced`.
 */
export async function commitRefresh(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  from: { readonly generation: number; readonly version: number },
  pair: NewPair & { readonly credentialVersion: number },
  at: Date,
): Promise<boolean> {
  const { credentialVersion, ...tokens } = pair;
  return inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, from.generation);
    const { count } = await tx.tokenPair.updateMany({
      where: { tenantId, generation: from.generation, version: from.version },
      data: { ...columns(cipher, tenantId, tokens, at), credentialVersion, version: from.version + 1 },
    });
    return count === 1;
  });
}

/**
 * Claims the right to refresh one version until `until`. A lease that ran out may be taken: its owner crashed.
 * The clock is the database's, so that two machines agree.
 */
export async function takeRefreshLease(
  db: Database,
  tenantId: string,
  version: number,
  owner: string,
  forMs: number,
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE token_pairs SET lease_owner = ${owner}, lease_until = clock_timestamp() + ${forMs}::float8 * interval '1 millisecond'
    WHERE tenant_id = ${tenantId} AND version = ${version}
      AND (lease_until IS NULL OR lease_until < clock_timestamp())`;
  return count === 1;
}

/** Gives a lease back, if it is still the owner's. */
export async function releaseRefreshLease(db: Database, tenantId: string, owner: string): Promise<void> {
  await db.tokenPair.updateMany({
    where: { tenantId, leaseOwner: owner },
    data: { leaseOwner: null, leaseUntil: null },
  });
}

/** Notes that a refresh failed for a passing reason. The pair stays as it is. Answers the failures in a row. */
export async function noteRefreshFailure(
  db: Database,
  tenantId: string,
  version: number,
  at: Date,
): Promise<number> {
  const rows = await db.$queryRaw<{ failures: number }[]>`
    UPDATE token_pairs SET refresh_failures = refresh_failures + 1, refresh_failing_since = coalesce(refresh_failing_since, ${at})
    WHERE tenant_id = ${tenantId} AND version = ${version} RETURNING refresh_failures AS failures`;
  return rows[0]?.failures ?? 1;
}

/**
 * Whether the connection took over newer credentials than its pair was tried with. Of another application nothing can be tried:
 * that it must be authorized is what comes of those, and the card says so.
 */
export async function hasUntriedCredentials(db: Executor, tenantId: string): Promise<boolean> {
  const [row] = await db.$queryRaw<{ untried: boolean }[]>`
    SELECT EXISTS (
      SELECT 1 FROM token_pairs pair
      JOIN connections connection ON connection.tenant_id = pair.tenant_id
      JOIN credential_versions own ON own.tenant_id = pair.tenant_id AND own.version = pair.credential_version
      JOIN credential_versions newest ON newest.tenant_id = pair.tenant_id AND newest.version = connection.credential_version
      WHERE pair.tenant_id = ${tenantId} AND newest.version > own.version
        AND (newest.client_id = own.client_id OR NOT EXISTS (SELECT 1 FROM connection_warnings warning
          WHERE warning.tenant_id = pair.tenant_id AND warning.code = 'reauthorization_needed'))) AS untried`;
  return row?.untried ?? false;
}

/** Notes that a pair was tried with newer credentials of its application, whatever came of it. */
export async function noteTried(
  db: Database,
  tenantId: string,
  version: number,
  application: { readonly version: number },
): Promise<void> {
  await db.tokenPair.updateMany({
    where: { tenantId, version, credentialVersion: { lt: application.version } },
    data: { credentialVersion: application.version },
  });
}

/** Notes when the credentials endpoint refused a token (null: it accepted it after all). */
export async function noteRefusal(
  db: Database,
  tenantId: string,
  version: number,
  at: Date | null,
): Promise<void> {
  await db.tokenPair.updateMany({ where: { tenantId, version }, data: { refusedAt: at } });
}
