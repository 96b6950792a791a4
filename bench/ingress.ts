import { setTimeout as sleep } from 'node:timers/promises';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { employeeBody } from './bodies.ts';
import { startChildFile } from './child.ts';
import { startLoadGenerator, type LoadResult, type LoadTarget, non2xx } from './load.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { median, round } from './statistics.ts';
import { connectTenants, targetOf, type BenchTenant } from './tenants.ts';

/** A flood comes from a few customers at once, each about many people. */
const tenantCount = 5;
const idsPerTenant = 2_000;
/** Code gets compiled, connections open: not counted. */
const warmUpSeconds = 5;
const warmUpMs = 500;

/**
 * How many deliveries a second are accepted over 50 connections, against an empty POST that parses the same body and
 * against one Temporal signal per delivery: both are on the disk before they count. They take turns; the figures are medians
 * over the rounds. No worker runs meanwhile: neither the signals nor our deliveries are worked off. What is left with one at
 * work is measured at the end.
 */
export async function benchIngress(options: BenchOptions): Promise<object> {
  const length = options.seconds ?? 8;
  const rounds = options.rounds ?? 3;
  const measure = async (stack: BenchStack): Promise<object> => {
    const tenants = await connectTenants(stack, 'flood', tenantCount, 3);
    const load = startLoadGenerator();
    const baseline = startChildFile<{ url: string }>('./baseline-server.js', {
      BENCH_TEMPORAL_ADDRESS: stack.temporalAddress,
    });
    const { url } = await baseline.next();
    const ids = Array.from({ length: idsPerTenant }, (_, index) =>
      String(18_446_744_073_000_000_000n + BigInt(index)),
    );
    const bare = (path: string): LoadTarget[] => [
      { url: `${url}${path}`, headers: {}, body: employeeBody, ids },
    ];
    const ours = tenants.map((tenant) => toTarget(tenant, ids));
    await stack.crash('worker');

    const run = async (what: string, targets: readonly LoadTarget[], perSecond: number | null = null) => {
      const result = await load.run({ targets, seconds: length, warmUpMs, perSecond });
      tell(
        `${what}: ${round(result.answeredPerSecond)}/s, p50 ${round(result.p50Ms)} ms, p99 ${round(result.p99Ms)} ms`,
      );
      if (non2xx(result) > 0) throw new Error(`${what} answered ${JSON.stringify(result.statuses)}`);
      return result;
    };
    const all = {
      empty: [] as LoadResult[],
      ours: [] as LoadResult[],
      half: [] as LoadResult[],
      signal: [] as LoadResult[],
    };
    tell('warming up');
    for (const targets of [bare('/empty'), ours, bare('/signal')]) {
      await load.run({ targets, seconds: warmUpSeconds });
    }
    await quiet(stack);
    for (let left = rounds; left > 0; left -= 1) {
      all.empty.push(await run('empty POST', bare('/empty')));
      const full = await run('ingress', ours);
      all.ours.push(full);
      await quiet(stack);
      all.half.push(await run('ingress at half of that', ours, full.answeredPerSecond / 2));
      await quiet(stack);
      all.signal.push(await run('signal per delivery', bare('/signal')));
    }
    await quiet(stack);
    await stack.restart('worker');
    const working = await run('ingress while a worker works off', ours);
    load.stop();
    baseline.stop();

    const of = (results: readonly LoadResult[], pick: (result: LoadResult) => number): number =>
      median(results.map(pick));
    const rate = (results: readonly LoadResult[]): number =>
      of(results, (result) => result.answeredPerSecond);
    const ratios = (baselines: readonly LoadResult[]): number =>
      median(
        all.ours.map(
          (result, index) => result.answeredPerSecond / (baselines[index]?.answeredPerSecond ?? NaN),
        ),
      );
    return {
      acceptedPerSecond: round(rate(all.ours)),
      p50Ms: round(of(all.ours, (result) => result.p50Ms)),
      p99Ms: round(of(all.ours, (result) => result.p99Ms)),
      p99MsAtHalf: round(of(all.half, (result) => result.p99Ms)),
      emptyPostPerSecond: round(rate(all.empty)),
      signalPerSecond: round(rate(all.signal)),
      ratioToEmptyPost: round(ratios(all.empty), 3),
      ratioToSignal: round(ratios(all.signal), 2),
      acceptedPerSecondWithWorker: round(working.answeredPerSecond),
      p99MsWithWorker: round(working.p99Ms),
    };
  };
  return await withBenchStack(options, measure, { temporalWaitsForDisk: true });
}

function toTarget(tenant: BenchTenant, ids: readonly string[]): LoadTarget {
  return { ...targetOf(tenant, 'employees/employee/update'), body: employeeBody, ids };
}

/** What a flood left is taken away, so that working it off does not slow down the next measurement. */
async function quiet({ db }: BenchStack): Promise<void> {
  await db.query('DELETE FROM inbox WHERE outcome IS NULL');
  await sleep(2_000);
}
