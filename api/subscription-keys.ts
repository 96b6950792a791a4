import { toTopic } from '../domain/subscription-types.ts';
import type { Database } from '../repositories/database.ts';
import { findSubscriptionByKey, type SubscriptionKey } from '../repositories/subscription-keys.ts';

/** Above the rhythm of a burst; that a remembered key is retired by now shows when its delivery is stored. */
const lifetimeMs = 500;
/** Unknown keys are never kept, so that only our own subscriptions count: far fewer. */
const maxEntries = 10_000;

/** A subscription, with what each of its deliveries is compared with. */
export interface KnownSubscription extends SubscriptionKey {
  /** As it stands in the path. */
  readonly topic: string;
  /** SHA-256 of the challenge. */
  readonly challengeDigest: Buffer;
}

export interface SubscriptionKeys {
  /** At once where it is remembered. */
  find(key: string): KnownSubscription | Promise<KnownSubscription | null>;
  /** Has a key read anew. */
  forget(key: string): void;
}

/** Looks webhook keys up, and remembers known ones for a moment. */
export function createSubscriptionKeys(db: Database): SubscriptionKeys {
  const known = new Map<string, { subscription: KnownSubscription; until: number }>();

  async function read(key: string): Promise<KnownSubscription | null> {
    const until = performance.now() + lifetimeMs; // counted from before the read: it may take a while
    known.delete(key);
    const found = await findSubscriptionByKey(db, key);
    if (found === null) return null;
    const challengeDigest = Buffer.from(found.challengeHash, 'hex');
    const subscription = { ...found, topic: toTopic(found.type), challengeDigest };
    if (known.size >= maxEntries) known.clear();
    known.set(key, { subscription, until });
    return subscription;
  }

  return {
    find(key) {
      const entry = known.get(key);
      return entry !== undefined && performance.now() < entry.until ? entry.subscription : read(key);
    },
    forget: (key) => void known.delete(key),
  };
}
