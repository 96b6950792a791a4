import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { auditId, connectionWorkflowId, supervisorId, taskQueue } from '../../contracts/temporal/names.ts';
import { createCipher } from '../../repositories/cipher.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { ensureTenant } from '../../repositories/tenants.ts';
import { askServer } from '../support/ask-server.ts';
import { bundleChanged } from '../support/changed-workflows.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ops } from '../support/ops.ts';
import { connect, waitForReconciliation } from '../support/story.ts';
import { createTestNamespace, type TestNamespace } from '../support/temporal-namespace.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';
import { createFakes } from '../workflows/support/fake-activities.ts';
import { deploymentOptions } from '../../worker/deployment.ts';
import { ensureSupervision } from '../../worker/supervision.ts';

/** Each trouble is planted, and must be found: a doctor that finds nothing is no proof of health. */

interface FoundData {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly todo: string | null;
}

const examine = async (env: Record<string, string>): Promise<FoundData[]> =>
  JSON.parse((await ops(env, ['doctor', '--json'])).out) as FoundData[];
const troubles = (findings: FoundData[]): FoundData[] => findings.filter(({ status }) => status !== 'ok');
const found = (findings: FoundData[], check: string): FoundData[] =>
  troubles(findings).filter((finding) => finding.check === check);

describe('of a stack that runs', () => {
  let world: World;
  let env: Record<string, string>;
  beforeAll(async () => {
    world = await createWorld({ seed: { people: 2, absences: 2, locations: 1 }, employees: false });
    env = {
      DATABASE_URL: world.databaseUrl,
      TEMPORAL_ADDRESS: world.temporal.address,
      TEMPORAL_NAMESPACE: world.temporal.namespace,
    };
    await ensureSupervision(world.temporal.client);
    await connect(world);
    await waitForReconciliation(world);
    await waitFor('the subscriptions to be made', async () => (await broken()) === 0);
  }, 90_000);
  afterAll(async () => {
    await world?.close();
  });

  const broken = () =>
    world.db.subscription.count({ where: { tenantId: world.tenantId, state: { not: 'active' } } });
  const handle = () => world.temporal.client.workflow.getHandle(connectionWorkflowId(world.tenantId));

  it('says that everything is in order, and exits with 0', async () => {
    const { exitCode, out } = await ops(env, ['doctor']);

    expect(out).toContain('Everything is in order.');
    expect(out).toContain('✓ connection workflows: 1 of 1 run');
    expect(out).toContain('✓ clocks: Temporal and this host agree');
    expect(out).toContain('✓ audit: checks the rules on live data every hour');
    expect(out).toContain('✓ deployment: workers are not versioned');
    expect(out).toContain('✓ keys: not set here');
    expect(exitCode).toBe(0);
  });

  it('shows what the workflow waits for', async () => {
    const { out } = await ops(env, ['show', world.tenantId]);

    expect(out).toMatch(/Workflow factorial-connection\/acme: running, run .* events/);
    expect(out).toContain('| Waits for |');
  });

  it('replays the workflow’s history against this code, and says where other code would part from it', async () => {
    const args = ['history', 'replay', connectionWorkflowId(world.tenantId)];
    const changed = await bundleChanged({
      file: 'contracts/temporal/names.ts',
      from: '`factorial-reconciliation/${tenantId}',
      to: '`factorial-comparison/${tenantId}',
    });

    const same = await ops(env, args, {
      workflowCode: { workflowBundle: await askServer('/workflow-bundle') },
    });
    const other = await ops(env, args, { workflowCode: { workflowBundle: changed } });
    const missing = await ops(env, ['history', 'replay', 'factorial-connection/nobody']);

    expect(same).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/✓ connectionWorkflow .* follows/),
    });
    expect(other.exitCode).toBe(1);
    expect(other.out).toMatch(
      /diverges at event \d+\n +history has: StartChildWorkflowExecutionInitiated factorial-reconciliation\/acme\/.*\n +code wants: +factorial-comparison\/acme\//,
    );
    expect(missing).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Ids: factorial-connection/<tenant>'),
    });
  }, 60_000);

  it('finds that the keys of an environment are not those that encrypted', async () => {
    const ENCRYPTION_KEYS = `test:${Buffer.alloc(32, 9).toString('base64')}`;

    const findings = found(await examine({ ...env, ENCRYPTION_KEYS }), 'keys');

    expect(findings.map(({ message }) => message)).toEqual([
      '1 values of credential_versions.client_secret cannot be decrypted; they name the key «test»',
      '1 values of token_pairs.access_token cannot be decrypted; they name the key «test»',
      '19 values of subscriptions.key cannot be decrypted; they name the key «test»',
      '19 values of subscriptions.challenge cannot be decrypted; they name the key «test»',
    ]);
    expect(findings[0]).toMatchObject({
      status: 'error',
      todo: expect.stringContaining('docs/deploy.md, Keys'),
    });
  });

  it.each([
    ['supervisor', supervisorId],
    ['audit', auditId],
  ])('finds that the %s is paused', async (check, scheduleId) => {
    await world.temporal.client.schedule.getHandle(scheduleId).pause('for a test');

    expect(found(await examine(env), check)[0]?.message).toBe('is paused: for a test');
  });

  it('finds a workflow that was terminated, and repair starts it again', async () => {
    await handle().terminate();
    const findings = await waitFor('the list to show it', async () => {
      const now = await examine(env);
      return found(now, 'connection workflows').length > 0 ? now : null;
    });

    const planned = await ops(env, ['repair', '--dry-run']);
    const stillGone = (await handle().describe()).status.name;
    const repaired = await ops(env, ['repair']);

    expect(found(findings, 'connection workflows')[0]).toMatchObject({
      status: 'error',
      message: '1 of 1 do not run: acme',
      todo: expect.stringContaining('npm run ops -- repair'),
    });
    expect(planned.out).toContain('would start the workflow of acme');
    expect(stillGone).toBe('TERMINATED');
    expect(repaired).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('done: start the workflow of acme'),
    });
    expect((await handle().describe()).status.name).toBe('RUNNING');
  });

  it('finds a subscription that is gone, and repair has it made anew', async () => {
    const type = 'timeoff/leave/create';
    const where = { tenantId: world.tenantId, type };
    await world.db.subscription.updateMany({ where, data: { state: 'missing' } });

    const findings = await examine(env);
    const repaired = await ops(env, ['repair']);

    expect(found(findings, 'subscriptions')[0]).toMatchObject({
      status: 'warning',
      message: 'not active at 1 tenants (1 missing): acme',
    });
    expect(repaired.out).toContain('done: check the subscriptions of acme');
    await waitFor('it to be active again', async () => (await broken()) === 0, 30_000);
  });
});

