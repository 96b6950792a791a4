import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { askServer } from '../support/ask-server.ts';
import { fastForward, letTimeFly } from '../support/fast-forward.ts';
import { fetchRuns, waitForRuns, type RecordedRun } from '../support/histories.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  withTenant,
  type Override,
  type TenantWorkflow,
  type WorkflowServer,
} from './support/tenant-workflow.ts';

/** The connection workflow over faked activities, on the real server. */

let temporal: TestTemporal;
let server: WorkflowServer;

beforeAll(async () => {
  installQuietRuntime();
  temporal = await connectTestTemporal();
  server = {
    client: temporal.client,
    namespace: temporal.namespace,
    nativeConnection: await temporal.nativeConnection(),
    workflowBundle: await askServer('/workflow-bundle'),
    now: async () => Date.now(),
  };
}, 60_000);
afterAll(async () => {
  await temporal?.close();
});

const leaves = (count: number) => ({ counts: { 'timeoff/leave/create': count } });

const failure = (type: string, details: object = {}): ApplicationFailure =>
  ApplicationFailure.create({ type, message: 'on purpose', nonRetryable: true, details: [details] });

const hourMs = 3_600_000;

/** What design.md allows a history (rule 14). */
const mostEvents = 2_000;

/** Sums up what the drains of all runs said they were about: "sync 3 leaves". */
function announcedLeaves(runs: readonly RecordedRun[]): number {
  const summaries = runs
    .flatMap(({ history }) => history.events)
    .filter((event) => event.eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED')
    .map((event) => event['userMetadata'] as { summary?: { data?: string } } | undefined)
    .map((metadata) => Buffer.from(metadata?.summary?.data ?? '', 'base64').toString());
  return summaries.reduce((sum, text) => sum + Number(/sync (\d+) leave/.exec(text)?.[1] ?? 0), 0);
}

/** The runs of one tenant, once the last one is listed. */
async function allRuns({ handle }: TenantWorkflow): Promise<RecordedRun[]> {
  const { runId } = await handle.describe();
  return await waitFor('the last run to be listed', async () => {
    const runs = await fetchRuns(temporal.client, `WorkflowId = '${handle.workflowId}'`);
    return runs.some((run) => run.runId === runId) ? runs : null;
  });
}

describe('signals', () => {
  it('around two continue-as-news: count in = count out', async () => {
    // Every drain is followed by five rounds of computing, so that a run is full soon.
    let rounds = 0;
    const override: Override = (_db, fakes) => ({
      drainInbox: async (input) => {
        rounds = 5;
        return { ...(await fakes.drainInbox(input)), marked: 1 };
      },
      applyFacts: async () => ({ plans: 0, employees: 1, days: 1, left: (rounds -= 1) }),
    });
    await withTenant(server, override, async (tenant) => {
      const seen = new Set<string>();
      let sent = 0;
      await waitFor(
        'two continue-as-news',
        async () => {
          // One after the other and several at once, so that they meet the closing of a run in every way.
          for (const burst of [1, 2, 3]) {
            await Promise.all(
              Array.from({ length: burst }, async () => {
                tenant.db.inbox += 1;
                await tenant.ring('webhooksReceived', leaves(1));
              }),
            );
            sent += burst;
          }
          seen.add((await tenant.handle.describe()).runId);
          return seen.size >= 3;
        },
        80_000,
      );

      await waitFor('everything to be worked off', () => tenant.db.drained === sent);
      const runs = await waitFor('every signal to have been counted', async () => {
        const all = await allRuns(tenant);
        if (announcedLeaves(all) >= sent) return all;
        throw new Error(`${announcedLeaves(all)} of ${sent} were`);
      });
      expect(announcedLeaves(runs)).toBe(sent);
      for (const { history } of runs) expect(history.events.length).toBeLessThan(mostEvents);
    });
  }, 90_000);

  it('that come all the time while a sync waits after a failure keep the history bounded too', async () => {
    const override: Override = () => ({
      drainInbox: async () => {
        throw failure('rate_limited', { retryAfterMs: 3_600_000 });
      },
    });
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('webhooksReceived', leaves(1));
      const { runId } = await tenant.handle.describe();
      await waitFor(
        'a continue-as-new',
        async () => {
          for (let count = 0; count < 20; count += 1) await tenant.ring('webhooksReceived', leaves(1));
          return (await tenant.handle.describe()).runId !== runId;
        },
        60_000,
      );

      expect(tenant.callsOf('drainInbox')).toHaveLength(1); // it still waits, also in the next run
      for (const { history } of await allRuns(tenant)) expect(history.events.length).toBeLessThan(mostEvents);
    });
  }, 90_000);
});

