import { Context } from '@temporalio/activity';

/**
 * Of the time after which silence means that the worker died. A request takes up to half of that time, and there is a pulse
 * after each: two of them in a row must not be too much.
 */
const part = 0.25;
const lastBeats = new WeakMap<Context, number>();

/**
 * A heartbeat where it is time for one: each that leaves the worker costs an action, and the SDK sends the first at once. So
 * the short activities, nearly all, send none.
 */
export function pulse(): void {
  const context = Context.current();
  const { heartbeatTimeoutMs = 0, currentAttemptScheduledTimestampMs } = context.info;
  const now = Date.now();
  // The server counts from the start of this try, which comes after it was scheduled: so the first is never late.
  const silentMs = now - (lastBeats.get(context) ?? currentAttemptScheduledTimestampMs);
  if (silentMs >= 0 && silentMs < heartbeatTimeoutMs * part) return;
  context.heartbeat();
  lastBeats.set(context, now);
}
