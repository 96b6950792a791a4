import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { countHistories } from './histories.ts';
import { callJson } from './http.ts';
import { drained } from './inbox.ts';
import { createLeaves, leaveBody } from './leaves.ts';
import { non2xx, startLoadGenerator } from './load.ts';
import { timeNeighbour } from './neighbour.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { percentile, round } from './statistics.ts';
import { connectTenants, targetOf, type BenchTenant } from './tenants.ts';

const deliveries = 10_000;
const resources = 2_000;
/** Enough people for so many leaves of a day each. */
const people = 40;
const drainTimeoutMs = 20 * 60_000;

/**
 * What a flood to one tenant costs, and what its neighbour notices of it: 10,000 deliveries about 2,000 new leaves, while
 * another tenant gets one delivery a second; before that the neighbour alone.
 */
export async function benchBurst(options: BenchOptions): Promise<object> {
  const seconds = options.seconds ?? 120;
  return await withBenchStack(options, async (stack) => {
    const [flooded] = await connectTenants(stack, 'flooded', 1, people);
    if (flooded === undefined) throw new Error('a tenant is needed');
    const leaveIds = await createLeaves(stack, flooded, resources);
    const neighbour = await timeNeighbour(stack, seconds);

    tell(`${deliveries} deliveries about ${resources} leaves, while the neighbour gets one a second`);
    await callJson('POST', `${stack.simulatorUrl}/control/requests/reset`, { body: {} });
    const since = new Date();
    const startedAt = performance.now();
    const besides = neighbour.beside();
    const drainSeconds = await flood(stack, flooded, leaveIds, startedAt);
    tell(`drained after ${round(drainSeconds)} s`);
    const during = await besides;
    const duringDrain = during.slice(0, Math.ceil(drainSeconds) + 1);

    const requests = await countRequests(stack, leaveIds);
    const { actions, events, longest } = await countHistories(
      stack.temporal,
      connectionWorkflowId(flooded.tenantId),
      since,
    );
    await neighbour.stop();
    return {
      actionsPerDelivery: round(actions / deliveries, 4),
      eventsPerDelivery: round(events / deliveries, 4),
      requestsPerDelivery: round(requests / deliveries, 4),
      drainSeconds: round(drainSeconds),
      neighbourP99Ms: round(percentile(during, 0.99)),
      neighbourAloneP99Ms: round(percentile(neighbour.alone, 0.99)),
      neighbourP50Ms: round(percentile(during, 0.5)),
      neighbourAloneP50Ms: round(percentile(neighbour.alone, 0.5)),
      neighbourMaxWhileDrainingMs: round(percentile(duringDrain, 1)),
      longestHistory: longest,
      deliveries,
      resources,
    };
  });
}

/** Sends all deliveries as fast as 50 connections take them; answers when the last one is worked off, in s. */
async function flood(
  stack: BenchStack,
  tenant: BenchTenant,
  ids: readonly string[],
  startedAt: number,
): Promise<number> {
  const load = startLoadGenerator();
  const sent = await load.run({
    targets: [{ ...targetOf(tenant, 'timeoff/leave/update'), body: leaveBody(tenant), ids }],
    count: deliveries,
  });
  load.stop();
  tell(
    `${sent.sent} delivered in ${round((performance.now() - startedAt) / 1_000)} s, p99 ${round(sent.p99Ms)} ms`,
  );
  if (non2xx(sent) > 0 || sent.sent !== deliveries)
    throw new Error(`answered: ${JSON.stringify(sent.statuses)}`);
  await drained(stack, [tenant.tenantId], drainTimeoutMs);
  return (performance.now() - startedAt) / 1_000;
}

/** Requests to Factorial that were not about the neighbour's leaves alone. */
async function countRequests({ simulatorUrl }: BenchStack, floodedIds: readonly string[]): Promise<number> {
  const { counts, last } = await callJson<{
    counts: Record<string, number>;
    last: { query: Record<string, unknown> }[];
  }>('GET', `${simulatorUrl}/control/requests`);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total > last.length) throw new Error(`only the last ${last.length} of ${total} requests are known`);
  const flooded = new Set(floodedIds);
  const ofNeighbour = last.filter(({ query }) => {
    const ids = [query['ids[]'] ?? query['ids'] ?? []].flat() as string[];
    return ids.length > 0 && !ids.some((id) => flooded.has(id));
  });
  return total - ofNeighbour.length;
}
