import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { createDatabaseProxy } from '../api/support/database-proxy.ts';
import { authSecret, createTestApp } from '../api/support/test-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProcess, type StartedProcess } from '../support/process.ts';
import { countUnrung } from '../support/rung-for.ts';
import { connectTestTemporal, uniqueName, type TestTemporal } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { connectTenant } from './support/tenant.ts';

let database: TestDatabase;
let db: Database;
let temporal: TestTemporal;
let silence: { address: string; close(): void };
const started: StartedProcess[] = [];
/** Above what anything here takes on a busy machine. */
const busyMs = 60_000;
const testMs = 4 * busyMs;

beforeAll(async () => {
  [database, temporal, silence] = await Promise.all([
    createTestDatabase(),
    connectTestTemporal(),
    listenAndSayNothing(),
  ]);
  db = createDatabase(database.url, 4);
}, testMs);
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.kill('SIGKILL')));
});
afterAll(async () => {
  silence.close();
  await db.$disconnect();
  await temporal.close();
  await database.drop();
});

/** A Temporal that takes connections and never answers: whoever signals it is caught between commit and signal. */
async function listenAndSayNothing(): Promise<{ address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function startApi(temporalAddress: string): Promise<{ url: string; process: StartedProcess }> {
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
  const line = await process.waitForLine('"ready":true', busyMs);
  return { url: (JSON.parse(line) as { url: string }).url, process };
}

describe('an API that is killed', () => {
  it(
    'between commit and signal leaves nothing unsaid: the next one rings for it',
    async () => {
      const tenant = uniqueName('killed');
      const deliver = await connectTenant(db, tenant);
      const doomed = await startApi(silence.address);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          deliver(doomed.url, { id: `${n}`, updated_at: '2026-11-20T10:00:00Z' }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      await waitFor(
        'a ring to be under way',
        async () => (await db.relayState.count({ where: { tenantId: tenant } })) > 0,
        busyMs,
      );
      await doomed.process.kill('SIGKILL');
      expect(await countUnrung(db, tenant)).toBe(20);

      await startApi(temporal.address);

      await waitFor('all to be rung for', async () => (await countUnrung(db, tenant)) === 0, busyMs);
      const workflow = temporal.client.workflow.getHandle(connectionWorkflowId(tenant));
      const { events } = await workflow.fetchHistory();
      const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal
          ? [[signal.signalName, JSON.parse(Buffer.from(signal.input?.payloads?.[0]?.data ?? []).toString())]]
          : [],
      );
      expect(signals).toEqual([['webhooksReceived', { counts: { 'timeoff/leave/update': 20 } }]]);
      await workflow.terminate();
    },
    testMs,
  );

  it(
    'while deliveries pour in has stored each one that it acknowledged',
    async () => {
      const tenant = uniqueName('poured');
      const deliver = await connectTenant(db, tenant);
      const { url, process } = await startApi(silence.address);
      const acknowledged: string[] = [];
      const lane = async (name: number): Promise<void> => {
        for (let n = 0; ; n += 1) {
          const id = `${name}-${n}`;
          const answer = await deliver(url, { id }).catch(() => null);
          if (answer === null) return; // it is gone
          if (answer.status === 200) acknowledged.push(id);
        }
      };
      const lanes = Array.from({ length: 8 }, (_, name) => lane(name));
      await waitFor('some answers', () => acknowledged.length > 20, busyMs);
      await process.kill('SIGKILL');
      await Promise.all(lanes);

      const rows = await db.inboxRow.findMany({ where: { tenantId: tenant }, select: { resourceId: true } });
      const stored = new Set(rows.map(({ resourceId }) => resourceId));
      expect(acknowledged.length).toBeGreaterThan(20);
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    },
    testMs,
  );
});

describe('a database that goes away while deliveries pour in', () => {
  it(
    'makes them wait with 503 and a time to come back; none is acknowledged without a row',
    async () => {
      const proxied = await createTestDatabase();
      const proxy = await createDatabaseProxy(proxied.url);
      const t = await createTestApp({ db: createDatabase(proxy.url, 4) });
      const direct = createDatabase(proxied.url, 2);
      try {
        const tenant = uniqueName('away');
        const deliver = await connectTenant(direct, tenant);
        const answers: { id: string; status: number; retryAfter: string | null }[] = [];
        let isOver = false;
        const lane = async (name: number): Promise<void> => {
          for (let n = 0; !isOver; n += 1) {
            const id = `${name}-${n}`;
            const { status, headers } = await deliver(t.url, { id });
            answers.push({ id, status, retryAfter: headers.get('retry-after') });
          }
        };
        const lanes = Array.from({ length: 8 }, (_, name) => lane(name));
        const count = (isSo: (status: number) => boolean): number =>
          answers.filter(({ status }) => isSo(status)).length;
        const someMore = async (what: string, isSo: (status: number) => boolean): Promise<void> => {
          const before = count(isSo);
          await waitFor(what, () => count(isSo) >= before + 8, busyMs);
        };
        for (let times = 0; times < 3; times += 1) {
          await someMore('deliveries to be taken', (status) => status === 200);
          proxy.cut();
          await someMore('deliveries to be refused', (status) => status !== 200);
          proxy.restore();
        }
        await someMore('deliveries to be taken again', (status) => status === 200);
        isOver = true;
        await Promise.all(lanes);

        const rows = await direct.inboxRow.findMany({
          where: { tenantId: tenant },
          select: { resourceId: true },
        });
        const stored = new Set(rows.map(({ resourceId }) => resourceId));
        const [taken, refused] = [
          answers.filter(({ status }) => status === 200),
          answers.filter(({ status }) => status !== 200),
        ];
        expect(taken.filter(({ id }) => !stored.has(id))).toEqual([]);
        // What is taken for a failure of ours says in the log what it is.
        expect(t.logged().match(/.*"request failed".*/g) ?? []).toEqual([]);
        expect(refused.filter(({ status, retryAfter }) => status !== 503 || Number(retryAfter) < 1)).toEqual(
          [],
        );
      } finally {
        await t.deps.db.$disconnect();
        await t.close();
        await direct.$disconnect();
        await proxy.close();
        await proxied.drop();
      }
    },
    testMs,
  );
});