describe('the token', () => {
  it('is renewed on its timer, before it runs out, again and again', async () => {
    const override: Override = (db) => {
      db.token.expiresInMs = hourMs;
      return {};
    };
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);

      await letTimeFly(temporal, tenant.handle.workflowId);
      await waitFor('ten renewals', () => tenant.callsOf('renewToken').length >= 10, 30_000);

      const times = tenant.callsOf('renewToken').map((call) => call.atMs);
      for (const [index, at] of times.slice(1).entries()) {
        const sinceLast = at - (times[index] ?? 0);
        expect(sinceLast).toBeLessThan(hourMs);
        expect(sinceLast).toBeGreaterThan(0.75 * hourMs);
      }
    });
  }, 60_000);
});

describe('duties', () => {
  it('come before work that never ends', async () => {
    // The inbox is never empty, and the token runs out in two seconds.
    let dueMs = Infinity;
    const override: Override = (db) => {
      db.token.expiresInMs = 2_500;
      dueMs = db.token.obtainedAt + db.token.expiresInMs / 2; // the margin of so short a life
      return {
        drainInbox: async () => ({
          outcomes: {},
          left: 1,
          nextDueAt: null,
          checkSubscriptions: false,
          open: { count: 0, codes: [] },
          marked: 0,
        }),
        renewToken: async ({ nowMs }) => {
          db.token = { version: 2, obtainedAt: nowMs, expiresInMs: 365 * 86_400_000 };
          return { outcome: 'valid', tokenVersion: 2, refreshDueAt: null };
        },
      };
    };
    await withTenant(server, override, async (tenant) => {
      await tenant.ring('webhooksReceived', leaves(1));
      await waitFor('the work to have begun', () => tenant.callsOf('drainInbox').length > 3);
      await waitFor('the token to be renewed', () => tenant.callsOf('renewToken').length > 0);

      const [renewal] = tenant.callsOf('renewToken');
      const drains = tenant.callsOf('drainInbox');
      const inBetween = drains.filter(({ atMs }) => atMs > dueMs && atMs < (renewal?.atMs ?? 0));
      expect(inBetween.length).toBeLessThanOrEqual(1); // the one that ran when the time came
      await waitFor('the work to go on', () => tenant.callsOf('drainInbox').length > drains.length);
    });
  });

  it('look at the subscriptions once more when what one that was switched off did not tell of is caught up', async () => {
    const override: Override = (db, fakes) => ({
      ensureSubscriptions: async (input) => {
        const repaired = db.reconciliations.length === 0 ? 1 : 0;
        if (repaired > 0) db.reconciliations.push({ id: 'r1', key: 'r1', trigger: 'gap', status: 'queued' });
        db.snapshot = { ...db.snapshot, troubleCodes: repaired > 0 ? ['subscription_disabled'] : [] };
        return { ...(await fakes.ensureSubscriptions(input)), repaired, tellsNews: true };
      },
    });
    await withTenant(server, override, async (tenant) => {
      const { db, handle } = tenant;
      await tenant.ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 0);
      await tenant.ring('reconcileNow', { reconciliationId: 'r0' });
      await waitFor('the second look', () => tenant.callsOf('ensureSubscriptions').length === 2);
      await waitFor('the trouble to go', async () => {
        const { searchAttributes } = await handle.describe();
        return searchAttributes['TroubleCodes'] === undefined;
      });
      const looks = tenant.callsOf('readConnection').length;
      await tenant.ring('reconciliationFinished', {
        reconciliationId: 'r1',
        generation: 1,
        outcome: 'completed',
      });
      await waitFor('another end to be heard of', () => tenant.callsOf('readConnection').length > looks);
      await tenant.ring('factsChanged', { marked: 1 }); // comes after the subscriptions
      await waitFor('it to rest', () => tenant.callsOf('applyFacts').length > 1);

      expect(db.reconciliations).toMatchObject([{ trigger: 'gap', status: 'completed' }]);
      expect(tenant.callsOf('ensureSubscriptions')).toHaveLength(2);
    });
  });

  it('go on when a trouble cannot even be written down', async () => {
    let fails = true;
    const override: Override = (_db, fakes) => ({
      noteTrouble: async () => {
        throw failure('unavailable');
      },
      drainInbox: async (input) => {
        if (fails) throw failure('factorial_unreachable');
        return await fakes.drainInbox(input);
      },
    });
    await withTenant(server, override, async (tenant) => {
      tenant.db.inbox = 1;
      await tenant.ring('webhooksReceived', leaves(1));
      await waitFor('the failure', () => tenant.callsOf('noteTrouble').length > 0);
      fails = false;
      await fastForward(temporal, tenant.handle.workflowId, 60_000);

      await waitFor('the sync', () => tenant.db.drained === 1);
      expect((await tenant.handle.describe()).status.name).toBe('RUNNING');
    });
  });
});

