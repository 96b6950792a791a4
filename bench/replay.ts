import { randomUUID } from 'node:crypto';
import { replayWorkflowId } from '../contracts/temporal/names.ts';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { countHistories } from './histories.ts';
import { callJson, F, until } from './http.ts';
import { createLeaves } from './leaves.ts';
import { timeNeighbour } from './neighbour.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { percentile, round } from './statistics.ts';
import { connectTenants, type BenchTenant } from './tenants.ts';

const items = 10_000;
/** Enough people for so many leaves of a day each. */
const people = 180;
const replayTimeoutMs = 20 * 60_000;

/**
 * What a replay of 10,000 failed absences takes, each of which is there and changes a day, and what a neighbour notices of
 * it: another tenant gets one delivery a second, alone and then beside the replay.
 */
export async function benchReplay(options: BenchOptions): Promise<object> {
  const seconds = options.seconds ?? 60;
  const count = Math.max(1, Math.round((items * (options.percent ?? 100)) / 100));
  return await withBenchStack(options, async (stack) => {
    const [failing] = await connectTenants(stack, 'failing', 1, people);
    if (failing === undefined) throw new Error('a tenant is needed');
    await failAbsences(stack, failing, count);
    const neighbour = await timeNeighbour(stack, seconds);

    tell(`a replay of ${count} items, while the neighbour gets one a second`);
    const since = new Date();
    const besides = neighbour.beside();
    const replay = await replayAll(stack, failing);
    const during = await besides;
    const whileReplaying = during.slice(0, Math.ceil(replay.seconds) + 1);
    const { actions } = await countHistories(stack.temporal, replayWorkflowId(replay.id), since);
    await neighbour.stop();
    return {
      items: replay.count,
      succeeded: replay.succeeded,
      failed: replay.failed,
      replaySeconds: round(replay.seconds),
      actions,
      neighbourP50Ms: round(percentile(whileReplaying, 0.5)),
      neighbourP99Ms: round(percentile(whileReplaying, 0.99)),
      neighbourAloneP50Ms: round(percentile(neighbour.alone, 0.5)),
      neighbourAloneP99Ms: round(percentile(neighbour.alone, 0.99)),
    };
  });
}

/** So many absences that Factorial has, of which we only know that they could not be read. */
async function failAbsences(stack: BenchStack, tenant: BenchTenant, count: number): Promise<void> {
  const ids = await createLeaves(stack, tenant, count);
  await stack.db.query(
    `INSERT INTO failures (tenant_id, id, resource, factorial_id, code, message, first_at, last_at)
     SELECT $1, id, 'absences', factorial_id, 'schema_drift', 'start_on is not a date', now(), now()
     FROM unnest($2::uuid[], $3::text[]) AS failed(id, factorial_id)`,
    [tenant.tenantId, ids.map(() => randomUUID()), ids],
  );
}

interface Replay {
  readonly id: string;
  readonly count: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly finishedAt: string | null;
}

/** Asks for all of them over the API, as an admin does, and waits for the end. */
async function replayAll(
  { apiUrl, tokens }: BenchStack,
  { tenantId }: BenchTenant,
): Promise<Replay & { seconds: number }> {
  const token = await tokens.admin(tenantId);
  const url = `${apiUrl}${F}`;
  const startedAt = performance.now();
  const body = { filter: { code: 'schema_drift' }, dryRun: false };
  const { id } = await callJson<{ id: string }>('POST', `${url}/failures/replay`, { token, body });
  const ended = await until(`the replay ${id}`, replayTimeoutMs, async () => {
    const replay = await callJson<Replay>('GET', `${url}/replays/${id}`, { token });
    return replay.finishedAt === null ? null : replay;
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  tell(`${ended.succeeded} of ${ended.count} succeeded within ${round(seconds)} s`);
  return { ...ended, seconds };
}
