import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { buildApp } from '../../api/app.ts';
import { createDoorbell } from '../../api/doorbell.ts';
import { createMetrics } from '../../api/metrics.ts';
import { registerWeb } from '../../api/plugins/web.ts';
import { createRelay } from '../../api/relay.ts';
import { createReplayRunner } from '../../api/temporal-replays.ts';
import { createSignalSender } from '../../api/temporal-signals.ts';
import { createTokenVerifier } from '../../api/token-verifier.ts';
import { createWorkerActivities } from '../../worker/activities.ts';
import { taskQueue } from '../../contracts/temporal/names.ts';
import type { ApiConfig } from '../../platform/config.ts';
import { isTemporalReachable, openTemporal } from '../../platform/temporal.ts';
import { createCipher } from '../../repositories/cipher.ts';
import { createDatabase } from '../../repositories/database.ts';
import { askServer } from './ask-server.ts';
import { startProcess } from './process.ts';
import { installQuietRuntime } from './quiet-runtime.ts';

export type PartName = 'api' | 'worker';

/** The API or a worker of a world, however it runs. */
export interface Part {
  /** In order; or by a signal, where it is a process. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  isRunning(): boolean;
  /** What it has written so far. */
  output(): string;
}

/** What a part is made of: the configuration that its process would read, and where its log goes. */
export interface PartSettings {
  readonly config: ApiConfig;
  readonly logger: Logger;
}

/** A part in this process. Its log goes to the logger. */
export async function startPartHere(name: PartName, settings: PartSettings): Promise<Part> {
  return name === 'api' ? await startApiHere(settings) : await startWorkerHere(settings);
}

/** Wired as `api/server.ts` does it. */
async function startApiHere({ config, logger }: PartSettings): Promise<Part> {
  const { namespace } = config.temporal;
  const db = createDatabase(config.databaseUrl, 8);
  const connection = openTemporal(config.temporal);
  const metrics = createMetrics();
  const client = new Client({ connection, namespace, identity: 'test-api' });
  const doorbell = createDoorbell(createSignalSender(client, logger));
  const relay = createRelay({ db, doorbell, metrics, logger });
  const app = await buildApp({
    db,
    config,
    cipher: createCipher(config.encryptionKeys),
    auth: createTokenVerifier(config.auth),
    doorbell,
    relay,
    replays: createReplayRunner(client, logger),
    temporal: { isReachable: () => isTemporalReachable(connection, namespace) },
    metrics,
    logger,
    now: Date.now,
  });
  await registerWeb(app, config);
  await app.listen({ host: config.host, port: config.port });
  relay.start();
  let isRunning = true;
  return {
    stop: async () => {
      isRunning = false;
      await app.close();
      await relay.stop();
      await doorbell.close();
      await connection.close();
      await db.$disconnect();
    },
    isRunning: () => isRunning,
    output: () => '',
  };
}

/** Wired as `worker/main.ts` does it, with the real activities; the supervisor's Schedule is the suite's to make. */
async function startWorkerHere({ config, logger }: PartSettings): Promise<Part> {
  installQuietRuntime();
  const db = createDatabase(config.databaseUrl, 12);
  const connection = await NativeConnection.connect({ address: config.temporal.address });
  const clientConnection = openTemporal(config.temporal);
  const { namespace } = config.temporal;
  const client = new Client({ connection: clientConnection, namespace, identity: 'test-supervisor' });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    identity: 'test-worker', // stands in histories, which may be recorded
    workflowBundle: await askServer('/workflow-bundle'),
    activities: createWorkerActivities({ config, db, client, logger }),
    maxConcurrentActivityTaskExecutions: 10,
    maxEagerActivityReservationsPerWorkflowTask: 0,
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await clientConnection.close();
      await db.$disconnect();
    },
    isRunning: () => worker.getState() === 'RUNNING',
    output: () => '',
  };
}

/** A process from source takes seconds to start on a busy machine. */
const readyTimeoutMs = 120_000;

const files: Record<PartName, string> = { api: 'api/server.ts', worker: 'worker/main.ts' };

/** A part as a process of its own, that reads `env`. A worker bundles the workflows itself only where it is told to. */
export async function startPartProcess(
  name: PartName,
  env: Record<string, string>,
  bundles: boolean,
): Promise<Part> {
  const isGiven = name === 'worker' && !bundles;
  const args = isGiven ? ['--workflow-bundle', (await askServer('/workflow-bundle')).codePath] : [];
  const child = startProcess(files[name], { args, env });
  try {
    await child.waitForLine('"ready":true', readyTimeoutMs);
  } catch (error) {
    await child.kill('SIGKILL');
    throw error;
  }
  return {
    stop: async (signal) => void (await child.kill(signal)),
    isRunning: child.isRunning,
    output: child.output,
  };
}