/** At rest, a workflow hears of a delivery and of its subscriptions, and fails at both. */
async function letBothFail({ db, callsOf, ring }: TenantWorkflow): Promise<void> {
  await ring('factsChanged', { marked: 1 });
  await waitFor('it to rest', () => callsOf('applyFacts').length > 0);
  db.inbox = 1;
  await ring('webhooksReceived', leaves(1));
  await ring('reconcileNow', { reconciliationId: 'r1' });
  await waitFor('both to fail', () =>
    (['drainInbox', 'ensureSubscriptions'] as const).every((name) => callsOf(name).length > 0),
  );
}

describe('a trouble of two duties', () => {
  it('goes from the card only when neither has it any more', async () => {
    let [syncFails, checkFails] = [true, true];
    const override: Override = (_db, fakes) => ({
      drainInbox: async (input) => {
        if (syncFails) throw failure('factorial_unreachable');
        return await fakes.drainInbox(input);
      },
      ensureSubscriptions: async (input) => {
        if (checkFails) throw failure('factorial_unreachable');
        return await fakes.ensureSubscriptions(input);
      },
    });
    await withTenant(server, override, async (tenant) => {
      const { db, handle, callsOf, ring } = tenant;
      const told = () => callsOf('noteTrouble').map(({ input }) => (input as { over: boolean }).over);
      await letBothFail(tenant);
      syncFails = false;
      await fastForward(temporal, handle.workflowId, 10_000);
      await waitFor('the sync', () => db.drained === 1);
      await ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => callsOf('applyFacts').length > 1);
      expect(told()).toEqual([false]);

      checkFails = false;
      await fastForward(temporal, handle.workflowId, 60_000);
      await waitFor('the trouble to be over', () => told().length === 2);
      expect(told()).toEqual([false, true]);
    });
  });
});

