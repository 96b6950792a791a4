import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectionWorkflowId,
  reconciliationWorkflowId,
  supervisorId,
  taskQueue,
} from '../../contracts/temporal/names.ts';
import { addDays } from '../../domain/civil-date.ts';
import { ensureSupervision } from '../../worker/supervision.ts';
import { createTenants, type Tenant, type Tenants } from '../connection/tenants.ts';
import {
  F,
  mapAbsenceTypes,
  readDay,
  waitForReconciliation,
  waitUntilComputed,
  type Reconciliation,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';

/** So many tenants; a whole service is seen with `SUPERVISED_TENANTS=200`. */
const count = Number(process.env['SUPERVISED_TENANTS'] ?? 8); // oxlint-disable-line node/no-process-env -- a size, for long runs
/** Half a minute between rounds, a list that is behind, a busy machine. */
const roundsMs = 120_000;
/** What was given to a workflow as long ago as this should have one. */
const aWhileMs = 60_000;
const settledAtOnce = 4;
const setUpMs = 240_000 + count * 5_000;

let tenants: Tenants;
let fleet: Tenant[];
beforeAll(async () => {
  tenants = await createTenants();
  fleet = [];
  while (fleet.length < count) fleet.push(await tenants.newTenant());
  for (let next = 0; next < count; next += settledAtOnce)
    await Promise.all(fleet.slice(next, next + settledAtOnce).map(settle));
  await ensureSupervision(tenants.world.temporal.client);
  await ensureSupervision(tenants.world.temporal.client); // another worker starts
}, setUpMs);
afterAll(async () => {
  await tenants?.close();
});

/** Connected, one employee linked, absences mapped, everything computed. */
async function settle(tenant: Tenant): Promise<void> {
  await tenant.service('PUT', '/api/employees/e1', {
    name: 'Somebody',
    email: null,
    startsOn: null,
    endsOn: null,
  });
  await tenant.service('PUT', '/api/day-types/vacation', {
    name: 'Vacation',
    color: '#2E9E6B',
    expectedMinutes: 0,
  });
  await tenant.service('PUT', '/api/day-types/remote', {
    name: 'Remote',
    color: '#3B7DD8',
    expectedMinutes: 480,
  });
  await tenant.connect();
  await tenant.admin('PUT', `${F}/employees/e1/link`, { profileId: await profileOf(tenant) });
  await mapAbsenceTypes(tenant);
  await waitUntilComputed(tenant, 30_000);
}

async function profileOf({ admin }: Tenant): Promise<string> {
  const { items } = (
    await admin<{ items: { profileId: string; terminatedOn: string | null }[] }>('GET', `${F}/profiles`)
  ).body;
  const [active] = items.filter(({ terminatedOn }) => terminatedOn === null);
  if (active === undefined) throw new Error('Nobody works there.');
  return active.profileId;
}

const handleOf = ({ temporal, tenantId }: Tenant) =>
  temporal.client.workflow.getHandle(connectionWorkflowId(tenantId));

async function isRunning(tenant: Tenant): Promise<boolean> {
  return (await handleOf(tenant).describe()).status.name === 'RUNNING';
}

/** How often a workflow was started, continuing as new not counted. */
async function runsOf({ temporal }: Tenant, workflowId: string): Promise<number> {
  const firsts = new Set<string>();
  for await (const { runId } of temporal.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { raw } = await temporal.client.workflow.getHandle(workflowId, runId).describe();
    firsts.add(raw.workflowExecutionInfo?.firstRunId ?? runId);
  }
  return firsts.size;
}

const starts = (tenant: Tenant): Promise<number> => runsOf(tenant, connectionWorkflowId(tenant.tenantId));

/** Days that the change feed tells again without a difference. */
async function repeatedDays({ db, tenantId }: Tenant): Promise<string[]> {
  const changes = await db.change.findMany({
    where: { tenantId, entity: 'calendar_day' },
    orderBy: { sequence: 'asc' },
  });
  const latest = new Map<string, string>();
  return changes.flatMap(({ entityId, operation, data }) => {
    const now = JSON.stringify([operation, data]);
    const isRepeated = latest.get(entityId) === now;
    latest.set(entityId, now);
    return isRepeated ? [entityId] : [];
  });
}

/** A round at once, as soon as the list that it goes by has this workflow in this status. */
async function beginRoundWith(workflowId: string, status: 'Running' | 'Terminated'): Promise<void> {
  const { client } = tenants.world.temporal;
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = '${status}'`;
  const isListed = async () => (await client.workflow.count(query)).count > 0;
  await waitFor(`${workflowId} to be listed as ${status}`, isListed);
  await client.schedule.getHandle(supervisorId).trigger();
}

const reconciliationsOf = async ({ admin }: Tenant): Promise<Reconciliation[]> =>
  (await admin<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`)).body.items;

