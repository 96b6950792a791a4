import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { loadConfig } from '../../platform/config.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { startSimulator, type Simulator } from '../../simulator/server.ts';
import { freePort } from '../../stack/ports.ts';
import { createTokenMaker } from '../../stack/tokens.ts';
import { createApiCaller, type CallApi } from '../support/callers.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestNamespace, type TestNamespace } from '../support/temporal-namespace.ts';
import { startPartHere } from '../support/world-parts.ts';
import { environmentOf } from '../support/world.ts';
import { allowRedirect } from './player.ts';

/** API, worker, Temporal and PostgreSQL, all of them real; and a Factorial for each history that is played at a time. */
export interface TemporalStage {
  /** Of the histories themselves: its connections are spared when the service loses its own. */
  readonly db: Database;
  readonly temporal: TestNamespace;
  readonly simulators: readonly (Simulator & { readonly url: string })[];
  /** Calls of the API as an admin of a tenant. */
  adminOf(tenantId: string): Promise<CallApi>;
  /** The service loses all connections to its database at once: whatever transaction was open is rolled back. */
  cutConnections(): Promise<void>;
}

const ofHistories = 'histories';

/** Starts everything, lets `work` play on it, and stops it. */
export async function withTemporalStage<T>(
  lanes: number,
  work: (stage: TemporalStage) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  const onClose = (close: () => Promise<unknown>): void => void closers.unshift(close);
  try {
    const database = await createTestDatabase();
    onClose(() => database.drop());
    const temporal = await createTestNamespace();
    onClose(() => temporal.close());
    const simulators: TemporalStage['simulators'][number][] = [];
    for (let lane = 0; lane < lanes; lane += 1) {
      const simulator = await startSimulator({ seed: { people: 1, absences: 1, locations: 1 } });
      onClose(() => simulator.close());
      simulators.push(simulator);
    }
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    for (const simulator of simulators) await allowRedirect(simulator, publicUrl);
    const authSecret = randomBytes(24).toString('hex');
    const factorialUrls = simulators.map(({ url }) => url);
    const places = { databaseUrl: database.url, temporal, publicUrl, authSecret, factorialUrls };
    const config = loadConfig('api', environmentOf(places));
    const own = new URL(database.url);
    own.searchParams.set('application_name', ofHistories);
    const db = createDatabase(own.href, 5);
    onClose(() => db.$disconnect());
    const logger = pino({ level: 'silent' });
    for (const name of ['api', 'worker'] as const) {
      const part = await startPartHere(name, { config, logger });
      onClose(() => part.stop());
    }
    const makeToken = createTokenMaker(authSecret);
    return await work({
      db,
      temporal,
      simulators,
      adminOf: async (tenant) => createApiCaller(publicUrl, await makeToken({ tenant, roles: ['admin'] })),
      cutConnections: async () => {
        await db.$queryRaw`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name <> ${ofHistories} AND backend_type = 'client backend'`;
      },
    });
  } finally {
    for (const close of closers) await close();
  }
}
