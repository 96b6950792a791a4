import { Context } from '@temporalio/activity';

/** Of the time after which silence means that the worker died. */
const part = 0.5;
const lastBeats = new WeakMap<Context, number>();

/**
 * A heartbeat where it is time for one: each that leaves the worker costs an action, and the SDK sends the first at once. So
 * the short activities, nearly all, send none.
 */
export function pulse(): void {
  const context = Context.current();
  const now = performance.now();
  const last = lastBeats.get(context);
  const everyMs = (context.info.heartbeatTimeoutMs ?? 0) * part;
  if (last !== undefined && now - last >= everyMs) context.heartbeat();
  else if (last !== undefined) return;
  lastBeats.set(context, now);
}
