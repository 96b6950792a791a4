import type { Database } from '../repositories/database.ts';
import { findSubscriptionByKey, type SubscriptionKey } from '../repositories/subscription-keys.ts';

/** Above the rhythm of a burst; that a remembered key is retired by now shows when its delivery is stored. */
const lifetimeMs = 500;
/** Unknown keys are never kept, so that only our own subscriptions count: far fewer. */
const maxEntries = 10_000;

export interface SubscriptionKeys {
  find(key: string): Promise<SubscriptionKey | null>;
  /** Has a key read anew. */
  forget(key: string): void;
}

/** Looks webhook keys up, and remembers known ones for a moment. */
export function createSubscriptionKeys(db: Database): SubscriptionKeys {
  const known = new Map<string, { subscription: SubscriptionKey; until: number }>();
  return {
    async find(key) {
      const entry = known.get(key);
      if (entry !== undefined && performance.now() < entry.until) return entry.subscription;
      const until = performance.now() + lifetimeMs; // counted from before the read: it may take a while
      known.delete(key);
      const subscription = await findSubscriptionByKey(db, key);
      if (subscription === null) return null;
      if (known.size >= maxEntries) known.clear();
      known.set(key, { subscription, until });
      return subscription;
    },
    forget: (key) => void known.delete(key),
  };
}
