import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { startGuardian } from '../stack/guardian.ts';
import type { ManagedProcess } from '../stack/managed-process.ts';
import { freePort } from '../stack/ports.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { startTemporalServer } from '../stack/temporal-server.ts';
import { temporalCli } from '../stack/tools.ts';
import type { BenchOptions } from './options.ts';
import { tell } from './progress.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** A whole stack with empty data, and what a benchmark needs to look into it. */
export interface BenchStack {
  readonly apiUrl: string;
  readonly simulatorUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly application: Stack['application'];
  readonly tokens: NonNullable<Stack['tokens']>;
  readonly db: pg.Pool;
  readonly databaseUrl: string;
  readonly temporal: Client;
  /** Of the worker that runs now. */
  readonly workerPid: () => number;
  /** SIGKILL of one of our processes, and its next start. */
  readonly crash: Stack['crash'];
  readonly restart: Stack['restart'];
  /** SIGKILL of the Temporal server, and its next start on the same file. */
  readonly killTemporal: () => Promise<void>;
  readonly restartTemporal: () => Promise<void>;
}

/** Settings of another place must not reach a benchmark. */
const foreign = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'AUTH_JWKS_URL',
  'AUTH_SECRET',
  'PUBLIC_URL',
];

export interface BenchStackSettings {
  /** Of the Temporal server. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  /** The Temporal server accepts nothing before it is on the disk, as PostgreSQL: where one is compared with the other. */
  readonly temporalWaitsForDisk?: boolean;
  /** Of our processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Compiles the service, and what it is compared with: what runs from source pays for that with each function that it makes,
 * us more than a baseline, which has few.
 */
export async function build(): Promise<void> {
  tell('building');
  const run = promisify(execFile);
  await run(process.execPath, [join(root, 'scripts/run.mjs'), 'build']);
  await run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--project',
    join(root, 'tsconfig.bench.json'),
  ]);
}

/** Runs `work` on a stack of its own and stops all of it, whatever happens. */
export async function withBenchStack<T>(
  { keep }: BenchOptions,
  work: (stack: BenchStack) => Promise<T>,
  { dynamicConfig = {}, temporalWaitsForDisk = false, env: ownEnv = {} }: BenchStackSettings = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'factorial-workmeter-bench-'));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.includes(name)));
  const port = await freePort();
  const temporalAddress = `127.0.0.1:${port}`;
  const guardian = startGuardian();
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupt.abort(new Error(`stopped by ${signal}`)));

  // The Temporal server is started here, beside the stack, so that it can be killed alone.
  const startTemporal = async (): Promise<ManagedProcess> =>
    await startTemporalServer({
      cli: temporalCli(),
      port,
      namespace: 'default',
      dynamicConfig,
      databaseFile: join(folder, 'temporal.db'),
      waitsForDisk: temporalWaitsForDisk,
      logFile: join(folder, 'temporal.log'),
      guardian,
    });

  let temporalServer: ManagedProcess | undefined;
  let stack: Stack | undefined;
  let db: pg.Pool | undefined;
  let connection: Connection | undefined;
  try {
    tell('starting the Temporal server');
    temporalServer = await startTemporal();
    stack = await startStack({
      seed: false,
      built: true,
      env: {
        ...env,
        DATA_DIR: folder,
        TEMPORAL_ADDRESS: temporalAddress,
        LOG_LEVEL: 'warn',
        PORT: '0',
        PG_PORT: '0',
        SIMULATOR_PORT: '0',
        ...ownEnv,
      },
      signal: interrupt.signal,
      onStep: tell,
    });
    const ours = stack;
    const { urls, tokens, application } = ours;
    if (urls.simulator === null || tokens === null)
      throw new Error('A benchmark needs the simulator and its own tokens.');
    db = new pg.Pool({ connectionString: urls.database, max: 4 });
    db.on('error', () => undefined); // a connection that idles while the stack stops
    connection = await Connection.connect({ address: temporalAddress });
    const interrupted = new Promise<never>((_resolve, reject) => {
      interrupt.signal.addEventListener('abort', () => reject(interrupt.signal.reason as Error));
    });
    return await Promise.race([
      interrupted,
      stack.failed,
      work({
        apiUrl: urls.api.replace('localhost', '127.0.0.1'),
        simulatorUrl: urls.simulator.replace('localhost', '127.0.0.1'),
        temporalAddress,
        namespace: 'default',
        application,
        tokens,
        db,
        databaseUrl: urls.database,
        temporal: new Client({ connection, namespace: 'default' }),
        workerPid: () => ours.children.get('worker')?.pid ?? 0,
        crash: (name) => ours.crash(name),
        restart: (name) => ours.restart(name),
        killTemporal: async () => {
          temporalServer?.kill('SIGKILL');
          await temporalServer?.exited;
        },
        restartTemporal: async () => {
          temporalServer = await startTemporal();
        },
      }),
    ]);
  } finally {
    tell('stopping');
    await db?.end().catch(() => undefined);
    await connection?.close().catch(() => undefined);
    await stack?.stop();
    await temporalServer?.stop();
    await guardian.release();
    if (keep) tell(`the logs: ${folder}`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
