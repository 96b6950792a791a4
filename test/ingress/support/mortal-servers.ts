import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startGuardian } from '../../../stack/guardian.ts';
import type { ManagedProcess } from '../../../stack/managed-process.ts';
import { migrateDatabase } from '../../../stack/migrate-database.ts';
import { freePort } from '../../../stack/ports.ts';
import { ensureDatabase, startPostgres, type PostgresServer } from '../../../stack/postgres.ts';
import { startTemporalServer } from '../../../stack/temporal-server.ts';
import { temporalCli } from '../../../stack/tools.ts';
import type { TestNamespace } from '../../support/temporal-namespace.ts';

export type ServerName = 'postgres' | 'temporal';

/** A PostgreSQL and a Temporal of one's own. What they have said is done survives a SIGKILL, as in production. */
export interface MortalServers {
  readonly databaseUrl: string;
  readonly temporal: TestNamespace;
  /** SIGKILL. */
  kill(name: ServerName): Promise<void>;
  /** On the same port, with the data that it left. */
  start(name: ServerName): Promise<void>;
  close(): Promise<void>;
}

const namespace = 'default';
const database = 'workmeter';

export async function startMortalServers(): Promise<MortalServers> {
  const guardian = startGuardian();
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-mortal-'));
  chmodSync(folder, 0o755); // PostgreSQL may run as another user than ours
  guardian.removeAtEnd(folder);
  const password = randomBytes(12).toString('hex');
  const [postgresPort, temporalPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${temporalPort}`;

  const postgres = async (): Promise<PostgresServer> =>
    await startPostgres({ folder: join(folder, 'postgres'), port: postgresPort, password, guardian });
  const starts: Record<ServerName, () => Promise<ManagedProcess>> = {
    postgres: async () => (await postgres()).process,
    temporal: async () =>
      await startTemporalServer({
        cli: temporalCli(),
        port: temporalPort,
        namespace,
        databaseFile: join(folder, 'temporal.db'),
        guardian,
      }),
  };
  const running = new Map<ServerName, ManagedProcess>();
  const start = async (name: ServerName): Promise<void> => void running.set(name, await starts[name]());
  const removeAll = async (): Promise<void> => {
    await Promise.all([...running.values()].map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    await guardian.release();
  };

  try {
    const startingTemporal = start('temporal');
    const server = await postgres();
    running.set('postgres', server.process);
    await ensureDatabase(server, database);
    await migrateDatabase(server.url(database), { guardian });
    await startingTemporal;
    const connection = await Connection.connect({ address });
    const client = new Client({ connection, namespace, identity: 'test' });
    return {
      databaseUrl: server.url(database),
      temporal: { address, namespace, connection, client, close: () => connection.close() },
      kill: async (name) => {
        const victim = running.get(name);
        running.delete(name);
        victim?.kill('SIGKILL');
        await victim?.exited;
      },
      start,
      close: async () => {
        await connection.close();
        await removeAll();
      },
    };
  } catch (error) {
    await removeAll();
    throw error;
  }
}