describe('a trouble that is over for one duty', () => {
  it('is tried by the others at once, however long they were to wait', async () => {
    let isDown = true;
    const override: Override = (_db, fakes) => ({
      drainInbox: async (input) => {
        if (isDown) throw failure('factorial_unreachable');
        return await fakes.drainInbox(input);
      },
      ensureSubscriptions: async (input) => {
        if (isDown) throw failure('factorial_unreachable', { retryAfterMs: hourMs });
        return await fakes.ensureSubscriptions(input);
      },
    });
    await withTenant(server, override, async (tenant) => {
      const { db, handle, callsOf } = tenant;
      await letBothFail(tenant);
      isDown = false;
      await fastForward(temporal, handle.workflowId, 60_000);
      await waitFor('both to be done', () => db.drained === 1 && callsOf('ensureSubscriptions').length === 2);

      const [first, second] = callsOf('ensureSubscriptions');
      expect((second?.atMs ?? Infinity) - (first?.atMs ?? 0)).toBeLessThan(hourMs);
    });
  });
});

describe('a reconciliation that failed', () => {
  it('does not put off what is to be done at once', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const override: Override = (_db, fakes) => ({
      readConnection: async (input) => {
        await held;
        return await fakes.readConnection(input);
      },
    });
    await withTenant(server, override, async ({ ring, callsOf }) => {
      await ring('reconcileNow', { reconciliationId: 'r1' }); // deletions were approved, say
      await ring('reconciliationFinished', { reconciliationId: 'r1', generation: 1, outcome: 'failed' });
      release();

      await waitFor('the decisions to be carried out', () => callsOf('carryOutDecisions').length > 0);
      expect(callsOf('carryOutDecisions')).toHaveLength(1);
    });
  });
});

describe('a sync that fails', () => {
  it('waits as long as Factorial asks, shows its code to operators meanwhile, and takes it away after', async () => {
    let limited = true;
    const override: Override = (_db, fakes) => ({
      drainInbox: async (input) => {
        if (!limited) return await fakes.drainInbox(input);
        throw failure('rate_limited', { retryAfterMs: 90_000 });
      },
    });
    await withTenant(server, override, async (tenant) => {
      const { handle, tenantId, db } = tenant;
      const inTrouble = async (): Promise<number> =>
        (await temporal.client.workflow.count(`TenantId = '${tenantId}' AND TroubleCodes = 'rate_limited'`))
          .count;
      db.inbox = 2;
      await tenant.ring('webhooksReceived', leaves(2));
      await waitFor('operators to find it by its trouble', async () => (await inTrouble()) === 1);
      limited = false;
      await tenant.ring('webhooksReceived', leaves(1)); // does not hurry it

      await fastForward(temporal, handle.workflowId, 95_000);
      await waitFor('the sync', () => db.drained === 2);

      const [first, second] = tenant.callsOf('drainInbox');
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(90_000);
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeLessThan(100_000);
      expect(tenant.callsOf('noteTrouble').map(({ input }) => input)).toMatchObject([
        { code: 'rate_limited', over: false },
        { code: 'rate_limited', over: true },
      ]);
      await waitFor('the trouble to be over', async () => (await inTrouble()) === 0);
    });
  });
});

describe('a disconnect', () => {
  it('does not wait for a sync that runs: cancels it and removes our traces', async () => {
    let cancelled = false;
    const override: Override = () => ({
      drainInbox: async () => {
        const { cancellationSignal, heartbeat } = Context.current();
        const beating = setInterval(heartbeat, 200);
        try {
          await new Promise((_resolve, reject) => {
            cancellationSignal.addEventListener('abort', () => reject(cancellationSignal.reason as Error));
          });
        } finally {
          clearInterval(beating);
          cancelled = true;
        }
        throw new Error('only a cancellation ends this');
      },
    });
    await withTenant(server, override, async (tenant) => {
      tenant.db.inbox = 1;
      await tenant.ring('webhooksReceived', leaves(1));
      await waitFor('the sync to run', () => tenant.callsOf('drainInbox').length === 1);

      tenant.db.commands.push({
        id: 'c1',
        type: 'disconnect',
        attemptId: null,
        credentialVersion: null,
        denial: null,
      });
      await tenant.ring('disconnect', { commandId: 'c1' });
      await waitFor('our traces to be removed', () => tenant.callsOf('tearDown').length === 1);

      expect(tenant.db.snapshot.status).toBe('disconnected');
      const [run] = await waitForRuns(temporal.client, tenant.handle.workflowId, 1);
      expect(run?.history.events.map((event) => event.eventType)).toContain(
        'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED',
      );
      // The worker hears of it with its next heartbeat, of which every 16 s one is sent.
      await waitFor('the activity to end', () => cancelled, 30_000);
    });
  }, 60_000);
});

