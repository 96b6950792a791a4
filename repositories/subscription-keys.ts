import { hashSecret } from './cipher.ts';
import { runPrepared, type Database } from './database.ts';

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

/**
 * The subscription that a key belongs to, retired ones included; null for a key that was never ours. Where many tenants send
 * little, it is asked for each of their deliveries.
 */
export async function findSubscriptionByKey(db: Database, key: string): Promise<SubscriptionKey | null> {
  const [found] = await runPrepared<SubscriptionKey>(db, 'find-subscription', {
    text: `
      SELECT tenant_id AS "tenantId", id, type, challenge_hash AS "challengeHash", retired_at AS "retiredAt", drop_until AS "dropUntil"
      FROM subscriptions WHERE key_hash = $1 ORDER BY retired_at DESC NULLS FIRST LIMIT 1`,
    values: [hashSecret(key)],
  });
  return found ?? null;
}
