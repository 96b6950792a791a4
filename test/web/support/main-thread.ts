import type { Page } from 'playwright-core';
import { z } from 'zod';

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      ph: z.string(),
      /** CPU time of the thread, µs. */
      tdur: z.number().optional(),
      args: z.object({ name: z.string().optional() }).optional(),
    }),
  ),
});

/**
 * What the page's main thread did during `act`: the CPU time of each of its tasks, in ms. CPU time, so that it says the
 * same on a busy machine.
 */
export async function recordTasks(page: Page, act: () => Promise<void>): Promise<number[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser of its own');
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', 'toplevel'] });
  let trace: Buffer;
  try {
    await act();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = traceSchema.parse(JSON.parse(trace.toString('utf8')));
  const mains = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  return traceEvents.flatMap(({ name, pid, tid, ph, tdur }) =>
    ph === 'X' &&
    name.endsWith('RunTask') &&
    tdur !== undefined &&
    mains.some((main) => main.pid === pid && main.tid === tid)
      ? [tdur / 1000]
      : [],
  );
}