describe('what follows from an authorization', () => {
  it('is not forgotten when the database goes away right after it', async () => {
    let exchanged = false;
    const failed = new Set<string>();
    const failOnce = (name: string): void => {
      if (!exchanged || failed.has(name)) return;
      failed.add(name);
      throw failure('unavailable');
    };
    const override: Override = (db, fakes) => {
      const attempt = { id: 'a1', expiresAt: db.token.obtainedAt + 600_000, received: true };
      db.snapshot = { ...db.snapshot, status: 'authorizing', attempt };
      return {
        exchangeAuthorization: async (input) => {
          exchanged = true;
          return await fakes.exchangeAuthorization(input);
        },
        readConnection: async (input) => {
          failOnce('readConnection');
          return await fakes.readConnection(input);
        },
        openReconciliation: async (input) => {
          failOnce('openReconciliation');
          return await fakes.openReconciliation(input);
        },
      };
    };
    await withTenant(server, override, async ({ db, handle, ring, callsOf }) => {
      await ring('oauthCallback', { commandId: 'c1' });
      await waitFor('the first failure', () => failed.size > 0);
      await fastForward(temporal, handle.workflowId, 60_000);

      await waitFor('the first reconciliation', () => db.reconciliations[0]?.status === 'completed');
      await waitFor('the subscriptions', () => callsOf('ensureSubscriptions').length > 0);
      await waitFor('the trouble to be over', async () => {
        const { searchAttributes } = await handle.describe();
        return searchAttributes['TroubleCodes'] === undefined;
      });
      expect(failed.size).toBe(2);
      expect(db.reconciliations.map(({ trigger }) => trigger)).toEqual(['first']);
    });
  });
});

describe('a workflow that was terminated', () => {
  it('is started again by the next signal and goes on from the database, once', async () => {
    await withTenant(
      server,
      () => ({}),
      async (tenant) => {
        const { db, handle } = tenant;
        await tenant.ring('webhooksReceived', leaves(1));
        await waitFor('it to rest', () => tenant.callsOf('drainInbox').length > 0);
        await handle.terminate('an accident');
        // Meanwhile: deliveries were stored, an authorization came back, a reconciliation was asked for.
        db.inbox = 7;
        db.snapshot = {
          ...db.snapshot,
          status: 'authorizing',
          attempt: { id: 'a1', expiresAt: Date.now() + 600_000, received: true },
        };
        db.commands.push({
          id: 'c1',
          type: 'receive_code',
          attemptId: 'a1',
          credentialVersion: null,
          denial: null,
        });

        await tenant.ring('webhooksReceived', leaves(7));
        await waitFor('everything to be worked off', () => db.drained === 7 && db.commands.length === 0);
        await waitFor('the first reconciliation', () => db.reconciliations[0]?.status === 'completed');

        expect(tenant.callsOf('exchangeAuthorization')).toHaveLength(1);
        expect(tenant.callsOf('settleCommand')).toHaveLength(1);
        expect(db.reconciliations.map((one) => one.trigger)).toEqual(['first']);
        expect((await handle.describe()).status.name).toBe('RUNNING');
      },
    );
  });
});

