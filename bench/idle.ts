import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  connectionWorkflowId,
  reconciliationWorkflowId,
  supervisorId,
  workflowTypes,
} from '../contracts/temporal/names.ts';
import { connectionStart } from '../contracts/temporal/starts.ts';
import { fastForward } from '../test/support/fast-forward.ts';
import { installQuietRuntime } from '../test/support/quiet-runtime.ts';
import { createFakes, type FakeDatabase } from '../test/workflows/support/fake-activities.ts';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { countHistories } from './histories.ts';
import { inParallel, until } from './http.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';
import { round } from './statistics.ts';

const bundler = fileURLToPath(new URL('../scripts/bundle-workflows.mjs', import.meta.url));
const tenantsInWorker = 1_000;
const dayMs = 86_400_000;
const daysPerMonth = 365 / 12;
/** Where the hosted Temporal's scale starts. */
const usdPerMillionActions = 50;
/** Until what was woken has gone back to rest. */
const settleMs = 30_000;
/** How long Factorial's user tokens live. */
const userTokenMs = 3_600_000;

/**
 * What a tenant costs while nothing happens: Temporal's actions and events of a day, counted in real histories of the
 * real workflows over faked activities, fast-forwarded; and the memory of a real worker with a thousand tenants at rest.
 */
export async function benchIdle(options: BenchOptions): Promise<object> {
  installQuietRuntime();
  const tenants = Math.max(1, Math.round((tenantsInWorker * (options.percent ?? 100)) / 100));
  return await withBenchStack(options, (stack) => measure(stack, tenants));
}

async function measure(stack: BenchStack, tenants: number): Promise<object> {
  // The days are measured without rows in the database: to the supervisor these workflows are orphans, which it ends.
  const supervisor = stack.temporal.schedule.getHandle(supervisorId);
  await supervisor.pause('an idle day is measured');
  const company = await idleDay(stack, 'company', null);
  const user = await idleDay(stack, 'user', userTokenMs);
  await supervisor.unpause('measured');
  await restTenants(stack, tenants);
  const rssMb = await residentMb(stack.workerPid());
  tell(`a worker with ${tenants} idle tenants: ${rssMb} MB`);
  return {
    actionsPerDayCompany: company.actions,
    actionsPerDayUser: user.actions,
    historyEventsPerDay: user.events,
    rssMb1000: rssMb,
    costPerTenantMonth: round((company.actions * daysPerMonth * usdPerMillionActions) / 1e6, 4),
  };
}

/**
 * Connected tenants, by their rows alone: connecting a thousand takes an hour and would leave the worker with the memory of
 * that. The supervisor finds them without a workflow and starts it; then each is woken once more, as by a poll.
 */
async function restTenants({ db, temporal }: BenchStack, count: number): Promise<void> {
  tell(`${count} tenants at rest`);
  await db.query(
    `WITH made AS (INSERT INTO tenants (id, name) SELECT 'idle-' || n, 'Idle' FROM generate_series(1, $1::int) n RETURNING id),
      connected AS (INSERT INTO connections (tenant_id, generation, status, api_host, token_owner, company_id, connected_at)
        SELECT id, 1, 'connected', 'https://api.factorialhr.com', 'company', id, now() FROM made)
     INSERT INTO token_pairs (tenant_id, generation, version, credential_version, access_token_enc, obtained_at)
     SELECT id, 1, 1, 1, 'of nobody', now() FROM made`,
    [count],
  );
  await until('every workflow to rest', 15 * 60_000, async () => {
    const query = "ConnectionStatus = 'connected' AND ExecutionStatus = 'Running'";
    const { count: connected } = await temporal.workflow.count(query);
    return connected >= count ? true : null;
  });
  tell('all are started, and are woken once more');
  const ids = Array.from({ length: count }, (_, index) => connectionWorkflowId(`idle-${index + 1}`));
  const handles = ids.map((id) => temporal.workflow.getHandle(id));
  await inParallel(handles, 8, (handle) => handle.signal('factsChanged', { marked: 0 }));
  await sleep(settleMs);
}

/** One day and night of a connected tenant to which nothing happens; null: its token cannot be refreshed. */
async function idleDay(
  stack: BenchStack,
  name: string,
  tokenLifeMs: number | null,
): Promise<{ actions: number; events: number }> {
  const { temporal: client, namespace, temporalAddress } = stack;
  const tenantId = `idle-day-${name}`;
  const fakes = createFakes(tenantId, Date.now(), (db, own) => {
    if (tokenLifeMs === null)
      return {
        readConnection: async (input) => ({ ...(await own.readConnection(input)), refreshDueAt: null }),
      };
    db.token.expiresInMs = tokenLifeMs;
    return {};
  });
  const start = connectionStart(tenantId);
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-idle-'));
  const codePath = join(folder, 'workflows.js');
  await promisify(execFile)(process.execPath, [bundler, codePath]);
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: tenantId,
    workflowBundle: { codePath },
    activities: fakes.activities,
  });
  try {
    return await worker.runUntil(async () => {
      const handle = await client.workflow.start(workflowTypes.connection, { ...start, taskQueue: tenantId });
      await rested(stack, handle.workflowId);
      const before = await count(stack, tenantId, fakes.db);
      tell(`a day of an idle tenant with a ${name} token`);
      await fastForward({ client, namespace }, handle.workflowId, dayMs);
      await rested(stack, handle.workflowId);
      const after = await count(stack, tenantId, fakes.db);
      await handle.terminate('measured');
      const day = { actions: after.actions - before.actions, events: after.events - before.events };
      tell(`${name} token: ${day.actions} actions, ${day.events} events`);
      return day;
    });
  } finally {
    await connection.close();
    rmSync(folder, { recursive: true });
  }
}

/** The connection's runs and those of its reconciliations. */
async function count({ temporal }: BenchStack, tenantId: string, db: FakeDatabase) {
  const ids = [
    connectionStart(tenantId).workflowId,
    ...db.reconciliations.map(({ key }) => reconciliationWorkflowId(tenantId, key)),
  ];
  const all = await Promise.all(ids.map((id) => countHistories(temporal, id, new Date(0))));
  return {
    actions: all.reduce((sum, { actions }) => sum + actions, 0),
    events: all.reduce((sum, { events }) => sum + events, 0),
  };
}

/** Nothing is under way any more, and nothing new begins. */
async function rested({ temporal }: BenchStack, workflowId: string): Promise<void> {
  let [seen, quiet] = [0, 0];
  await until(`${workflowId} to rest`, 60_000, async () => {
    const { historyLength, raw } = await temporal.workflow.getHandle(workflowId).describe();
    const busy = (raw.pendingActivities?.length ?? 0) + (raw.pendingChildren?.length ?? 0);
    quiet = busy === 0 && historyLength === seen ? quiet + 1 : 0;
    seen = historyLength;
    return quiet >= 10 ? true : null;
  });
}

/** What the operating system counts as resident. */
async function residentMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Math.round(Number(stdout) / 1_024);
}
