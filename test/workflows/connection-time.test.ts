import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { addDays, civilDateAt } from '../../domain/civil-date.ts';
import { askServer } from '../support/ask-server.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { createTimeSkippingEnvironment } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { withTenant, type Override, type TenantWorkflow, type WorkflowServer } from './support/tenant-workflow.ts';

/** What a connection workflow does over days and weeks, in seconds: on the server that skips time. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

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

/** The number of the run under way. */
async function runNumber({ handle }: TenantWorkflow): Promise<number> {
  const history = await handle.fetchHistory();
  const [started] = history.events ?? [];
  const input = started?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  const { state } = JSON.parse(Buffer.from(input ?? []).toString()) as { state?: { runs: number } };
  return (state?.runs ?? 0) + 1;
}

describe('ten nights', () => {
  it('are ten reconciliations, each by its civil date, and a new run after each', async () => {
    await withTenant(server, () => ({}), async (tenant) => {
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
      const firstNight = civilDateAt(await environment.currentTimeMs(), 'Europe/Madrid');

      await environment.sleep(10 * dayMs);
      await waitFor('the tenth child to end', () =>
        tenant.db.reconciliations.length >= 10 && tenant.db.reconciliations.every((one) => one.status === 'completed'),
      );

      const nights = tenant.db.reconciliations.map((one) => one.key);
      const first = nights[0] ?? '';
      expect([firstNight, addDays(firstNight, 1)]).toContain(first);
      expect(nights).toEqual(nights.map((_, index) => addDays(first, index)));
      expect(tenant.db.reconciliations.map((one) => one.trigger)).toEqual(nights.map(() => 'nightly'));
      expect(await runNumber(tenant)).toBe(nights.length + 1);
      // Nothing was lost on the way: every hour is polled, every night looks after the subscriptions.
      expect(tenant.callsOf('pollHolidays').length).toBeGreaterThan(10 * 23);
      expect(tenant.callsOf('ensureSubscriptions').length).toBeGreaterThanOrEqual(nights.length);
    });
  }, 60_000);
});

describe('the token', () => {
  it('is renewed on its timer, before it runs out, again and again', async () => {
    const override: Override = (db) => {
      db.token.expiresInMs = hourMs;
      return {};
    };
    await withTenant(server, override, async (tenant) => {
      const startedAt = await environment.currentTimeMs();
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);

      await environment.sleep(12 * hourMs);

      const times = tenant.callsOf('renewToken').map((call) => call.atMs);
      expect(times.length).toBeGreaterThanOrEqual(12);
      expect(times.length).toBeLessThanOrEqual(15);
      for (const [index, at] of times.entries()) {
        const obtainedAt = times[index - 1] ?? startedAt;
        expect(at - obtainedAt).toBeLessThan(hourMs);
        expect(at - obtainedAt).toBeGreaterThan(45 * minuteMs);
      }
    });
  }, 60_000);

  it('survives an outage of three days: tried ever more seldom, whoever asks for it, and renewed when it is over', async () => {
    let isAway = false;
    let failures = 0;
    const override: Override = (db, fakes) => {
      db.token.expiresInMs = hourMs;
      return {
        renewToken: async (input) => {
          if (!isAway) return await fakes.renewToken(input);
          failures += 1;
          return { outcome: 'later', dueAt: input.nowMs + Math.min(5_000 * 2 ** (failures - 1), hourMs) };
        },
        drainInbox: async (input) => {
          const hasExpired = input.nowMs >= db.token.obtainedAt + db.token.expiresInMs;
          if (!hasExpired) return await fakes.drainInbox(input);
          const details = [{ tokenVersion: db.token.version }];
          throw ApplicationFailure.create({ type: 'token_refused', message: 'no', nonRetryable: true, details });
        },
      };
    };
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('webhooksReceived', { counts: {} });
      await waitFor('it to rest', () => tenant.callsOf('drainInbox').length > 0);
      isAway = true;
      const awayAt = await environment.currentTimeMs();
      // All the while deliveries come, marks are set, and a reconciliation meets the refused token.
      for (let hour = 0; hour < 72; hour += 2) {
        await environment.sleep(2 * hourMs);
        tenant.db.inbox += 1;
        await tenant.ring('webhooksReceived', { counts: {} });
        await tenant.ring('tokenRefused', { tokenVersion: tenant.db.token.version });
        await tenant.ring('reconciliationFinished', { reconciliationId: 'r0', outcome: 'completed' });
      }
      const tries = tenant.callsOf('renewToken').filter((call) => call.atMs > awayAt);

      isAway = false;
      await environment.sleep(2 * hourMs);
      await waitFor('everything to be worked off', () => tenant.db.inbox === 0);

      expect(tries.length).toBeGreaterThan(60);
      expect(tries.length).toBeLessThan(90); // hourly, after a dozen quicker ones
      expect(tenant.db.snapshot.status).toBe('connected');
      expect(tenant.callsOf('settleCommand')).toEqual([]);
      expect(tenant.db.token.version).toBeGreaterThan(1);
    });
  }, 120_000);
});

describe('the database', () => {
  it('that comes back after an hour finds a command carried out within a minute', async () => {
    let isAway = false;
    const override: Override = (_db, fakes) => ({
      takeCommands: async (input) => {
        if (!isAway) return await fakes.takeCommands(input);
        throw ApplicationFailure.create({ type: 'unavailable', message: 'no', nonRetryable: true });
      },
    });
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
      isAway = true;
      tenant.db.commands.push({ id: 'c1', type: 'disconnect', attemptId: null, credentialVersion: null });
      await tenant.ring('disconnect', { commandId: 'c1' });
      await environment.sleep(hourMs);
      isAway = false;

      await environment.sleep(minuteMs + 1_000);

      expect(tenant.db.commands).toEqual([]);
      expect(tenant.db.snapshot.status).toBe('disconnected');
    });
  }, 60_000);
});