describe('operators’ verbs', () => {
  it('that come while the database is looked into hold nothing up: after a resume the inbox is worked off', async () => {
    let release: () => void = () => undefined;
    let looking = false;
    const override: Override = (_db, fakes) => ({
      readConnection: async (input) => {
        if (!looking) {
          looking = true;
          await new Promise<void>((resolve) => (release = resolve));
        }
        return await fakes.readConnection(input);
      },
    });
    await withTenant(server, override, async ({ handle, ring, db }) => {
      db.inbox = 3;
      await ring('webhooksReceived', leaves(3));
      await waitFor('the database to be looked into', () => looking);

      const paused = handle.executeUpdate('pause', { args: [{}] });
      await waitFor('the pause to be asked for', async () =>
        (await handle.fetchHistory()).events?.some(
          (event) => event.workflowExecutionUpdateAcceptedEventAttributes != null,
        ),
      );
      release();
      await paused;
      expect(db.drained).toBe(0);
      await handle.executeUpdate('resume', { args: [{}] });

      await waitFor('the inbox to be empty', () => db.drained === 3);
    });
  });

  it('that end a pause of a connection which has expired ask nothing of Factorial', async () => {
    const override: Override = (db) => {
      db.snapshot = { ...db.snapshot, status: 'expired', paused: true };
      return {};
    };
    await withTenant(server, override, async ({ handle, ring, db, callsOf }) => {
      await ring('factsChanged', { marked: 1 });
      await waitFor('it to rest', () => callsOf('applyFacts').length > 0);

      await handle.executeUpdate('resume', { args: [{}] });
      // Days are computed after all that asks Factorial.
      await waitFor('the days to be computed', () => callsOf('applyFacts').length > 1);

      expect(callsOf('ensureSubscriptions')).toEqual([]);
      expect(callsOf('drainInbox')).toEqual([]);
      expect(db.reconciliations).toEqual([]);
    });
  });

  it('around the end of a run are all answered, once each', async () => {
    const override: Override = () => ({
      // Every round is followed by another one, so that runs are full soon.
      applyFacts: async () => ({ plans: 0, employees: 1, days: 1, left: 1 }),
    });
    await withTenant(server, override, async (tenant) => {
      const { handle, ring, callsOf } = tenant;
      await ring('factsChanged', { marked: 1 });
      const { runId } = await handle.describe();
      let asked = 0;
      await waitFor(
        'the next run',
        async () => {
          await handle.executeUpdate('reconcile', { args: [{ dryRun: true }] });
          asked += 1;
          return (await handle.describe()).runId !== runId;
        },
        90_000,
      );
      await handle.executeUpdate('reconcile', { args: [{ dryRun: true }] });

      const actions = callsOf('operate').map(({ input }) => (input as { actionId: string }).actionId);
      expect(actions.length).toBe(asked + 1);
      expect(new Set(actions).size).toBe(asked + 1);
    });
  }, 120_000);

  it('that are malformed or refused fail alone: the connection goes on', async () => {
    const override: Override = (_db, fakes) => ({
      operate: async (input) => {
        if (input.request.verb === 'reconcile')
          return { answer: null, refusal: { code: 'paused', message: 'Not now.' }, waiting: [] };
        if (input.request.verb === 'replay') throw failure('unavailable');
        return await fakes.operate(input);
      },
    });
    await withTenant(server, override, async ({ handle, ring, db }) => {
      await ring('factsChanged', { marked: 0 });
      const code = async (verb: string, ask: object): Promise<unknown> =>
        handle.executeUpdate(verb, { args: [ask] }).then(
          () => null,
          (error: { cause?: { type?: string } }) => error.cause?.type,
        );

      expect(await code('pause', { now: true })).toBe('invalid_request');
      expect(await code('reconcile', {})).toBe('paused');
      expect(await code('replay', { code: 'schema_drift' })).toBe('unavailable');
      db.inbox = 1;
      await ring('webhooksReceived', leaves(1));
      await waitFor('the delivery', () => db.drained === 1);
      expect(await code('pause', { dryRun: true })).toBeNull();
      expect(db.snapshot.paused).toBe(false);
    });
  });
});
