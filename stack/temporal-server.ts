import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../contracts/temporal/names.ts';
import type { Guardian } from './guardian.ts';
import { startProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';

export interface TemporalServerOptions {
  /** Path of the Temporal CLI. */
  cli: string;
  port: number;
  /** Without it there is no Web UI. */
  uiPort?: number;
  namespace: string;
  /** SQLite file with everything the server keeps; without it, it keeps everything in memory, and is much faster. */
  databaseFile?: string;
  /** Accepts nothing before it is on the disk, as a server in production. */
  waitsForDisk?: boolean;
  logFile?: string;
  /** Settings of the server beside ours. */
  dynamicConfig?: Readonly<Record<string, string>>;
  /** Settings of its process beside ours. */
  env?: Readonly<Record<string, string>>;
  guardian: Guardian;
  signal?: AbortSignal;
}

/** Fairness between tenants is off by default, and exact only with one partition per queue. */
const dynamicConfig = {
  'matching.enableFairness': 'true',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'frontend.WorkflowTimeSkippingEnabled': 'true',
};

/** The CLI's words for the types of our search attributes. */
const cliTypes = {
  KEYWORD: 'Keyword',
  KEYWORD_LIST: 'KeywordList',
  INT: 'Int',
  DATETIME: 'Datetime',
} as const;
const attributeTypes = Object.fromEntries(
  Object.entries(searchAttributes).map(([name, type]) => [name, cliTypes[type]]),
);

/**
 * A write waits for no disk, which makes every step of a workflow several times as fast. A crash of the server loses nothing
 * and a power cut at most the last moments, which the database makes up for; the file stays whole.
 */
const sqlitePragmas = { journal_mode: 'WAL', synchronous: 'NORMAL' };

/** Above what a first start on a slow machine needs. */
const startTimeoutMs = 60_000;

/** The server takes ports of its own at random, and now and then one that somebody just got. */
const attempts = 3;

/** Starts the CLI's dev server with our search attributes; resolved once the namespace answers. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<ManagedProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const server = launch(options);
    try {
      await waitForNamespace(server, `127.0.0.1:${options.port}`, options.namespace);
      return server;
    } catch (cause) {
      const endedItself = server.exit !== null;
      await server.stop();
      options.signal?.throwIfAborted();
      if (endedItself && attempt < attempts) continue;
      throw new Error(`The Temporal server did not start:\n${server.lastLines().join('\n')}`, { cause });
    }
  }
}

function launch(options: TemporalServerOptions): ManagedProcess {
  const settings = {
    '--ip': '127.0.0.1',
    '--port': String(options.port),
    '--namespace': options.namespace,
    ...(options.databaseFile === undefined ? {} : { '--db-filename': options.databaseFile }),
    '--log-level': 'warn',
  };
  return startProcess({
    name: 'temporal',
    command: options.cli,
    args: [
      'server',
      'start-dev',
      ...Object.entries(settings).flat(),
      ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
      ...(options.databaseFile === undefined || options.waitsForDisk === true
        ? []
        : toFlags('--sqlite-pragma', sqlitePragmas)),
      ...toFlags('--search-attribute', attributeTypes),
      ...toFlags('--dynamic-config-value', { ...dynamicConfig, ...options.dynamicConfig }),
    ],
    env: { ...withoutTemporalSettings(process.env), ...options.env },
    guardian: options.guardian,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function toFlags(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

/** The CLI would read the address, namespace or keys of another server from our environment. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** A week of finished runs, so that Monday can look at Friday. Also proves that the namespace answers. */
async function keepHistories(connection: Connection, namespace: string): Promise<void> {
  const config = { workflowExecutionRetentionTtl: msToTs('7 days') };
  await connection.workflowService.updateNamespace({ namespace, config });
}

async function waitForNamespace(server: ManagedProcess, address: string, namespace: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2 s' });
      try {
        await keepHistories(connection, namespace);
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (server.exit || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
