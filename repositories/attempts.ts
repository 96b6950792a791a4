import { randomUUID } from 'node:crypto';
import { hashSecret, newSecret, type Cipher } from './cipher.ts';
import type { Executor, Transaction } from './database.ts';

/** Factorial's codes live ten minutes as well. */
const lifetimeMs = 10 * 60_000;

/** What an authorization code is bound to. */
export const codePlace = (tenantId: string) => ({ tenantId, column: 'authorization_attempts.code' });

export interface NewAttempt {
  readonly kind: 'authorize' | 'reauthorize';
  readonly credentialVersion: number;
  readonly apiHost: string;
  readonly tokenOwner: 'company' | 'user';
  readonly confirmCompanyChange: boolean;
}

/**
 * Starts a try to authorise: earlier ones that are open become void. `state` is a secret of 256 bits that is stored as its hash
 * only. The caller holds the tenant's lock (`lockCommands`), so that one attempt is open at most.
 */
export async function startAttempt(
  tx: Transaction,
  tenantId: string,
  attempt: NewAttempt,
  nowMs: number,
): Promise<{ id: string; state: string; expiresAt: Date }> {
  await voidOpenAttempts(tx, tenantId, nowMs);
  const id = randomUUID();
  const state = newSecret();
  const expiresAt = new Date(nowMs + lifetimeMs);
  await tx.authorizationAttempt.create({
    data: { tenantId, id, stateHash: hashSecret(state), ...attempt, createdAt: new Date(nowMs), expiresAt },
  });
  return { id, state, expiresAt };
}

/** Other credentials, another attempt or a disconnect: what has not connected yet no longer can, also with a code at hand. */
export async function voidOpenAttempts(tx: Transaction, tenantId: string, nowMs: number): Promise<void> {
  await tx.authorizationAttempt.updateMany({
    where: { tenantId, outcome: null, voidedAt: null },
    data: { voidedAt: new Date(nowMs), codeEnc: null },
  });
}

/** Where and for whom a connection was authorised; null for what is not known yet. */
export async function authorizedAt(
  db: Executor,
  tenantId: string,
): Promise<{ apiHost: string | null; tokenOwner: 'company' | 'user' | null }> {
  const row = await db.connection.findUnique({
    where: { tenantId },
    select: { apiHost: true, tokenOwner: true },
  });
  const owner = row?.tokenOwner;
  return {
    apiHost: row?.apiHost ?? null,
    tokenOwner: owner === 'user' || owner === 'company' ? owner : null,
  };
}

export interface KnownAttempt {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: 'authorize' | 'reauthorize';
}

/** The attempt that a callback's `state` belongs to, of whichever tenant: the state alone decides. */
export async function findAttemptByState(db: Executor, state: string): Promise<KnownAttempt | null> {
  const row = await db.authorizationAttempt.findFirst({
    where: { stateHash: hashSecret(state) },
    select: { tenantId: true, id: true, kind: true },
  });
  if (row === null) return null;
  return { ...row, kind: row.kind === 'reauthorize' ? 'reauthorize' : 'authorize' };
}

/**
 * Uses an attempt, with the code where Factorial gave one. False: it was used, void or late. Of two callbacks at the same
 * moment one wins, because the row decides.
 */
export async function claimAttempt(
  tx: Transaction,
  cipher: Cipher,
  { tenantId, id }: KnownAttempt,
  code: string | null,
  nowMs: number,
): Promise<boolean> {
  const now = new Date(nowMs);
  const { count } = await tx.authorizationAttempt.updateMany({
    where: { tenantId, id, usedAt: null, voidedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now, ...(code === null ? {} : { codeEnc: cipher.encrypt(code, codePlace(tenantId)) }) },
  });
  return count === 1;
}
