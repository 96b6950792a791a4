import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { countHistories } from './histories.ts';
import { countInbox, drained } from './inbox.ts';
import { createLeaves, leaveBody } from './leaves.ts';
import { non2xx, startLoadGenerator } from './load.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { round } from './statistics.ts';
import { connectTenants, targetOf } from './tenants.ts';

const hourOfDeliveries = 50 * 3_600;
const perSecond = 1_000;
const resources = 1_000;
/** A run ends after about so many events: many continue-as-new instead of one. */
const eventsPerRun = 200;
const drainTimeoutMs = 20 * 60_000;

/**
 * An hour of 50 deliveries a second to one tenant, in a twentieth of the time, with continue-as-new every 200 events:
 * what comes in must come out. Not a speed: its figures are counts.
 */
export async function benchHour(options: BenchOptions): Promise<object> {
  const count = options.seconds === null ? hourOfDeliveries : options.seconds * perSecond;
  const dynamicConfig = { 'limit.historyCount.suggestContinueAsNew': String(eventsPerRun) };
  return await withBenchStack(
    options,
    async (stack) => {
      const [tenant] = await connectTenants(stack, 'hour', 1, 20);
      if (tenant === undefined) throw new Error('a tenant is needed');
      const ids = await createLeaves(stack, tenant, resources);
      const load = startLoadGenerator();
      const since = new Date();
      tell(`${count} deliveries about ${ids.length} leaves, ${perSecond} a second`);
      const sent = await load.run({
        targets: [{ ...targetOf(tenant, 'timeoff/leave/update'), body: leaveBody(tenant), ids }],
        perSecond,
        seconds: count / perSecond,
      });
      load.stop();
      tell(`${sent.sent} sent: ${JSON.stringify(sent.statuses)}, p99 ${round(sent.p99Ms)} ms`);
      const drainSeconds = await drained(stack, [tenant.tenantId], drainTimeoutMs);
      const { done } = await countInbox(stack, [tenant.tenantId]);
      const histories = await countHistories(stack.temporal, connectionWorkflowId(tenant.tenantId), since);
      return {
        deliveries: sent.sent,
        non2xx: non2xx(sent),
        countIn: sent.sent - non2xx(sent),
        countOut: done,
        rows: await countRows(stack, tenant.tenantId),
        runs: histories.runs,
        longestHistory: histories.longest,
        drainSeconds: round(drainSeconds),
      };
    },
    { dynamicConfig },
  );
}

async function countRows({ db }: BenchStack, tenantId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM inbox WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.count ?? 0;
}
