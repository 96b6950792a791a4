import { setTimeout as sleep } from 'node:timers/promises';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { inParallel } from './http.ts';
import { backlogDone, countInbox, drained } from './inbox.ts';
import { createLeaves, leaveBody } from './leaves.ts';
import { non2xx, startLoadGenerator } from './load.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { round } from './statistics.ts';
import { connectTenants, targetOf } from './tenants.ts';

const tenantCount = 5;
const leavesPerTenant = 300;
const perSecond = 200;
const beforeSeconds = 10;
const afterSeconds = 10;
const drainTimeoutMs = 20 * 60_000;

/**
 * Temporal is killed for a minute under 200 deliveries a second, over five tenants with 1,500 new leaves. Counted: answers
 * that are no 2xx, deliveries without an outcome in the end, leaves that did not arrive, and the time from Temporal's
 * return until all that came before it is worked off.
 */
export async function benchOutage(options: BenchOptions): Promise<object> {
  const seconds = options.seconds ?? 60;
  return await withBenchStack(options, async (stack) => {
    const tenants = await connectTenants(stack, 'outage', tenantCount, 10);
    const tenantIds = tenants.map(({ tenantId }) => tenantId);
    const leaves = await inParallel(tenants, 1, (tenant) => createLeaves(stack, tenant, leavesPerTenant));
    const load = startLoadGenerator();
    const sending = load.run({
      targets: tenants.map((tenant, index) => ({
        ...targetOf(tenant, 'timeoff/leave/update'),
        body: leaveBody(tenant),
        ids: leaves[index] ?? [],
      })),
      perSecond,
      seconds: beforeSeconds + seconds + afterSeconds,
    });
    tell(`${perSecond} deliveries a second begin`);
    await sleep(beforeSeconds * 1_000);
    await stack.killTemporal();
    tell(`Temporal is killed, for ${seconds} s`);
    await sleep(seconds * 1_000);
    const { undone } = await countInbox(stack, tenantIds);
    tell(`Temporal starts again; ${undone} rows wait`);
    await stack.restartTemporal();
    tell('Temporal is back');
    const backlog = backlogDone(stack, tenantIds, new Date(), drainTimeoutMs);
    const sent = await sending;
    load.stop();
    tell(
      `${sent.sent} sent: ${JSON.stringify(sent.statuses)}, p50 ${round(sent.p50Ms)} ms, p99 ${round(sent.p99Ms)} ms`,
    );
    const drainSeconds = await backlog;
    tell(`what had come during the outage was worked off ${round(drainSeconds)} s after it`);
    await drained(stack, tenantIds, drainTimeoutMs);

    const refused = non2xx(sent);
    const { done } = await countInbox(stack, tenantIds);
    const missing = leaves.flat().length - (await countStored(stack, tenantIds, leaves.flat()));
    return {
      deliveries: sent.sent,
      non2xx: refused,
      lost: Math.max(0, sent.sent - refused - done) + missing,
      drainSeconds: round(drainSeconds),
      p99Ms: round(sent.p99Ms),
      waitingWhenBack: undone,
    };
  });
}

/** How many of these leaves are in our tables. */
async function countStored(
  { db }: BenchStack,
  tenantIds: readonly string[],
  ids: readonly string[],
): Promise<number> {
  const { rows } = await db.query<{ stored: number }>(
    'SELECT count(*)::int AS stored FROM absences WHERE tenant_id = ANY($1) AND id = ANY($2)',
    [tenantIds, ids],
  );
  return rows[0]?.stored ?? 0;
}
