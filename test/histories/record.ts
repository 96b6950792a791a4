import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditId, connectionWorkflowId, supervisorId } from '../../contracts/temporal/names.ts';
import { addDays } from '../../domain/civil-date.ts';
import { fastForward } from '../support/fast-forward.ts';
import { fetchRuns, type RecordedRun } from '../support/histories.ts';
import { startTestServers } from '../support/servers.ts';
import {
  authorize,
  F,
  readCard,
  type Reconciliation,
  settleIn,
  waitForReconciliation,
  waitForStatus,
  waitUntilComputed,
} from '../support/story.ts';
import { waitFor as waitForShort } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';
import { ensureSupervision } from '../../worker/supervision.ts';

/**
 * `npm run histories:record`: plays two short stories on real parts and writes the history of every run into this folder.
 * See README.md for when to do that. Ids are all that a history holds of a person, so that nothing has to be taken out.
 */

const folder = fileURLToPath(new URL('.', import.meta.url));
/** Stack traces name files; where this checkout lies is nobody's business. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const dayMs = 86_400_000;
/** Longer than the way from any moment to the end of the next night's two hours. */
const oneNightMs = 27 * 3_600_000;

/** Between two signals: time is only skipped while the workflow rests. */
const calmMs = 1_000;

/** Nothing is measured here: a busy machine only takes longer. */
const patienceMs = 120_000;
const waitFor = <T>(what: string, check: Parameters<typeof waitForShort<T>>[1]): Promise<T> =>
  waitForShort(what, check, patienceMs);

interface Row {
  readonly id: string;
}

const smallCompany = { people: 5, absences: 10, locations: 1 };

