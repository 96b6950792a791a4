import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { workflowTypes } from '../../contracts/temporal/names.ts';
import { reconciliationStart } from '../../contracts/temporal/starts.ts';
import { addDays, civilDateAt, daysBetween } from '../../domain/civil-date.ts';
import { backOffMs } from '../../domain/token-life.ts';
import { askServer } from '../support/ask-server.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { createTimeSkippingEnvironment } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { actionsBetween } from './support/actions.ts';
import {
  withTenant,
  type Override,
  type TenantWorkflow,
  type WorkflowServer,
} from './support/tenant-workflow.ts';

/** Nights of a connection workflow, on the server that skips time. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Nothing was asked of an activity for so long: enough where nothing is pending either. */
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

/** Whether a tenant's workflow and its reconciliation wait for nothing but the clock, however slow the machine is. */
async function rests({ handle, db }: TenantWorkflow): Promise<boolean> {
  const { raw } = await handle.describe();
  const isReconciling = db.reconciliations.some(({ status }) => status === 'running');
  return !isReconciling && !raw.pendingActivities?.length && !raw.pendingWorkflowTask;
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
    if (!(await rests(tenant))) continue;
    const { run } = await lookAtRun(tenant);
    if (run !== known) await environment.connection.testService?.unlockTimeSkipping({});
    known = run;
    quietSince = performance.now();
  }
  await sleep;
}

it.each([
  ['a company token, which is never renewed', null, 75],
  ['a user token of an hour', hourMs, 110],
] as const)(
  'an idle day with %s costs little in Temporal',
  async (_what, expiresInMs, most) => {
    const override: Override = (db) => {
      db.token.expiresInMs = expiresInMs;
      return {};
    };
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
      await pass(tenant, dayMs);

      const from = await environment.currentTimeMs();
      await pass(tenant, dayMs);
      const to = from + dayMs;

      const actions = await actionsBetween(environment.client, tenant.handle.workflowId, from, to);
      expect(Object.values(actions).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(most);
      // It was all done: a poll an hour at least, every renewal, a night.
      expect(actions['pollHolidays']).toBeGreaterThanOrEqual(23);
      expect(actions['renewToken'] ?? 0).toBeGreaterThanOrEqual(expiresInMs === null ? 0 : 24);
      expect(actions['child']).toBe(1);
    });
  },
  60_000,
);

it('a type whose deliveries another system gets is polled every hour, without a reconciliation', async () => {
  const type = 'timeoff/leave/approve';
  const override: Override = (_db, fakes) => ({
    ensureSubscriptions: async (input) => ({
      ...(await fakes.ensureSubscriptions(input)),
      conflicts: 1,
      contested: [type],
    }),
    pollStreams: async () => ({ read: 3, marked: 1 }),
  });
  await withTenant(server, override, async (tenant) => {
    await tenant.ring('factsChanged', { marked: 1 });
    await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
    await tenant.ring('reconcileNow', { reconciliationId: 'r1' });
    await waitFor('the first poll', () => tenant.callsOf('pollStreams').length > 0);
    const before = tenant.callsOf('applyFacts').length;
    await pass(tenant, 3 * hourMs + 60_000);

    const polls = tenant.callsOf('pollStreams');
    expect(polls.length).toBeGreaterThanOrEqual(4);
    for (const { input } of polls) expect(input).toMatchObject({ types: [type] });
    for (const [index, { atMs }] of polls.slice(1).entries())
      expect(atMs - (polls[index]?.atMs ?? 0)).toBeLessThanOrEqual(hourMs + 60_000);
    expect(tenant.callsOf('applyFacts').length).toBeGreaterThan(before);
    expect(tenant.db.reconciliations.filter(({ trigger }) => trigger === 'gap')).toEqual([]);
  });
}, 60_000);

