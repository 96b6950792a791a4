import type { Client, Connection } from '@temporalio/client';
import {
  connectionWorkflowId,
  searchAttributes,
  taskQueue,
  workflowTypes,
} from '../../contracts/temporal/names.ts';
import {
  compareSearchAttributes,
  ensureNamespaceSetup,
  isTemporalReachable,
} from '../../platform/temporal.ts';
import type { ClockReading } from './clocks.ts';
import { examineDeployments, type DeploymentSettings } from './deployments.ts';
import { named, ok, warning, wrong, type Finding } from './finding.ts';
import { examineSchedules } from './schedules.ts';

export interface TemporalPlace {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
}

/** Longer than any healthy answer. */
const deadlineMs = 3_000;
/** A worker's poll is answered after a minute at the latest, and comes again at once. */
const livePollerMs = 150_000;
/** Tasks that wait longer have no worker, or too few. */
const backlogSeconds = 60;
/** What an operator can still look into the week after; less loses histories while they are needed. */
const retentionDays = 7;

const workflowQueue = 1;
const activityQueue = 2;

/** Whether Temporal answers, knows our namespace and its attributes, has a worker, and fires our Schedules. */
export async function examineTemporal(
  place: TemporalPlace,
  settings: DeploymentSettings,
  nowMs: () => number,
): Promise<{ reachable: boolean; findings: Finding[]; clocks: ClockReading[] }> {
  const { client, connection, namespace } = place;
  if (!(await isTemporalReachable(connection, namespace, deadlineMs))) {
    return { reachable: false, findings: [await whyAway(place)], clocks: [] };
  }
  return await client.withDeadline(Date.now() + 3 * deadlineMs, async () => {
    const findings = [...(await examineNamespace(place)), await examineProblems(client)];
    const workers = await examineWorkers(place, nowMs);
    const deployments = await examineDeployments(place, settings, workers.pollers);
    const schedules = await examineSchedules(client, nowMs);
    return {
      reachable: true,
      findings: [...findings, workers.finding, ...deployments, ...schedules.findings],
      clocks: [workers.clock, ...schedules.clocks].filter((clock) => clock !== null),
    };
  });
}

async function whyAway({ connection, namespace }: TemporalPlace): Promise<Finding> {
  try {
    await connection.withDeadline(Date.now() + deadlineMs, () =>
      connection.workflowService.getSystemInfo({}),
    );
    return wrong(
      'Temporal',
      `there is no namespace «${namespace}»`,
      `Set TEMPORAL_NAMESPACE, or make it: temporal operator namespace create --namespace ${namespace} --retention 7d`,
    );
  } catch {
    return wrong(
      'Temporal',
      'does not answer',
      'Is it running, and are TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS… right? Deliveries are stored meanwhile.',
    );
  }
}

async function examineNamespace(place: TemporalPlace): Promise<Finding[]> {
  const { connection, namespace } = place;
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
  const retention =
    days >= retentionDays
      ? ok('Temporal', `answers; namespace «${namespace}» keeps finished runs for ${days} days`)
      : warning(
          'Temporal',
          `namespace «${namespace}» keeps finished runs for ${days} days only`,
          `temporal operator namespace update --namespace ${namespace} --retention ${retentionDays}d`,
        );
  return [retention, await examineSearchAttributes(place)];
}

async function examineSearchAttributes({ connection, namespace }: TemporalPlace): Promise<Finding> {
  const check = 'search attributes';
  const differences = await compareSearchAttributes(connection, namespace, searchAttributes);
  if (differences === null)
    return warning(
      check,
      'this Temporal does not tell them',
      'Compare them by hand with docs/deploy.md, Temporal Cloud.',
    );
  const { missing, wrong: other } = differences;
  if (other.length > 0)
    return wrong(
      check,
      `of another type than wanted: ${other.map(({ name, type }) => `${name} is ${type}`).join(', ')}`,
      'A type cannot be changed: use another namespace, or remove the attribute and register it anew.',
    );
  if (missing.length > 0)
    return wrong(
      check,
      `missing: ${named(missing)}`,
      'npm run ops -- repair, or start a worker: it registers them.',
      {
        plan: `register ${missing.join(', ')}`,
        run: async () => {
          await ensureNamespaceSetup(connection, namespace, searchAttributes);
          return `registered ${missing.join(', ')}`;
        },
      },
    );
  return ok(check, 'all there, each of its type');
}

/** Workflows whose tasks fail: errors of the code, which the server tells about a minute later. */
async function examineProblems(client: Client): Promise<Finding> {
  const { count } = await client.workflow.count(
    "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'",
  );
  if (count === 0) return ok('workflow tasks', 'none is failing');
  return wrong(
    'workflow tasks',
    `${count} workflows cannot go on: their code fails, or does not fit their history`,
    'Filter the Web UI by TemporalReportedProblems IS NOT NULL; then npm run ops -- history replay <workflowId>.',
  );
}

type Poller = NonNullable<
  Awaited<ReturnType<Connection['workflowService']['describeTaskQueue']>>['pollers']
>[number];

async function examineWorkers(
  { connection, namespace }: TemporalPlace,
  nowMs: () => number,
): Promise<{ finding: Finding; clock: ClockReading | null; pollers: Poller[] }> {
  const from = nowMs();
  const describe = (taskQueueType: number) =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
      reportStats: true,
    });
  const kinds = [await describe(workflowQueue), await describe(activityQueue)];
  const accesses = kinds.flatMap(({ pollers }) =>
    (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000),
  );
  const to = nowMs();
  const isPolled = kinds.every(({ pollers }) =>
    (pollers ?? []).some(
      ({ lastAccessTime }) => to - Number(lastAccessTime?.seconds ?? 0) * 1_000 < livePollerMs,
    ),
  );
  const waiting = Math.max(...kinds.map(({ stats }) => Number(stats?.approximateBacklogAge?.seconds ?? 0)));
  const newest = Math.max(...accesses, 0);
  // A poller's last access is the server's time, at most one long poll old.
  const clock =
    newest === 0 || !isPolled
      ? null
      : {
          of: 'Temporal',
          shownMs: { earliest: newest, latest: newest + livePollerMs },
          oursMs: { from, to },
        };
  return {
    finding: workerFinding(isPolled, kinds, waiting),
    clock,
    pollers: kinds.flatMap(({ pollers }) => pollers ?? []),
  };
}

function workerFinding(
  isPolled: boolean,
  kinds: readonly { pollers?: { identity?: string | null }[] | null }[],
  waitingSeconds: number,
): Finding {
  const check = 'worker';
  if (!isPolled)
    return wrong(
      check,
      `nobody polls the task queue ${taskQueue}`,
      'Start a worker (npm run worker); one that runs says in its log why it cannot poll.',
    );
  const identities = new Set(
    kinds.flatMap(({ pollers }) => (pollers ?? []).map(({ identity }) => identity ?? '')),
  );
  if (waitingSeconds > backlogSeconds)
    return warning(
      check,
      `${identities.size} poll ${taskQueue}, and the oldest task has waited ${waitingSeconds} s`,
      'Start more workers, or find what holds them: docs/runbook.md, "Deliveries pile up".',
    );
  return ok(check, `${identities.size} poll ${taskQueue}`);
}

/** Tenants whose connection workflow should run. Answers the ids of those that do not. */
export async function findStopped(client: Client, tenantIds: readonly string[]): Promise<string[]> {
  const running = new Set<string>();
  const query = `WorkflowType = '${workflowTypes.connection}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) running.add(workflowId);
  return tenantIds.filter((tenantId) => !running.has(connectionWorkflowId(tenantId)));
}
