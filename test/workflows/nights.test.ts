import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { addDays, civilDateAt, daysBetween } from '../../domain/civil-date.ts';
import { askServer } from '../support/ask-server.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { createTimeSkippingEnvironment } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { withTenant, type TenantWorkflow } from './support/tenant-workflow.ts';

/** Nights of a connection workflow, on the server that skips time. */

const dayMs = 86_400_000;

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  installQuietRuntime();
  environment = await createTimeSkippingEnvironment();
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
 * Lets a day pass. Once a workflow continued as new, this server's clock stands still: a lock that nobody holds any more is
 * opened then, when the night is over and nothing has moved for a while.
 */
async function passDay({ calls, db }: TenantWorkflow): Promise<void> {
  let isOver = false;
  const sleep = environment.sleep(dayMs).finally(() => {
    isOver = true;
  });
  let stoodFor = 0;
  let seen = calls.length;
  const nights = db.reconciliations.length;
  while (!isOver) {
    await Promise.race([sleep, pause(20)]);
    const isNightOver = db.reconciliations.length > nights && db.reconciliations.at(-1)?.status === 'completed';
    stoodFor = isNightOver && seen === calls.length ? stoodFor + 1 : 0;
    seen = calls.length;
    if (stoodFor === 15 && !isOver) await environment.connection.testService.unlockTimeSkipping({});
  }
}

it('ten nights are ten reconciliations, each by its civil date, and a new run after each', async () => {
  const server = {
    client: environment.client,
    namespace: environment.namespace ?? 'default',
    nativeConnection: environment.nativeConnection,
    workflowBundle: await askServer('/workflow-bundle'),
    now: () => environment.currentTimeMs(),
  };
  await withTenant(server, () => ({}), async (tenant) => {
    const { db } = tenant;
    const firstDay = civilDateAt(await environment.currentTimeMs(), 'Europe/Madrid');
    await tenant.ring('factsChanged', { marked: 1 });
    await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);

    let longest = 0;
    for (let day = 1; day <= 10; day += 1) {
      await passDay(tenant);
      longest = Math.max(longest, (await lookAtRun(tenant)).events);
    console.log(day, await lookAtRun(tenant), db.reconciliations.length, new Date(await environment.currentTimeMs()).toISOString());
    }

    const nights = db.reconciliations.map((one) => one.key);
    const [first = ''] = nights;
    expect(nights).toEqual(Array.from({ length: 10 }, (_, index) => addDays(first, index)));
    expect([0, 1]).toContain(daysBetween(firstDay, first));
    expect(db.reconciliations.map((one) => `${one.trigger} ${one.status}`)).toEqual(nights.map(() => 'nightly completed'));
    expect((await lookAtRun(tenant)).run).toBe(11);
    expect(longest).toBeLessThan(2_000);
    // Nothing was lost on the way: every hour is polled, every night looks after the subscriptions.
    expect(tenant.callsOf('pollHolidays').length).toBeGreaterThanOrEqual(10 * 23);
    expect(tenant.callsOf('ensureSubscriptions')).toHaveLength(10);
  });
}, 60_000);
