import { toDay, type Day } from './dates.ts';

/** setTimeout counts in 32 bits; longer waits are taken in several steps. */
const LONGEST_TIMER_MS = 2_000_000_000;

export interface Clock {
  now(): number;
  /** Today's civil day, UTC. */
  today(): Day;
  /** Stops the clock, so that only `advance` moves it, or lets it go on from where it stands. */
  freeze(frozen: boolean): void;
  isFrozen(): boolean;
  /** Moves the clock forward; everything that became due runs at once, in order of its due time. */
  advance(ms: number): void;
  /** Runs `task` once, as soon as the clock has reached `dueMs`. */
  at(dueMs: number, task: () => void): void;
  /** How many tasks are due and have not yet run. */
  overdue(): number;
  close(): void;
}

interface Timer {
  dueMs: number;
  task: () => void;
}

/** A clock that never goes back: it runs with real time plus an offset, or stands still until it is advanced. */
export function createClock({ source = Date.now }: { source?: () => number } = {}): Clock {
  let offsetMs = 0;
  let frozenMs: number | null = null;
  // By due time, earliest first.
  const timers: Timer[] = [];
  let armed: NodeJS.Timeout | undefined;

  const now = () => frozenMs ?? source() + offsetMs;

  /** How many timers are due at `ms` or before: the position after them. */
  function countUntil(ms: number): number {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timers[middle]?.dueMs ?? Infinity) <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function arm(): void {
    clearTimeout(armed);
    const first = timers[0];
    if (first === undefined) return;
    const waitMs = Math.max(first.dueMs - now(), 0);
    if (frozenMs !== null && waitMs > 0) return;
    armed = setTimeout(runDue, Math.min(waitMs, LONGEST_TIMER_MS));
    armed.unref();
  }

  function runDue(): void {
    for (const { task } of timers.splice(0, countUntil(now()))) task();
    arm();
  }

  return {
    now,
    today: () => toDay(now()),
    freeze(frozen) {
      if (frozen) frozenMs = now();
      else if (frozenMs !== null) {
        offsetMs = frozenMs - source();
        frozenMs = null;
      }
      arm();
    },
    isFrozen: () => frozenMs !== null,
    advance(ms) {
      if (frozenMs === null) offsetMs += ms;
      else frozenMs += ms;
      arm();
    },
    at(dueMs, task) {
      const position = countUntil(dueMs);
      timers.splice(position, 0, { dueMs, task });
      if (position === 0) arm();
    },
    overdue: () => countUntil(now()),
    close() {
      clearTimeout(armed);
      timers.length = 0;
    },
  };
}