it('another hour holds for the coming night, as soon as it is told', async () => {
  const from = await environment.currentTimeMs();
  const hourIn = (hours: number): number => (new Date(from).getUTCHours() + hours) % 24;
  const override: Override = (db) => {
    db.snapshot = { ...db.snapshot, timeZone: 'Etc/UTC', nightlyHour: hourIn(12) };
    return {};
  };
  await withTenant(server, override, async (tenant) => {
    const { db } = tenant;
    await tenant.ring('factsChanged', { marked: 1 });
    await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
    db.snapshot = { ...db.snapshot, nightlyHour: hourIn(1) };
    await tenant.ring('factsChanged', { marked: 0, settings: true });
    await waitFor('a look', () => tenant.callsOf('readConnection').length > 1);
    await pass(tenant, 3 * hourMs + 60_000); // nights are spread over two hours

    const [night] = tenant.callsOf('openReconciliation');
    expect((night?.atMs ?? Infinity) - from).toBeLessThanOrEqual(3 * hourMs);
    expect(db.reconciliations).toMatchObject([{ trigger: 'nightly', status: 'completed' }]);
  });
}, 60_000);

it.each([
  ['an hour', hourMs, 52 * minuteMs, 54 * minuteMs],
  ['two hours', 2 * hourMs, 106 * minuteMs, 108 * minuteMs],
  ['thirty days', 30 * dayMs, dayMs - hourMs, dayMs],
] as const)(
  'the token of an idle tenant, of %s, is renewed at its margin and at least daily, beyond the week of a refresh token',
  async (_what, expiresInMs, soonestMs, latestMs) => {
    const override: Override = (db) => {
      db.token.expiresInMs = expiresInMs;
      return {};
    };
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
      const obtainedAt = tenant.db.token.obtainedAt;
      await pass(tenant, expiresInMs > dayMs ? 8 * dayMs : 12 * hourMs);

      const times = [obtainedAt, ...tenant.callsOf('renewToken').map(({ atMs }) => atMs)];
      const spans = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(spans.length).toBeGreaterThanOrEqual(expiresInMs > dayMs ? 7 : 5);
      // A wake-up that it shares with a poll may bring it forward by a quarter of an hour; nothing puts it off.
      expect(Math.min(...spans)).toBeGreaterThanOrEqual(soonestMs - 15 * minuteMs);
      expect(Math.max(...spans)).toBeLessThanOrEqual(latestMs + minuteMs);
    });
  },
  60_000,
);

it('three days without an answer to a refresh: tried an hour apart at most, whoever asks for it, and renewed at the end', async () => {
  let isAway = true;
  const tries: number[] = [];
  const override: Override = (db, fakes) => {
    db.token.expiresInMs = hourMs;
    // Without a token nothing can be read; every reader says so.
    const orRefuse = (nowMs: number): void => {
      if (nowMs < db.token.obtainedAt + hourMs) return;
      throw ApplicationFailure.create({
        type: 'token_refused',
        message: 'no',
        nonRetryable: true,
        details: [{ tokenVersion: db.token.version }],
      });
    };
    return {
      renewToken: async (input) => {
        if (!isAway) return await fakes.renewToken(input);
        tries.push(input.nowMs);
        return { outcome: 'later', dueAt: input.nowMs + backOffMs(tries.length) };
      },
      drainInbox: async (input) => {
        orRefuse(input.nowMs);
        return await fakes.drainInbox(input);
      },
      pollHolidays: async (input) => {
        orRefuse(input.nowMs);
        return await fakes.pollHolidays(input);
      },
    };
  };
  await withTenant(server, override, async (tenant) => {
    const { db } = tenant;
    await tenant.ring('factsChanged', { marked: 1 });
    await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
    for (let passed = 0; passed < 3 * dayMs; passed += 6 * hourMs) {
      db.inbox += 1;
      await tenant.ring('webhooksReceived', { counts: {} });
      await tenant.ring('tokenRefused', { tokenVersion: db.token.version });
      await pass(tenant, 6 * hourMs);
    }
    const duringOutage = tries.length;
    isAway = false;
    await pass(tenant, 2 * hourMs);
    await waitFor('everything to be worked off', () => db.inbox === 0);

    const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(duringOutage).toBeGreaterThan(3 * 20);
    expect(duringOutage).toBeLessThan(3 * 24 + 15); // hourly, after a dozen quicker ones
    expect(Math.max(...waits)).toBeLessThanOrEqual(hourMs + minuteMs);
    expect(db.token.version).toBeGreaterThan(1);
    expect(db.snapshot.status).toBe('connected');
    expect(tenant.callsOf('settleCommand')).toEqual([]); // nobody was asked to connect again
  });
}, 90_000);

