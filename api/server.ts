import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import { collectDefaultMetrics } from 'prom-client';
import { configOrExit } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { onShutdown } from '../platform/shutdown.ts';
import { isTemporalReachable, openTemporal } from '../platform/temporal.ts';
import { createCipher } from '../repositories/cipher.ts';
import { createDatabase } from '../repositories/database.ts';
import { buildApp } from './app.ts';
import { registerCensus } from './census-metrics.ts';
import { createDoorbell } from './doorbell.ts';
import { createMetrics } from './metrics.ts';
import { registerDocs } from './plugins/docs.ts';
import { registerWeb } from './plugins/web.ts';
import { createRelay } from './relay.ts';
import { createReplayRunner } from './temporal-replays.ts';
import { createSignalSender } from './temporal-signals.ts';
import { createTokenVerifier } from './token-verifier.ts';

/** A body of which no id could be read is kept this long, for us to find out why (design.md rule 16). */
const unreadableBodyDays = 7;

/** The API process: reads its configuration, builds, listens, and stops in order. Starts without Temporal too. */
const config = configOrExit('api');
const logger = createLogger({ process: 'api', level: config.logLevel });
const db = createDatabase(config.databaseUrl);
const connection = openTemporal(config.temporal);
const { namespace } = config.temporal;
// Where nobody asked for traces, nothing of them is loaded.
const traces = config.tracing && (await import('./traces.ts')).createApiTraces(config.tracing, logger);
const client = new Client({
  connection,
  namespace,
  interceptors: { workflow: traces === undefined ? [] : [traces.interceptor] },
});
const metrics = createMetrics();
collectDefaultMetrics({ register: metrics.registry });
registerCensus(metrics.registry, db, logger);
const doorbell = createDoorbell(createSignalSender(client, logger));
const retention = {
  rowDays: config.inboxRetentionDays,
  bodyDays: unreadableBodyDays,
  changeDays: config.changesRetentionDays,
  historyDays: config.historyRetentionDays,
};
const relay = createRelay({ db, doorbell, metrics, logger, retention });

const app = await buildApp({
  db,
  config,
  cipher: createCipher(config.encryptionKeys),
  auth: createTokenVerifier(config.auth),
  doorbell,
  relay: {
    notify: (tenantId) => {
      traces?.delivered(tenantId);
      relay.notify(tenantId);
    },
  },
  ...(traces !== undefined && { traces }),
  replays: createReplayRunner(client, logger),
  temporal: { isReachable: () => isTemporalReachable(connection, namespace) },
  metrics,
  logger,
  now: Date.now,
});
await registerDocs(app);
await registerWeb(app, config);

onShutdown(
  async () => {
    await app.close(); // takes no new request, ends those under way
    await relay.stop();
    await doorbell.close();
    await connection.close();
    await db.$disconnect();
    await traces?.stop();
  },
  { logger },
);

await app.listen({ host: config.host, port: config.port });
relay.start();
const { port } = app.server.address() as AddressInfo; // a TCP server, so never a path
process.stdout.write(`${JSON.stringify({ ready: true, url: `http://localhost:${port}` })}\n`);
