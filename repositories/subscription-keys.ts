import { hashSecret } from './cipher.ts';
import type { Executor } from './database.ts';

/** What the key of a webhook URL opens: the subscription that it was made for. */
export interface SubscriptionKey {
  readonly tenantId: string;
  readonly id: string;
  /** E.g. `timeoff/leave/approve`. */
  readonly type: string;
  /** SHA-256 in hex of the challenge that each delivery must repeat. */
  readonly challengeHash: string;
  readonly retiredAt: Date | null;
  /** Retired, but its removal at Factorial is not confirmed: deliveries are answered and dropped until then. */
  readonly dropUntil: Date | null;
}

/** The subscription that a key belongs to, retired ones included; null for a key that was never ours. */
export async function findSubscriptionByKey(db: Executor, key: string): Promise<SubscriptionKey | null> {
  return await db.subscription.findFirst({
    where: { keyHash: hashSecret(key) },
    orderBy: { retiredAt: { sort: 'desc', nulls: 'first' } },
    select: { tenantId: true, id: true, type: true, challengeHash: true, retiredAt: true, dropUntil: true },
  });
}