describe('the supervisor', () => {
  it(
    'rebuilds every connection workflow that was terminated, each once: no delivery, no command lost, no day told twice',
    async () => {
      // given: deliveries for some tenants and a command for one, while nobody runs
      await tenants.world.stop('worker');
      const leaving = fleet.at(-1);
      const hit = fleet.slice(0, 2);
      const day = await freeDay(hit[0]);
      for (const tenant of hit) await newLeave(tenant, day);
      await tenants.world.factorial('POST', 'deliveries/settle', { timeoutMs: 20_000 });
      await leaving?.admin('POST', `${F}/disconnect`, {}, 202);
      await Promise.all(fleet.map((tenant) => handleOf(tenant).terminate('the suite')));
      const terminatedAt = performance.now();

      // when
      await tenants.world.start('worker');
      for (const tenant of fleet)
        await waitFor(`${tenant.tenantId} to be rebuilt`, () => isRunning(tenant), roundsMs);
      console.log(
        `${count} connection workflows rebuilt within ${Math.round((performance.now() - terminatedAt) / 1000)} s`,
      );

      // then
      for (const tenant of hit)
        await waitFor(
          'the absence',
          async () => (await readDay(tenant, 'e1', day))?.expectedMinutes === 0,
          roundsMs,
        );
      await leaving?.seeCard('be disconnected', ({ status }) => status === 'disconnected', roundsMs);
      for (const tenant of fleet) {
        await waitUntilComputed(tenant, 30_000);
        expect([tenant.tenantId, await starts(tenant), await repeatedDays(tenant)]).toEqual([
          tenant.tenantId,
          2,
          [],
        ]);
      }
    },
    roundsMs * 3 + count * 1_000,
  );

  it(
    'ends a connection workflow of a tenant that nobody knows',
    async () => {
      const { client } = tenants.world.temporal;
      const orphan = await client.workflow.start('connectionWorkflow', {
        taskQueue,
        workflowId: connectionWorkflowId('nobody-knows'),
        args: [{ tenantId: 'nobody-knows' }],
      });
      await beginRoundWith(orphan.workflowId, 'Running');

      await waitFor('a round', async () => (await orphan.describe()).status.name !== 'RUNNING', roundsMs);

      expect((await orphan.describe()).status.name).toBe('TERMINATED');
    },
    roundsMs + 10_000,
  );

  it(
    'lets a reconciliation whose workflow was lost go on at the page it was on',
    async () => {
      const [tenant] = fleet;
      if (tenant === undefined) throw new Error('There is no tenant.');
      const { temporal, tenantId } = tenant;
      await tenant.factorial('POST', 'faults', {
        kind: 'status',
        status: 503,
        method: 'GET',
        path: '/timeoff/leaves',
        times: 1_000,
      });
      const { body } = await tenant.admin<Reconciliation>('POST', `${F}/reconciliations`, {}, 202);
      const handle = temporal.client.workflow.getHandle(reconciliationWorkflowId(tenantId, body.id));
      await waitFor(
        'the sweep of employees',
        async () => {
          const [latest] = await reconciliationsOf(tenant);
          return latest?.id === body.id && (latest.counts['employees']?.read ?? 0) > 0;
        },
        30_000,
      );
      await handle.terminate('the suite');
      await tenant.factorial('DELETE', 'faults');
      await tenant.db.reconciliation.update({
        where: { tenantId_id: { tenantId, id: body.id } },
        data: { startedAt: new Date(Date.now() - aWhileMs) },
      });
      await beginRoundWith(handle.workflowId, 'Terminated');

      const ended = await waitForReconciliation(tenant, body.id, roundsMs);

      expect(ended).toMatchObject({ id: body.id, status: 'completed', verified: true });
      expect(await runsOf(tenant, handle.workflowId)).toBe(2);
    },
    roundsMs + 60_000,
  );

  it('keeps a pause that somebody set on its Schedule, and its own settings otherwise', async () => {
    const { client } = tenants.world.temporal;
    const schedule = client.schedule.getHandle(supervisorId);
    await schedule.pause('maintenance');
    await schedule.update((before) => ({ ...before, spec: { intervals: [{ every: '1h' }] } }));

    await ensureSupervision(client);

    const { spec, state, policies } = await schedule.describe();
    expect(spec.intervals).toEqual([{ every: 30_000, offset: undefined }]);
    expect([state.paused, state.note, policies.overlap]).toEqual([true, 'maintenance', 'SKIP']);
  });
});

/** A working day ahead, weeks after any absence of the seed. */
async function freeDay(tenant: Tenant | undefined): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  for (let ahead = 60; tenant !== undefined && ahead < 90; ahead += 1) {
    const date = addDays(today, ahead);
    const day = await readDay(tenant, 'e1', date);
    if (day !== null && day !== undefined && day.expectedMinutes > 0) return date;
  }
  throw new Error('There is no free day.');
}

async function newLeave(tenant: Tenant, date: string): Promise<void> {
  const { items } = (
    await tenant.admin<{ items: { employeeId: string; link: { profileId: string } | null }[] }>(
      'GET',
      `${F}/employees`,
    )
  ).body;
  const profileId = items.find(({ employeeId }) => employeeId === 'e1')?.link?.profileId;
  await tenant.factorial('POST', `leaves?company_id=${tenant.companyId}`, {
    employee_id: profileId,
    start_on: date,
    leave_type: 'holiday',
    approved: true,
  });
}
