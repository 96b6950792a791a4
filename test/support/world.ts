import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { loadConfig } from '../../platform/config.ts';
import { createCipher, type Cipher } from '../../repositories/cipher.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import type { SeedOptions } from '../../simulator/seed/seed.ts';
import { startSimulator } from '../../simulator/server.ts';
import { freePort } from '../../stack/ports.ts';
import { demoApplication, registerRedirectUri, seedTenant } from '../../stack/seed.ts';
import { createTokenMaker, type TokenMaker } from '../../stack/tokens.ts';
import { createApiCaller, createFactorialCaller, type CallApi, type CallFactorial } from './callers.ts';
import { createTestDatabase } from './database.ts';
import { createTestNamespace, type TestNamespace } from './temporal-namespace.ts';
import { startPartHere, startPartProcess, type Part, type PartName } from './world-parts.ts';

export interface WorldOptions {
  /** Size of the simulated company. */
  readonly seed?: Partial<SeedOptions>;
  /** Whether time@work's employees and day types are written first; they are unless told. */
  readonly employees?: boolean;
  /** `acme` unless told. */
  readonly tenantId?: string;
  /** API and worker as processes of their own, so that they can be killed and their logs read. */
  readonly processes?: boolean;
  /** The worker's process bundles the workflows from their sources, which takes seconds, instead of being given the bundle. */
  readonly bundles?: boolean;
  /** Further settings of API and worker, by the names of contract.md 4. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the servers that all suites share: a migrated database, and a Temporal namespace. Left to their owner. */
  readonly servers?: { readonly databaseUrl: string; readonly temporal: TestNamespace };
}

/**
 * Everything on real parts, for one test file: a database, a Temporal namespace, the simulator, the API and a worker.
 * Nothing of it is shared with another file. `close()` in `afterAll`.
 */
export interface World {
  readonly tenantId: string;
  readonly publicUrl: string;
  readonly factorialUrl: string;
  /** Calls of our API: as an admin, and as time@work itself. */
  readonly admin: CallApi;
  readonly service: CallApi;
  /** What happens in Factorial. */
  readonly factorial: CallFactorial;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly cipher: Cipher;
  readonly temporal: TestNamespace;
  readonly application: typeof demoApplication;
  /** Bearer tokens in use, for suites that look for secrets. */
  readonly bearerTokens: readonly string[];
  /** Signs further tokens that the API accepts. */
  readonly makeToken: TokenMaker;
  /** Both run when the world is made. `env` holds for a process that is started with it. */
  start(part: PartName, env?: Readonly<Record<string, string>>): Promise<void>;
  /** In order; with a signal (SIGKILL is a crash) only in a world of processes. */
  stop(part: PartName, signal?: NodeJS.Signals): Promise<void>;
  /** False also where its process has ended by itself. */
  isRunning(part: PartName): boolean;
  /** Everything that API and worker have logged or printed. */
  logs(): string;
  close(): Promise<void>;
}

/** What API and worker of a suite are configured with; `publicUrl` is where the API listens. */
export function environmentOf(places: {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly publicUrl: string;
  readonly authSecret: string;
  readonly factorialUrls: readonly string[];
}) {
  const { hostname, port } = new URL(places.publicUrl);
  return {
    DATABASE_URL: places.databaseUrl,
    TEMPORAL_ADDRESS: places.temporal.address,
    TEMPORAL_NAMESPACE: places.temporal.namespace,
    HOST: hostname,
    PORT: port,
    PUBLIC_URL: places.publicUrl,
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    AUTH_SECRET: places.authSecret,
    FACTORIAL_EXTRA_HOSTS: places.factorialUrls.join(','),
    // The pace of requests has suites of its own.
    FACTORIAL_REQUESTS_PER_MINUTE: '100000',
  };
}

/** A world whose API and worker run already. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const closers: (() => Promise<unknown>)[] = [];
  const onClose = (close: () => Promise<unknown>): void => void closers.unshift(close);
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0)) await one();
  };
  try {
    return await build(options, onClose, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  {
    seed = {},
    employees = true,
    tenantId = 'acme',
    processes = false,
    bundles = false,
    env: more = {},
    servers,
  }: WorldOptions,
  onClose: OnClose,
  close: () => Promise<void>,
): Promise<World> {
  const [databaseUrl, temporal, simulator] = await Promise.all([
    servers?.databaseUrl ?? sharedDatabase(onClose),
    servers?.temporal ?? sharedTemporal(onClose),
    startSimulator({ port: 0, seed }),
  ]);
  onClose(() => simulator.close());

  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const authSecret = randomBytes(24).toString('hex');
  const env = {
    ...environmentOf({ databaseUrl, temporal, publicUrl, authSecret, factorialUrls: [simulator.url] }),
    LOG_LEVEL: 'debug',
    ...more,
  };
  const config = loadConfig('api', env);
  const db = createDatabase(databaseUrl, 5);
  onClose(() => db.$disconnect());

  let log = '';
  const logger = pino({ level: 'debug' }, { write: (line: string) => void (log += line) });
  const running = new Map<PartName, Part>();
  let ended = '';
  const start: World['start'] = async (name, other = {}) => {
    const part = processes
      ? startPartProcess(name, { ...env, ...other }, bundles)
      : startPartHere(name, { config, logger });
    running.set(name, await part);
  };
  const stop: World['stop'] = async (name, signal) => {
    const part = running.get(name);
    if (part === undefined) return;
    running.delete(name);
    await part.stop(signal);
    ended += part.output();
  };
  onClose(() => stop('worker'));
  onClose(() => stop('api'));
  await Promise.all([start('api'), start('worker'), registerRedirectUri(simulator.url, publicUrl)]);

  const makeToken = createTokenMaker(authSecret);
  const adminToken = await makeToken({ tenant: tenantId, roles: ['admin'], subject: 'ada' });
  const serviceToken = await makeToken({ tenant: tenantId, roles: ['service'], subject: 'time-at-work' });
  if (employees) await seedTenant({ apiUrl: publicUrl, simulatorUrl: simulator.url, serviceToken });

  return {
    tenantId,
    publicUrl,
    factorialUrl: simulator.url,
    admin: createApiCaller(publicUrl, adminToken),
    service: createApiCaller(publicUrl, serviceToken),
    factorial: createFactorialCaller(simulator.url),
    db,
    databaseUrl,
    cipher: createCipher(config.encryptionKeys),
    temporal,
    application: demoApplication,
    bearerTokens: [adminToken, serviceToken],
    makeToken,
    start,
    stop,
    isRunning: (name) => running.get(name)?.isRunning() ?? false,
    logs: () => [log, ended, ...[...running.values()].map((part) => part.output())].join('\n'),
    close,
  };
}

type OnClose = (close: () => Promise<unknown>) => void;

async function sharedDatabase(onClose: OnClose): Promise<string> {
  const database = await createTestDatabase();
  onClose(() => database.drop());
  return database.url;
}

async function sharedTemporal(onClose: OnClose): Promise<TestNamespace> {
  const temporal = await createTestNamespace();
  onClose(() => temporal.close());
  return temporal;
}
