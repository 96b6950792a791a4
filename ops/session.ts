import { Client, type Connection } from '@temporalio/client';
import { loadConfig, type Environment, type OpsConfig } from '../platform/config.ts';
import { openTemporal } from '../platform/temporal.ts';
import type { WorkflowCode } from '../platform/workflow-code.ts';
import { createDatabase, type Database } from '../repositories/database.ts';

/** What a command stands on: the settings, and where it writes. A process's own, or a test's. */
export interface OpsIo {
  readonly env: Environment;
  readonly now: () => number;
  /** The workflows to replay with; those of this code unless told. */
  readonly workflowCode?: WorkflowCode;
  /** What a script may read: the table or the JSON. */
  readonly out: (text: string) => void;
  /** Progress and troubles. */
  readonly err: (text: string) => void;
}

/** The connections of one command, each opened when first asked for. */
export interface Session {
  readonly io: OpsIo;
  db(): Database;
  temporal(): { readonly client: Client; readonly connection: Connection; readonly namespace: string };
  close(): Promise<void>;
}

export function openSession(io: OpsIo): Session {
  let db: Database | undefined;
  let temporal: ReturnType<Session['temporal']> | undefined;
  return {
    io,
    // As little is asked for as the command needs: the database's settings are those that a migration takes.
    db: () => (db ??= createDatabase(loadConfig('migrate', io.env).databaseUrl, 3)),
    temporal: () => (temporal ??= open(loadConfig('ops', io.env).temporal)),
    async close() {
      await temporal?.connection.close();
      await db?.$disconnect();
    },
  };
}

function open(settings: OpsConfig['temporal']): ReturnType<Session['temporal']> {
  const { namespace } = settings;
  const connection = openTemporal(settings);
  return { connection, namespace, client: new Client({ connection, namespace, identity: 'ops' }) };
}
