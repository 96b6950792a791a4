import { parseArgs } from 'node:util';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Client } from '@temporalio/client';
import { searchAttributes, taskQueue } from '../contracts/temporal/names.ts';
import { configOrExit } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { connectionOptions, ensureNamespaceSetup, openTemporal } from '../platform/temporal.ts';
import { workflowCode } from '../platform/workflow-code.ts';
import { createDatabase } from '../repositories/database.ts';
import { createWorkerActivities } from './activities.ts';
import { deploymentOptions } from './deployment.ts';
import { createObserver, telemetryOptions } from './metrics.ts';
import { ensureSupervision } from './supervision.ts';
import { untraced } from './untraced.ts';

/** Activities at a time; each holds a database connection while it writes, so the pool is as large. */
const concurrentActivities = 20;
/** Longer than an exchange with Factorial and shorter than a container's stop time. */
const graceTime = '20 s';

const { values: given } = parseArgs({ options: { 'workflow-bundle': { type: 'string' } } });
const config = configOrExit('worker');
const logger = createLogger({ level: config.logLevel, process: 'worker' });
Runtime.install({
  logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
    if (level === 'ERROR') logger.error({ ...meta }, message);
    else if (level === 'WARN') logger.warn({ ...meta }, message);
    else logger.debug({ ...meta }, message);
  }),
  telemetryOptions: telemetryOptions(config.metricsPort),
});

const db = createDatabase(config.databaseUrl, concurrentActivities + 5);
const { namespace } = config.temporal;
const clientConnection = openTemporal(config.temporal);
const client = new Client({ connection: clientConnection, namespace });
if ((await ensureNamespaceSetup(clientConnection, namespace, searchAttributes)) === 'not_offered')
  logger.warn({ namespace }, 'search attributes cannot be compared here: docs/deploy.md, Temporal Cloud');
await ensureSupervision(client);

const connection = await NativeConnection.connect(connectionOptions(config.temporal));
// Where nobody asked for traces, nothing of them is loaded.
const traces = config.tracing && (await import('./traces.ts')).createWorkerTraces(config.tracing, logger);
const measured = createObserver(Runtime.instance().metricMeter);
const observer = traces?.watch(measured) ?? measured;
const code = workflowCode(given['workflow-bundle']);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  ...code,
  interceptors: { ...code.interceptors, ...traces?.interceptors },
  sinks: traces?.sinks ?? untraced,
  ...deploymentOptions(config),
  activities: createWorkerActivities({ config, db, client, logger, observer }),
  maxConcurrentActivityTaskExecutions: concurrentActivities,
  maxCachedWorkflows: 300,
  // Eager dispatch goes round the queue, and so round fairness between tenants.
  maxEagerActivityReservationsPerWorkflowTask: 0,
  shutdownGraceTime: graceTime,
  shutdownForceTime: '30 s',
});

const running = worker.run(); // stops by itself at SIGTERM and SIGINT
console.log(JSON.stringify({ ready: true, taskQueue }));
await running;
await connection.close();
await clientConnection.close();
await db.$disconnect();
await traces?.stop();
process.exit(0);
