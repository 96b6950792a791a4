import { randomUUID } from 'node:crypto';
import { hashSecret, newSecret, type Cipher } from './cipher.ts';
import { inTransaction, type Database } from './database.ts';
import { requireGeneration } from './fence.ts';
import type { SubscriptionModel } from './generated/models.ts';

export type SubscriptionState = 'active' | 'disabled' | 'conflict' | 'refused' | 'missing';

/** A subscription of ours with its secrets open. Never leaves an activity. */
export interface OpenSubscription {
  readonly id: string;
  readonly type: string;
  readonly factorialId: string | null;
  readonly key: string;
  readonly challenge: string;
  /** Factorial was asked to create it, and what came of that is not noted: it may be there, or may yet come. */
  readonly isUnconfirmed: boolean;
  /** Another system received this type when it was last looked at. */
  readonly isContested: boolean;
}

const keyPlace = (tenantId: string) => ({ tenantId, column: 'subscriptions.key' });
const challengePlace = (tenantId: string) => ({ tenantId, column: 'subscriptions.challenge' });

/**
 * Our subscriptions by type, one for each wanted type. Those that are new get an unguessable key and a challenge, stored
 * before Factorial hears of them: a delivery can never come to an unknown key. Safe to repeat. Fails with `fenced`.
 */
export async function planSubscriptions(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  generation: number,
  types: readonly string[],
): Promise<Map<string, OpenSubscription>> {
  const rows = await inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, generation);
    const known = await tx.subscription.findMany({ where: { tenantId, retiredAt: null } });
    const missing = types.filter((type) => !known.some((row) => row.type === type));
    await tx.subscription.createMany({
      data: missing.map((type) => newRow(cipher, tenantId, generation, type)),
    });
    return tx.subscription.findMany({ where: { tenantId, retiredAt: null } });
  });
  return new Map(rows.map((row) => [row.type, open(cipher, tenantId, row)]));
}

/** What a connection before `generation` had at Factorial and has not been retired yet. */
export async function formerSubscriptions(
  db: Database,
  cipher: Cipher,
  tenantId: string,
  generation: number,
): Promise<OpenSubscription[]> {
  const rows = await db.subscription.findMany({
    where: { tenantId, retiredAt: null, generation: { lt: generation } },
  });
  return rows.map((row) => open(cipher, tenantId, row));
}

function newRow(cipher: Cipher, tenantId: string, generation: number, type: string) {
  const [key, challenge] = [newSecret(), newSecret()];
  return {
    tenantId,
    id: randomUUID(),
    generation,
    type,
    keyHash: hashSecret(key),
    keyEnc: cipher.encrypt(key, keyPlace(tenantId)),
    challengeHash: hashSecret(challenge),
    challengeEnc: cipher.encrypt(challenge, challengePlace(tenantId)),
  };
}

function open(cipher: Cipher, tenantId: string, row: SubscriptionModel): OpenSubscription {
  const { id, type, factorialId } = row;
  return {
    id,
    type,
    factorialId,
    key: cipher.decrypt(row.keyEnc, keyPlace(tenantId)),
    challenge: cipher.decrypt(row.challengeEnc, challengePlace(tenantId)),
    // A row that is only planned was never looked at.
    isUnconfirmed: row.state === 'missing' && row.checkedAt !== null,
    isContested: row.state === 'conflict',
  };
}

/**
 * Notes how a subscription stands at Factorial; `missing` before it is asked to create one, so that a disconnect knows of a
 * request whose answer was never noted. Fails with `fenced`.
 */
export async function noteSubscription(
  db: Database,
  tenantId: string,
  generation: number,
  id: string,
  found: { readonly state: SubscriptionState; readonly factorialId: string | null },
  at: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, generation);
    await tx.subscription.update({
      where: { tenantId_id: { tenantId, id } },
      data: { ...found, checkedAt: at },
    });
  });
}

/** After a disconnect: the key of a removed subscription answers 404 at once, one that may still exist drops until `dropUntil`. */
export async function retireSubscription(
  db: Database,
  tenantId: string,
  id: string,
  at: Date,
  dropUntil: Date | null,
): Promise<void> {
  await db.subscription.update({
    where: { tenantId_id: { tenantId, id } },
    data: { retiredAt: at, dropUntil, state: 'missing' },
  });
}
