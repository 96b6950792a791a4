import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureNamespaceSetup } from '../../platform/temporal.ts';
import { connectionWorkflowId, searchAttributes } from '../../contracts/temporal/names.ts';
import { hashSecret } from '../../repositories/cipher.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProcess, type StartedProcess } from '../support/process.ts';
import { countUnrung } from '../support/rung-for.ts';
import { connectTestTemporal, uniqueName, type TestTemporal } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { authSecret, makeToken } from './support/test-app.ts';

let database: TestDatabase;
let db: Database;
let temporal: TestTemporal;
const started: StartedProcess[] = [];

beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), connectTestTemporal()]);
  db = createDatabase(database.url, 2);
}, 60_000);
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.kill('SIGKILL')));
});
afterAll(async () => {
  await db.$disconnect();
  await temporal.close();
  await database.drop();
});

async function startServer(temporalAddress: string): Promise<{ url: string; process: StartedProcess }> {
  const process = startProcess('api/server.ts', {
    env: {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: temporal.namespace,
      PUBLIC_URL: 'https://timework.example.com',
      ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 1).toString('base64')}`,
      AUTH_SECRET: authSecret,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
  });
  started.push(process);
  const line = await process.waitForLine('"ready":true');
  return { url: (JSON.parse(line) as { url: string }).url, process };
}

async function connect(tenantId: string): Promise<(url: string) => Promise<Response>> {
  await db.connection.create({ data: { tenantId, status: 'connected', generation: 1 } });
  const secrets = {
    keyHash: hashSecret(`key-${tenantId}`),
    keyEnc: 'k',
    challengeEnc: 'c',
    challengeHash: hashSecret('c'),
  };
  const id = crypto.randomUUID();
  await db.subscription.create({
    data: { tenantId, id, generation: 1, type: 'timeoff/leave/create', ...secrets },
  });
  return (url) =>
    fetch(`${url}/webhooks/factorial/key-${tenantId}/timeoff.leave.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-factorial-wh-challenge': 'c' },
      body: '{"id":"1"}',
    });
}

async function save(url: string, tenant: string): Promise<Response> {
  return await fetch(`${url}/api/integrations/factorial/credentials`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await makeToken({ tenant })}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: 'a', clientSecret: 'b' }),
  });
}

describe('the API process', () => {
  it('starts, stores and answers without Temporal, and stops cleanly', async () => {
    const { url, process } = await startServer('127.0.0.1:9');
    const tenant = uniqueName('tenant');
    const deliver = await connect(tenant);

    expect((await deliver(url)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      status: 'ready',
      database: 'up',
      temporal: 'down',
    });
    const other = uniqueName('tenant');
    expect((await save(url, other)).status).toBe(202);
    const docs = await fetch(`${url}/docs`);
    expect([docs.status, await docs.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_user_seconds_total');
    expect(process.output()).not.toContain(`key-${tenant}`);

    expect(await process.kill('SIGTERM')).toMatchObject({ code: 0 });
    expect(await countUnrung(db, tenant)).toBe(1);
    expect(await db.connectionCommand.count({ where: { tenantId: other, outcome: null } })).toBe(1);
  });

  it('rings Temporal for commands and deliveries, also for those of before, with no worker there', async () => {
    const [left, fresh, wizard] = [uniqueName('left'), uniqueName('fresh'), uniqueName('wizard')];
    await connect(left);
    const row = { generation: 1, topic: 'timeoff/leave/create', resourceId: '1', bodyHash: 'h' };
    await db.inboxRow.create({ data: { tenantId: left, ...row } });
    const deliver = await connect(fresh);

    const { url, process } = await startServer(temporal.address);
    expect((await deliver(url)).status).toBe(200);
    expect((await save(url, wizard)).status).toBe(202);
    await waitFor('all to be rung for', async () => (await countUnrung(db, left, fresh)) === 0);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ temporal: 'up' });

    const signals = async (tenantId: string) => {
      const { events } = await temporal.client.workflow
        .getHandle(connectionWorkflowId(tenantId))
        .fetchHistory();
      return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal?.signalName == null
          ? []
          : [
              [
                signal.signalName,
                JSON.parse(Buffer.from(signal.input?.payloads?.[0]?.data ?? []).toString()) as unknown,
              ],
            ],
      );
    };
    expect(await signals(left)).toEqual([['webhooksReceived', { counts: { 'timeoff/leave/create': 1 } }]]);
    expect(await signals(fresh)).toEqual([['webhooksReceived', { counts: { 'timeoff/leave/create': 1 } }]]);
    const [command] = await db.connectionCommand.findMany({ where: { tenantId: wizard } });
    expect((await signals(wizard))[0]).toEqual(['credentialsSaved', { commandId: command?.id }]);

    const workflow = temporal.client.workflow.getHandle(connectionWorkflowId(wizard));
    const { events } = await workflow.fetchHistory();
    const start = events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(start?.workflowType?.name).toBe('connectionWorkflow');
    expect(start?.taskQueue?.name).toBe('factorial-sync');
    expect(start?.priority?.fairnessKey).toBe(wizard);
    expect(JSON.parse(Buffer.from(start?.input?.payloads?.[0]?.data ?? []).toString())).toEqual({
      tenantId: wizard,
    });
    expect(Buffer.from(start?.searchAttributes?.indexedFields?.['TenantId']?.data ?? []).toString()).toBe(
      `"${wizard}"`,
    );

    await process.kill('SIGTERM');
    await Promise.all(
      [left, fresh, wizard].map((id) =>
        temporal.client.workflow.getHandle(connectionWorkflowId(id)).terminate(),
      ),
    );
  });
});

describe('the namespace', () => {
  const setUp = (attributes: Parameters<typeof ensureNamespaceSetup>[2], namespace = temporal.namespace) =>
    ensureNamespaceSetup(temporal.connection, namespace, attributes);

  it('has our search attributes, and gets one that it lacks', async () => {
    await setUp(searchAttributes);
    await Promise.all([setUp({ ApiTestBool: 'BOOL' }), setUp({ ApiTestBool: 'BOOL' })]);

    await expect(setUp({ ApiTestBool: 'BOOL' })).resolves.toBe('as_wanted');
  });

  it('with a search attribute of another type is named', async () => {
    await setUp({ ApiTestBool: 'BOOL' });

    await expect(setUp({ ApiTestBool: 'DOUBLE' })).rejects.toThrow(/ApiTestBool must be DOUBLE, is BOOL/);
  });

  it('that is not there is named', async () => {
    await expect(setUp(searchAttributes, 'no-such-namespace')).rejects.toThrow(/no-such-namespace/);
  });
});