describe('of what is missing', () => {
  let database: TestDatabase;
  let temporal: TestNamespace;
  let db: Database;
  let env: Record<string, string>;
  const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);

  beforeAll(async () => {
    [database, temporal] = await Promise.all([createTestDatabase(), createTestNamespace()]);
    db = createDatabase(database.url, 3);
    env = {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    for (const tenantId of ['late', 'over']) await ensureTenant(db, tenantId);
    await db.connection.createMany({
      data: [
        { tenantId: 'late', status: 'connected', generation: 1 },
        { tenantId: 'over', status: 'expired', generation: 1 },
      ],
    });
    await db.inboxRow.create({
      data: {
        tenantId: 'late',
        generation: 1,
        topic: 'timeoff/leave/create',
        resourceId: '1',
        bodyHash: 'h',
        receivedAt: hoursAgo(2),
      },
    });
    await db.reconciliation.create({
      data: {
        tenantId: 'late',
        id: '00000000-0000-4000-8000-000000000001',
        trigger: 'nightly',
        status: 'completed',
        generation: 1,
        verified: true,
        finishedAt: hoursAgo(40),
      },
    });
    await db.failure.create({
      data: {
        tenantId: 'late',
        id: '00000000-0000-4000-8000-000000000002',
        resource: 'absences',
        factorialId: '1',
        code: 'schema_drift',
        message: 'm',
        firstAt: hoursAgo(3),
        lastAt: hoursAgo(2),
      },
    });
  }, 60_000);
  afterAll(async () => {
    await db?.$disconnect();
    await temporal?.close();
    await database?.drop();
  });

  it('finds everything at once, each with what to do, and exits with 1', async () => {
    const { exitCode, out } = await ops(env, ['doctor', '--json']);
    const findings = JSON.parse(out) as FoundData[];

    expect(exitCode).toBe(1);
    expect(troubles(findings).map(({ check, message }) => `${check}: ${message}`)).toEqual([
      'worker: nobody polls the task queue factorial-sync',
      'supervisor: there is no Schedule «factorial-supervisor»',
      'audit: there is no Schedule «factorial-audit»',
      'connection workflows: 2 of 2 do not run: late, over',
      'relay: 1 deliveries wait to be rung for, the oldest 120 min',
      'tokens: 1 connections have expired: over',
      'deliveries: the oldest has waited for over an hour at 1 tenants: late',
      'nights: 1 tenants were not verified for 36 hours: late',
      'failures: 1 are open at 1 tenants: late',
      'subscriptions: not active at 1 tenants (19 missing): late',
    ]);
    for (const { todo } of troubles(findings)) expect(todo).toMatch(/\w+/);
  });

  it('finds a search attribute that is missing, and repair registers it', async () => {
    await temporal.connection.operatorService.removeSearchAttributes({
      namespace: temporal.namespace,
      searchAttributes: ['OpenFailures'],
    });
    const findings = await waitFor('the removal to be seen', async () => {
      const now = await examine(env);
      return found(now, 'search attributes').length > 0 ? now : null;
    });

    await ops(env, ['repair']);

    expect(found(findings, 'search attributes')[0]?.message).toBe('missing: OpenFailures');
    await waitFor(
      'it to be there again',
      async () => found(await examine(env), 'search attributes').length === 0,
    );
  });

  it('finds a namespace that is not there', async () => {
    const findings = await examine({ ...env, TEMPORAL_NAMESPACE: 'nowhere' });

    expect(found(findings, 'Temporal')[0]?.message).toBe('there is no namespace «nowhere»');
  });

  it('finds a Temporal that does not answer', async () => {
    const findings = await examine({ ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });

    expect(found(findings, 'Temporal')[0]?.message).toBe('does not answer');
    expect(found(findings, 'tokens')).toHaveLength(1);
  });

  it('finds a database without its tables, and one that does not answer', async () => {
    const empty = await createEmptyDatabase();

    const findings = await examine({ ...env, DATABASE_URL: empty.url });
    const away = await examine({ ...env, DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:1/nothing' });

    await empty.drop();
    expect(found(findings, 'migrations')[0]).toMatchObject({
      message: expect.stringContaining('not applied: 20261122000000_init'),
      todo: expect.stringContaining('npm run migrate'),
    });
    expect(found(away, 'database')[0]?.message).toBe('does not answer');
  });

  it('finds a migration that this code does not know', async () => {
    await db.$executeRaw`
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES ('x', 'x', '29990101000000_later', now(), 1)`;

    expect(found(await examine(env), 'migrations')[0]?.message).toContain('29990101000000_later');
  });

  it('finds a key that the ring lacks, and is content with one that is there', async () => {
    const key = Buffer.alloc(32, 7);
    const cipher = createCipher([{ id: 'old', key }]);
    const place = { tenantId: 'late', column: 'inbox.body' };
    await db.inboxRow.updateMany({ data: { bodyEnc: cipher.encrypt('{', place) } });
    const ring = (...ids: string[]) => ids.map((id) => `${id}:${key.toString('base64')}`).join(',');

    const lacking = found(await examine({ ...env, ENCRYPTION_KEYS: ring('new') }), 'keys');
    const whole = await examine({ ...env, ENCRYPTION_KEYS: ring('new', 'old') });

    expect(lacking.map(({ message }) => message)).toEqual([
      '1 values of inbox.body cannot be decrypted; they name the key «old»',
    ]);
    expect(whole.find(({ check }) => check === 'keys')).toMatchObject({
      status: 'ok',
      message: 'ENCRYPTION_KEYS decrypt what is stored',
    });
  });

  it('finds that the version which is current is not this build, or that nobody of it polls', async () => {
    const deployed = (buildId: string) =>
      examine({ ...env, WORKER_DEPLOYMENT: 'rolling', WORKER_BUILD_ID: buildId });
    const messageOf = (findings: FoundData[]) => findings.find(({ check }) => check === 'deployment');
    const isSeen = (text: string) =>
      waitFor(text, async () => {
        const finding = messageOf(await deployed('v2'));
        return finding?.message.includes(text) === true ? finding : null;
      });
    const makeCurrent = (buildId: string) =>
      temporal.client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: temporal.namespace,
        deploymentName: 'rolling',
        buildId,
        ignoreMissingTaskQueues: true,
        allowNoPollers: true,
        identity: 'test',
      });
    const connection = await NativeConnection.connect({ address: temporal.address });
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      taskQueue,
      workflowBundle: await askServer('/workflow-bundle'),
      activities: createFakes('rolling', Date.now()).activities,
      ...deploymentOptions({ deployment: 'rolling', buildId: 'v1' }),
    });

    const unknown = messageOf(await deployed('v2'));
    await worker.runUntil(async () => {
      const none = await isSeen('no version of «rolling» is current');
      await makeCurrent('v1');
      const other = await isSeen('version «v1» of «rolling» is current');
      const same = messageOf(await deployed('v1'));
      await makeCurrent('v0');
      const gone = await isSeen('no worker of it polls');

      expect(unknown).toMatchObject({
        status: 'error',
        message: 'Temporal knows no deployment «rolling»',
        todo: expect.stringContaining('Start a worker with WORKER_DEPLOYMENT=rolling'),
      });
      expect(none).toMatchObject({
        status: 'error',
        todo: expect.stringContaining('set-current-version --deployment-name rolling --build-id v2'),
      });
      expect(other).toMatchObject({
        status: 'warning',
        message: 'version «v1» of «rolling» is current, and this build is «v2»',
      });
      expect(same).toMatchObject({ status: 'ok', message: 'version «v1» of «rolling» is current' });
      expect(gone).toMatchObject({
        status: 'error',
        message: 'version «v0» of «rolling» is current, and no worker of it polls: no workflow goes on',
      });
    });
    await connection.close();
  }, 90_000);

  it('finds wrong settings before anything else', async () => {
    const findings = await examine({
      ...env,
      TEMPORAL_ADDRESS: 'nonsense',
      ENCRYPTION_KEYS: 'x',
      PUBLIC_URL: 'x',
    });

    expect(findings.map(({ check }) => check)).toEqual(findings.map(() => 'configuration'));
    expect(findings.map(({ message }) => message).join('\n')).toMatch(
      /TEMPORAL_ADDRESS must be host:port[^]*ENCRYPTION_KEYS/,
    );
  });
});
