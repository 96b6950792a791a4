import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { addDays, civilDateAt, daysBetween } from '../../domain/civil-date.ts';
import { askServer } from '../support/ask-server.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { createTimeSkippingEnvironment } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  withTenant,
  type Override,
  type TenantWorkflow,
  type WorkflowServer,
} from './support/tenant-workflow.ts';

/** Nights of a connection workflow, on the server that skips time. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Far longer than a round of faked activities. */
const quietMs = 300;

let environment: TestWorkflowEnvironment;
let server: WorkflowServer;
beforeAll(async () => {
  installQuietRuntime();
  environment = await createTimeSkippingEnvironment();
  server = {
    client: environment.client,
    namespace: environment.namespace ?? 'default',
    nativeConnection: environment.nativeConnection,
    workflowBundle: await askServer('/workflow-bundle'),
    now: () => environment.currentTimeMs(),
  };
}, 60_000);
afterAll(async () => {
  await environment?.teardown();
});

/** The number of the run under way, and how long its history is. */
async function lookAtRun({ handle }: TenantWorkflow): Promise<{ run: number; events: number }> {
  const { events = [] } = await handle.fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  const { state } = JSON.parse(Buffer.from(input ?? []).toString()) as { state?: { runs: number } };
  return { run: (state?.runs ?? 0) + 1, events: events?.length ?? 0 };
}

/**
 * Lets time pass. This server's clock stands still for ever once a workflow continued as new, because of a lock that
 * nobody holds any more: when nothing has moved for a while after that, the lock is opened, once for each new run.
 */
async function pass(tenant: TenantWorkflow, ms: number): Promise<void> {
  let isOver = false;
  const sleep = environment.sleep(ms).finally(() => {
    isOver = true;
  });
  let { run: known } = await lookAtRun(tenant);
  let seen = 0;
  let quietSince = performance.now();
  while (!isOver) {
    await Promise.race([sleep, pause(20)]);
    if (seen !== tenant.calls.length) quietSince = performance.now();
    seen = tenant.calls.length;
    if (performance.now() - quietSince < quietMs) continue;
    const { run } = await lookAtRun(tenant);
    if (run !== known) await environment.connection.testService?.unlockTimeSkipping({});
    known = run;
    quietSince = performance.now();
  }
  await sleep;
}

it('ten nights are ten reconciliations, each by its civil date, and a new run after each', async () => {
  const override: Override = (db) => {
    db.snapshot = { ...db.snapshot, holidayPollMinutes: 120 };
    return {};
  };
  await withTenant(server, override, async (tenant) => {
    const { db } = tenant;
    const firstDay = civilDateAt(await environment.currentTimeMs(), 'Europe/Madrid');
    await tenant.ring('factsChanged', { marked: 1 });
    await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);

    let longest = 0;
    for (let day = 1; day <= 10; day += 1) {
      await pass(tenant, dayMs);
      longest = Math.max(longest, (await lookAtRun(tenant)).events);
    }

    const nights = db.reconciliations.map((one) => one.key);
    const [first = ''] = nights;
    expect(nights).toEqual(Array.from({ length: 10 }, (_, index) => addDays(first, index)));
    expect([0, 1]).toContain(daysBetween(firstDay, first));
    expect(db.reconciliations.map((one) => `${one.trigger} ${one.status}`)).toEqual(
      nights.map(() => 'nightly completed'),
    );
    expect((await lookAtRun(tenant)).run).toBe(11);
    expect(longest).toBeLessThan(2_000);
    // Nothing was lost on the way: holidays are polled, every night looks after the subscriptions.
    expect(tenant.callsOf('pollHolidays').length).toBeGreaterThanOrEqual(10 * 11);
    expect(tenant.callsOf('ensureSubscriptions')).toHaveLength(10);
  });
}, 60_000);
