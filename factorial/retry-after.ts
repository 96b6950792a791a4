/** Waited after a 429 that names no time: long enough for a bucket of 200 a minute to refill by half. */
const defaultWaitMs = 30_000;
/** No header makes us wait longer: a wrong clock or unit on the other side must not silence a connection for days. */
const longestWaitMs = 3_600_000;
/** "Now" and dates in the past still leave a second, so that a confused server is not asked in a tight loop. */
const shortestWaitMs = 1_000;

// Factorial publishes none of these; gateways in front of such APIs send any of them. First readable one wins.
const waitHeaders = [
  'retry-after',
  'ratelimit-reset',
  'x-ratelimit-retry-after',
  'x-ratelimit-reset-after',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
];

/** How long to wait after a 429, in ms: 1 s to 1 h, 30 s where no header says. `nowMs` is our clock, used where the answer has no `Date`. */
export function waitAfterLimit(headers: Headers, nowMs: number): number {
  return announcedWait(headers, nowMs) ?? defaultWaitMs;
}

/** The wait that the headers announce, in ms from 1 s to 1 h, or null where they announce none. */
export function announcedWait(headers: Headers, nowMs: number): number | null {
  // The server's own clock, so that a difference to ours does not change the wait.
  const serverNowMs = toInstantMs(headers.get('date') ?? '') ?? nowMs;
  const candidates = [
    ...waitHeaders.map((name) => headers.get(name)),
    resetOfCombinedHeader(headers.get('ratelimit')),
  ];
  for (const text of candidates) {
    const waitMs = text === null ? null : toWaitMs(text.trim(), serverNowMs);
    if (waitMs !== null) return Math.min(Math.max(Math.ceil(waitMs), shortestWaitMs), longestWaitMs);
  }
  return null;
}

/** Seconds, epoch seconds, epoch milliseconds or a date: told apart by size. */
function toWaitMs(text: string, nowMs: number): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    if (value >= 1e12) return value - nowMs;
    if (value >= 1e9) return value * 1000 - nowMs;
    return value * 1000;
  }
  const instantMs = toInstantMs(text);
  return instantMs === null ? null : instantMs - nowMs;
}

/** Only the two written forms in use: `Date.parse` alone would read "-5" as a day in May. */
function toInstantMs(text: string): number | null {
  if (!/^[A-Za-z]{3,9}, .+ GMT$|^\d{4}-\d{2}-\d{2}T/.test(text)) return null;
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? null : instantMs;
}

/** `RateLimit: limit=100, remaining=0, reset=30` (older drafts) or `RateLimit: "default";r=0;t=30` (newer ones). */
function resetOfCombinedHeader(text: string | null): string | null {
  return /(?:^|[\s,;])(?:reset|t)\s*=\s*(\d+)/.exec(text ?? '')?.[1] ?? null;
}
