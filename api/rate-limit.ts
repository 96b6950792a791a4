export interface RateLimit {
  /** Takes one out of a key's bucket and answers 0, or takes nothing and answers how long to wait, in ms. */
  take(key: string): number;
}

export interface RateLimitRules {
  readonly perSecond: number;
  /** How many may come at once after a rest. */
  readonly burst: number;
  /** Keys remembered at a time: bounds the memory. */
  readonly maxKeys?: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * A bucket of tokens for each key, in this process: it protects the process, so each one has its own. A key that has
 * rested is forgotten, as its bucket is full. `now`: ms on a clock that never goes back.
 */
export function createRateLimit(
  { perSecond, burst, maxKeys = 10_000 }: RateLimitRules,
  now: () => number = () => performance.now(),
): RateLimit {
  const buckets = new Map<string, Bucket>();
  const refilled = ({ tokens, filledAt }: Bucket, at: number): number =>
    Math.min(burst, tokens + ((at - filledAt) * perSecond) / 1_000);

  /** Makes room: first whoever has rested, then whoever came first. */
  function forget(at: number): void {
    for (const [key, bucket] of buckets) if (refilled(bucket, at) >= burst) buckets.delete(key);
    for (const key of buckets.keys()) {
      if (buckets.size < maxKeys) return;
      buckets.delete(key);
    }
  }

  return {
    take(key) {
      const at = now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= maxKeys) forget(at);
        bucket = { tokens: burst, filledAt: at };
        buckets.set(key, bucket);
      }
      bucket.tokens = refilled(bucket, at);
      bucket.filledAt = at;
      if (bucket.tokens < 1) return ((1 - bucket.tokens) / perSecond) * 1_000;
      bucket.tokens -= 1;
      return 0;
    },
  };
}
