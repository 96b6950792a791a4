import type { Logger } from './logger.ts';

export interface ShutdownOptions {
  /** How long `close` may take, in ms, before the process ends anyway with 1. */
  timeoutMs?: number;
  logger?: Pick<Logger, 'info' | 'error'>;
}

/** Below the 30 s that container platforms usually wait before SIGKILL. */
const defaultTimeoutMs = 25_000;

/** Ctrl-C reaches us twice under npm, from the terminal and from npm: that is one wish, not two. */
const sameWishMs = 1_000;

/**
 * Runs `close` once, at the first SIGTERM or SIGINT, then exits with 0; with 1 where it fails or hangs.
 * A second signal, a second later, ends the process at once: the person at the keyboard is tired of waiting.
 */
export function onShutdown(
  close: () => Promise<void>,
  { timeoutMs = defaultTimeoutMs, logger }: ShutdownOptions = {},
): void {
  let closingSince: number | undefined;

  const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
    if (closingSince !== undefined)
      return Date.now() - closingSince < sameWishMs ? undefined : process.exit(130);
    closingSince = Date.now();
    logger?.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      logger?.error({ timeoutMs }, 'stopping took too long');
      process.exit(1);
    }, timeoutMs).unref();

    try {
      await close();
      process.exit(0);
    } catch (err) {
      logger?.error({ err }, 'stopping failed');
      process.exit(1);
    } finally {
      clearTimeout(timer);
    }
  };

  process.on('SIGTERM', (signal) => void shutDown(signal));
  process.on('SIGINT', (signal) => void shutDown(signal));
}