/** Connecting with failures on the way, a webhook, a night with signals around the next run, disconnecting. */
async function playNight(world: World): Promise<void> {
  await seedEmployees(world, 3);
  await failing(world, '/employees/employees', 3); // as often as the activity is tried
  await settleIn(world, patienceMs);

  await failing(world, '/timeoff/leaves', 2);
  const [person] = await world.factorial<Row[]>('GET', 'employees?limit=1');
  const startOn = addDays(new Date().toISOString().slice(0, 10), 14);
  await world.factorial('POST', 'leaves', { employee_id: person?.id, start_on: startOn, approved: true });
  await waitFor('the failure to be shown', async () => (await readCard(world)).warnings.length > 0);
  await waitUntilComputed(world, patienceMs);
  await waitFor('the failure to be over', async () => (await readCard(world)).warnings.length === 0);

  await signalAcrossNight(world);
  await waitFor('the night to be reconciled', async () => {
    const { items } = (await world.admin<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`)).body;
    if (items.some(({ trigger, status }) => trigger === 'nightly' && status === 'completed')) return true;
    throw new Error(items.map(({ trigger, status }) => `${trigger} is ${status}`).join(', '));
  });

  await operate(world);
  await world.admin('POST', `${F}/disconnect`, {}, 202);
  await waitFor('the credentials to be deleted', async () => !(await hasTokens(world)));
}

/** A pause, a verb that is refused meanwhile, a replay, a round of the supervisor and one of the audit. */
async function operate(world: World): Promise<void> {
  const { temporal, tenantId, db } = world;
  const handle = temporal.client.workflow.getHandle(connectionWorkflowId(tenantId));
  await handle.executeUpdate('pause', { args: [{ dryRun: true }] });
  await handle.executeUpdate('pause', { args: [{ actor: 'recorder' }] });
  await handle.executeUpdate('reconcile').catch(() => undefined); // refused while it is paused
  const [leave] = await world.factorial<Row[]>('GET', 'leaves?limit=1');
  await handle.executeUpdate('resume');
  await waitFor('what was missed to be caught up', async () => (await unfinished(world)) === 0);
  const at = new Date();
  const what = {
    resource: 'absences',
    factorialId: leave?.id ?? '',
    code: 'schema_drift',
    message: 'recorded',
  };
  await db.failure.create({ data: { tenantId, id: randomUUID(), ...what, firstAt: at, lastAt: at } });
  await handle.executeUpdate('replay', { args: [{ code: 'schema_drift' }] });
  await waitFor('the replay', async () => (await db.replay.count({ where: { finishedAt: null } })) === 0);
  await ensureSupervision(temporal.client);
  for (const id of supervision) await temporal.client.schedule.getHandle(id).trigger();
  await waitFor('a round of each Schedule', async () => (await rounds(world)).length === supervision.length);
}

const supervision = [supervisorId, auditId];

/** Of each Schedule the first round that has ended: one is as good as another. */
async function rounds({ temporal }: World): Promise<RecordedRun[]> {
  const query = "WorkflowType = 'supervisorWorkflow' AND ExecutionStatus = 'Completed'";
  const runs = await fetchRuns(temporal.client, query);
  return supervision.flatMap((id) => runs.find(({ workflowId }) => workflowId.startsWith(id)) ?? []);
}

/** A denial, a token that is refreshed on its timer, and a refused token that is renewed in the middle of a sync. */
async function playToken(world: World): Promise<void> {
  await seedEmployees(world, 1);
  await world.factorial('PUT', 'switches', { companyTokenShape: 'full', accessTokenTtl: 6 });
  await world.admin('PUT', `${F}/credentials`, world.application, 202);
  await authorize(world, 'deny');
  await waitFor('the denial to be shown', async () => (await readCard(world)).warnings.length > 0);
  await authorize(world);
  await waitForStatus(world, 'connected', patienceMs);
  await world.factorial('PUT', 'switches', { accessTokenTtl: 3_600 });
  await waitForReconciliation(world);
  await waitFor('the refresh', async () => ((await tokenVersion(world)) ?? 0) >= 2);

  await world.factorial('POST', 'tokens/expire', {});
  await world.admin('POST', `${F}/reconciliations`, {}, 202);
  await waitFor('the renewal', async () => ((await tokenVersion(world)) ?? 0) >= 3);
  await waitFor('the reconciliation', async () => (await unfinished(world)) === 0);
  await world.admin('POST', `${F}/disconnect`, {}, 202);
  await waitFor('the credentials to be deleted', async () => !(await hasTokens(world)));
}

/** Rings all the while that the night comes and the workflow goes on in its next run. */
async function signalAcrossNight({ temporal, tenantId }: World): Promise<void> {
  const handle = temporal.client.workflow.getHandle(connectionWorkflowId(tenantId));
  const { runId } = await handle.describe();
  const night = fastForward(temporal, handle.workflowId, oneNightMs);
  let toldMs = 0;
  await waitFor('the next run', async () => {
    if (performance.now() - toldMs > calmMs) {
      await handle.signal('factsChanged', { marked: 0 });
      toldMs = performance.now();
    }
    return (await handle.describe()).runId !== runId;
  });
  await handle.signal('factsChanged', { marked: 0 });
  await night;
}

/** Answers 503 to the next reads of one kind. */
async function failing({ factorial }: World, path: string, times: number): Promise<void> {
  await factorial('POST', 'faults', { kind: 'status', status: 503, method: 'GET', path, times });
}

async function seedEmployees({ factorial, service }: World, count: number): Promise<void> {
  const people = await factorial<{ email: string; startsOn: string }[]>('GET', 'seed-people');
  for (const [index, { email, startsOn }] of people.slice(0, count).entries())
    await service('PUT', `/api/employees/e${index + 1}`, { name: 'Somebody', email, startsOn, endsOn: null });
  await service('PUT', '/api/day-types/vacation', { name: 'Vacation', color: '#2E9E6B', expectedMinutes: 0 });
  await service('PUT', '/api/day-types/remote', { name: 'Remote', color: '#3B7DD8', expectedMinutes: 480 });
}

async function tokenVersion({ db, tenantId }: World): Promise<number | undefined> {
  return (await db.tokenPair.findUnique({ where: { tenantId }, select: { version: true } }))?.version;
}

const hasTokens = async (world: World): Promise<boolean> => (await tokenVersion(world)) !== undefined;

async function unfinished({ db, tenantId }: World): Promise<number> {
  return await db.reconciliation.count({ where: { tenantId, status: { in: ['queued', 'running'] } } });
}

interface Story {
  readonly name: string;
  readonly env: Record<string, string>;
  play(world: World): Promise<void>;
}

const stories: readonly Story[] = [
  // Polls once a day: the night is not filled with them.
  { name: 'night', env: { HOLIDAY_POLL_MINUTES: String(dayMs / 60_000) }, play: playNight },
  { name: 'token', env: {}, play: playToken },
];

/** The files of one story, by name. */
async function record(story: Story): Promise<Map<string, RecordedRun>> {
  const world = await createWorld({
    tenantId: `recorded-${story.name}`,
    seed: smallCompany,
    employees: false,
    env: story.env,
  });
  try {
    await story.play(world);
    // What the workflow still does after the last thing that was waited for belongs to the history.
    await waitFor('the workflow to rest', async () => (await pendingWork(world)) === 0);
    const runs = await fetchRuns(world.temporal.client, `TenantId = '${world.tenantId}'`);
    runs.push(...(await rounds(world)));
    return new Map(
      [...byType(runs)].flatMap(([kind, ofKind]) =>
        ofKind.map((run, index) => [`${story.name}-${kind}-${index + 1}.json`, run] as const),
      ),
    );
  } catch (error) {
    // Told before the world is closed under what is still on its way.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    throw error;
  } finally {
    await world.close();
  }
}

async function pendingWork({ temporal, tenantId }: World): Promise<number> {
  const handle = temporal.client.workflow.getHandle(connectionWorkflowId(tenantId));
  const { raw } = await handle.describe();
  return (
    (raw.pendingActivities?.length ?? 0) +
    (raw.pendingChildren?.length ?? 0) +
    (raw.pendingWorkflowTask ? 1 : 0)
  );
}

function byType(runs: readonly RecordedRun[]): Map<string, RecordedRun[]> {
  const groups = new Map<string, RecordedRun[]>();
  for (const run of runs) {
    const kind = run.type.replace('Workflow', '');
    groups.set(kind, [...(groups.get(kind) ?? []), run]);
  }
  return groups;
}

/** One event a line, so that a change of a history can be read. */
function write(name: string, { history, workflowId }: RecordedRun): void {
  const events = history.events.map((event) => JSON.stringify(event).replaceAll(root, '')).join(',\n');
  writeFileSync(join(folder, name), `{"events":[\n${events}\n]}\n`);
  process.stdout.write(`${name}: ${workflowId}, ${history.events.length} events\n`);
}

const servers = await startTestServers();
process.env['TEST_SERVERS_URL'] = servers.url; // oxlint-disable-line node/no-process-env -- what jest's set-up does
try {
  const recorded = new Map<string, RecordedRun>();
  for (const story of stories) for (const [name, run] of await record(story)) recorded.set(name, run);
  for (const file of readdirSync(folder)) if (file.endsWith('.json')) rmSync(join(folder, file));
  for (const [name, run] of recorded) write(name, run);
} finally {
  await servers.stop();
}
