import { withBenchStack } from './bench-stack.ts';
import { watchDays } from './day-watch.ts';
import { freeDays, timeOneLeave } from './leaves.ts';
import type { BenchOptions } from './options.ts';
import { atPace } from './pace.ts';
import { startPinger } from './ping.ts';
import { tell } from './progress.ts';
import { percentile, round } from './statistics.ts';
import { connectTenants } from './tenants.ts';

const tenantCount = 50;
const peoplePerTenant = 3;
const perSecond = 5;

/**
 * How long it takes from a delivery until the calendar day that follows from it is committed, at 5 deliveries a second
 * over 50 tenants, against a bare signal that causes one activity. The two take turns.
 */
export async function benchLatency(options: BenchOptions): Promise<object> {
  const seconds = options.seconds ?? 60;
  const rounds = options.rounds ?? 6;
  return await withBenchStack(options, async (stack) => {
    const tenants = await connectTenants(stack, 'tenant', tenantCount, peoplePerTenant);
    const days = await Promise.all(tenants.map((tenant) => freeDays(stack, tenant)));
    const watch = await watchDays(stack, 'tenant-');
    const pinger = await startPinger(stack, tenantCount);

    let turn = 0;
    const deliver = async (): Promise<number> => {
      const index = turn % tenantCount;
      const [tenant, day] = [tenants[index], days[index]?.[Math.floor(turn / tenantCount)]];
      turn += 1;
      if (tenant === undefined || day === undefined) throw new Error('no tenant has a free day left');
      return await timeOneLeave(stack, watch, tenant, day);
    };
    tell('warming up: one delivery and one ping for each tenant');
    await atPace(perSecond, tenantCount / perSecond, () => Promise.all([deliver(), pinger.ping()]));

    const ours: number[] = [];
    const bare: number[] = [];
    for (let left = rounds; left > 0; left -= 1) {
      bare.push(...(await atPace(perSecond, seconds / rounds, () => pinger.ping())));
      ours.push(...(await atPace(perSecond, seconds / rounds, deliver)));
      tell(
        `p50 so far: ${round(percentile(ours, 0.5))} ms, bare signal → activity ${round(percentile(bare, 0.5))} ms`,
      );
    }
    pinger.stop();
    await watch.stop();
    const [p50, baselineP50] = [percentile(ours, 0.5), percentile(bare, 0.5)];
    return {
      p50Ms: round(p50),
      p95Ms: round(percentile(ours, 0.95)),
      baselineP50Ms: round(baselineP50),
      ratio: round(p50 / baselineP50, 2),
      maxMs: round(percentile(ours, 1)),
      deliveries: ours.length,
    };
  });
}