it('a command is carried out within a minute of the return of a database that was away for an hour', async () => {
  let backAt = 0;
  let foundAt = 0;
  const override: Override = (_db, fakes) => ({
    readConnection: async (input) => {
      backAt ||= input.nowMs + hourMs;
      if (input.nowMs < backAt) throw ApplicationFailure.create({ type: 'unavailable', message: 'away' });
      foundAt ||= input.nowMs;
      return await fakes.readConnection(input);
    },
  });
  await withTenant(server, override, async (tenant) => {
    const { db } = tenant;
    db.commands.push({
      id: 'c1',
      type: 'disconnect',
      attemptId: null,
      credentialVersion: null,
      denial: null,
    });
    await tenant.ring('disconnect', { commandId: 'c1' });
    await waitFor('the first failure', () => tenant.callsOf('readConnection').length > 0);
    await pass(tenant, hourMs + 2 * minuteMs);
    await waitFor('the command to be carried out', () => db.commands.length === 0);

    expect(foundAt - backAt).toBeGreaterThanOrEqual(0);
    expect(foundAt - backAt).toBeLessThanOrEqual(75_000); // a minute, and the tries of the last activity
    expect(db.snapshot.status).toBe('disconnected');
  });
}, 60_000);

it('a code waits while something of the last connection may still be on its way to Factorial', async () => {
  let looks = 0;
  const override: Override = (db, fakes) => {
    const attempt = { id: 'a1', expiresAt: db.token.obtainedAt + 600_000, received: true };
    db.snapshot = { ...db.snapshot, status: 'authorizing', attempt };
    return {
      tearDown: async (input) => {
        looks += 1;
        return looks < 3 ? { done: false, leftBehind: 1 } : await fakes.tearDown(input);
      },
    };
  };
  await withTenant(server, override, async (tenant) => {
    await tenant.ring('oauthCallback', { commandId: 'c1' });
    await waitFor('the first look', () => tenant.callsOf('tearDown').length > 0);
    await pass(tenant, minuteMs);
    await waitFor('the exchange', () => tenant.callsOf('exchangeAuthorization').length === 1);

    const order = tenant.calls.map(({ name }) => name);
    expect(order.lastIndexOf('tearDown')).toBeLessThan(order.indexOf('exchangeAuthorization'));
    expect(tenant.callsOf('tearDown').map(({ input }) => (input as { giveUp: boolean }).giveUp)).toContain(
      true,
    );
    expect(tenant.db.snapshot.status).toBe('connected');
  });
}, 60_000);

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

it('a night that Factorial lets nobody read to the end computes the days all the same, and failed', async () => {
  const override: Override = () => ({
    async sweepKind() {
      throw ApplicationFailure.nonRetryable('not this', 'factorial_rejected');
    },
  });
  await withTenant(server, override, async (tenant) => {
    tenant.db.reconciliations.push({ id: 'r1', key: 'r1', trigger: 'manual', status: 'queued' });
    await tenant.ring('reconcileNow', { reconciliationId: 'r1' });
    await waitFor('it to end', () => tenant.callsOf('endReconciliation').length > 0);

    const after = tenant.calls.map(({ name }) => name).filter((name) => /sweep|settle|Days|end/.test(name));
    expect(after).toEqual(['sweepKind', 'prepareDays', 'computeDays', 'endReconciliation']);
    expect(tenant.callsOf('endReconciliation')[0]?.input).toMatchObject({
      failureCode: 'factorial_rejected',
    });
  });
}, 60_000);

it('a reconciliation whose connection workflow is gone waits for a new token all the same, and ends', async () => {
  let refusals = 2;
  const override: Override = (_db, fakes) => ({
    async beginReconciliation(input) {
      refusals -= 1;
      if (refusals >= 0)
        throw ApplicationFailure.create({
          type: 'token_refused',
          message: 'on purpose',
          nonRetryable: true,
          details: [{ tokenVersion: 1 }],
        });
      await fakes.beginReconciliation(input);
    },
  });
  await withTenant(server, override, async ({ tenantId, callsOf }) => {
    const { workflowId, args } = reconciliationStart(
      { tenantId, generation: 1, reconciliationId: 'r1' },
      { key: 'r1', trigger: 'manual' },
    );
    const handle = await environment.client.workflow.start(workflowTypes.reconciliation, {
      workflowId,
      args,
      taskQueue: tenantId,
    });

    expect(await handle.result()).toEqual({ status: 'completed', verified: true });
    expect(callsOf('beginReconciliation')).toHaveLength(3);
  });
}, 60_000);
