import { setTimeout as sleep } from 'node:timers/promises';

/** What a check answers while it is not so yet. */
type NotYet = null | undefined | false;

/** Between two tries: a tenth of the time that was waited already, so that a long wait costs the others little. */
const shortestMs = 50;
const longestMs = 250;

/**
 * Asks again and again until `check` answers something, and answers that. Fails at the deadline with a sentence that says
 * what was waited for, and why the last try was not enough where it threw.
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | NotYet> | T | NotYet,
  timeoutMs = 15_000,
): Promise<T> {
  const startedAt = performance.now();
  let lastError: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== null && value !== undefined && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      lastError = error;
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > timeoutMs) {
      const why = lastError instanceof Error ? `: ${lastError.message}` : '';
      throw new Error(`${what}: not within ${timeoutMs / 1000} s${why}`, { cause: lastError });
    }
    await sleep(Math.min(Math.max(waitedMs / 10, shortestMs), longestMs));
  }
}

/** Thrown by a check when waiting on makes no sense. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}
