import { describeEnd, startChild } from './children.ts';
import type { ChildName } from './children.ts';
import { dataPath, makePlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { writeStackFile } from '../platform/stack-file.ts';
import { lockDataFolder, openDataFolder } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { startGuardian } from './guardian.ts';
import type { Guardian } from './guardian.ts';
import type { ManagedProcess } from './managed-process.ts';
import { migrateDatabase } from './migrate-database.ts';
import { ensureDatabase, startPostgres } from './postgres.ts';
import { demoApplication, registerRedirectUri, seedTenant } from './seed.ts';
import { startTemporalServer } from './temporal-server.ts';
import { createTokenMaker } from './tokens.ts';
import type { TokenMaker } from './tokens.ts';
import { temporalCli } from './tools.ts';

export interface StackOptions {
  /** Start the stand-in for Factorial; true where not given. */
  simulator?: boolean;
  /** Fill the tenant `acme`; true where not given. */
  seed?: boolean;
  /** Run API and worker from `dist/`, as in production; from source where not given. */
  built?: boolean;
  /** Environment of the stack and its processes; ours where not given. */
  env?: NodeJS.ProcessEnv;
  /** Told what happens while it starts, one sentence at a time. */
  onStep?: (step: string) => void;
  /** Told each line of output of our own processes. */
  onLine?: (name: ChildName, line: string) => void;
  /** Stops a start that is under way. */
  signal?: AbortSignal;
}

export interface Stack {
  readonly urls: {
    api: string;
    /** What Factorial and browsers use: redirect URI and webhooks are below it. */
    public: string;
    temporalUi: string | null;
    temporalAddress: string;
    simulator: string | null;
    database: string;
  };
  readonly namespace: string;
  /** Tenant that is seeded. */
  readonly tenant: string;
  /** OAuth application that the simulator knows. */
  readonly application: { clientId: string; clientSecret: string };
  readonly children: ReadonlyMap<ChildName, ManagedProcess>;
  /** Null where an external issuer signs the tokens (AUTH_JWKS_URL). */
  readonly tokens: {
    admin(tenant?: string): Promise<string>;
    service(tenant?: string): Promise<string>;
    operator(): Promise<string>;
    make: TokenMaker;
  } | null;
  /** Rejects, with which one and its last lines, when a process ends that nobody asked to end. */
  readonly failed: Promise<never>;
  /** SIGKILL, as a crash would be. Not a failure of the stack. */
  crash(name: ChildName): Promise<void>;
  /** Starts one again after `crash`. */
  restart(name: ChildName): Promise<void>;
  stop(): Promise<void>;
}

const tenant = 'acme';

/** Databases are stopped after those who use them. */
const stopOrder = ['simulator', 'api', 'worker', 'temporal', 'postgres'];

/**
 * Starts the whole development stack: PostgreSQL, Temporal, migrations, simulator, worker, API, then the seed.
 * Whatever goes wrong on the way, everything that was started is stopped before this rejects.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const env = options.env ?? process.env;
  const data = openDataFolder(dataPath(env));
  const guardian = startGuardian();
  const starting = new AbortController();
  const running = new Map<string, ManagedProcess>();
  const state = { started: false, stopping: false };
  let unlock = (): void => {};
  let removeStackFile = (): void => {};

  const stop = memoized(async () => {
    state.stopping = true;
    if (!state.started) starting.abort(new Error('the start was interrupted'));
    removeStackFile();
    for (const name of stopOrder) await running.get(name)?.stop();
    unlock();
    await guardian.release();
  });
  const interrupt = (): void => void stop();
  options.signal?.addEventListener('abort', interrupt, { once: true });

  try {
    options.signal?.throwIfAborted();
    unlock = await lockDataFolder(data.path, guardian.pid);
    const plan = await makePlan(data, { simulator: options.simulator ?? true, env });
    const stack = await startAll({
      options,
      plan,
      data,
      guardian,
      running,
      state,
      signal: starting.signal,
      stop,
    });
    const { urls } = stack;
    removeStackFile = writeStackFile(data.path, {
      DATABASE_URL: urls.database,
      TEMPORAL_ADDRESS: urls.temporalAddress,
      TEMPORAL_NAMESPACE: stack.namespace,
    });
    state.started = true;
    options.signal?.removeEventListener('abort', interrupt);
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Start {
  options: StackOptions;
  plan: Plan;
  data: DataFolder;
  guardian: Guardian;
  running: Map<string, ManagedProcess>;
  state: { stopping: boolean };
  /** Aborted when the start is interrupted. */
  signal: AbortSignal;
  stop: () => Promise<void>;
}

async function startAll(start: Start): Promise<Stack> {
  const { options, plan, data, guardian, running, state, signal, stop } = start;
  const step = options.onStep ?? ((): void => {});
  const asked = new Set<ManagedProcess>();
  const { promise: failed, reject: fail } = withResolvers<never>();
  failed.catch(() => {}); // whoever starts the stack may not listen

  const keep = (name: string, child: ManagedProcess): void => {
    running.set(name, child);
    void child.exited.then(() => {
      if (!state.stopping && !asked.has(child)) fail(new Error(describeEnd(child)));
    });
  };
  const launch = async (name: ChildName, childEnv: NodeJS.ProcessEnv): Promise<void> => {
    const onLine = (line: string): void => options.onLine?.(name, line);
    const built = options.built === true && name !== 'simulator';
    const child = { env: childEnv, logFile: data.logFile(name), guardian, signal, built, onLine };
    keep(name, await startChild(name, child));
  };

  step('starting PostgreSQL and Temporal');
  const [databaseUrl] = await settleAll([
    startDatabase(start, keep),
    startTemporal(start, keep),
    options.simulator === false ? null : launch('simulator', plan.env),
  ]);
  step('applying migrations');
  await migrateDatabase(databaseUrl, { guardian, signal, logFile: data.logFile('migrate') });

  step('starting API and worker');
  const childEnv = { ...plan.env, DATABASE_URL: databaseUrl };
  await settleAll([launch('api', childEnv), launch('worker', childEnv)]);

  const tokens = plan.authSecret === null ? null : tokensOf(plan.authSecret, plan.env);
  if (plan.urls.simulator !== null) await registerRedirectUri(plan.urls.simulator, plan.urls.public);
  if (options.seed !== false && tokens) {
    step(`seeding the tenant ${tenant}`);
    const serviceToken = await tokens.service();
    await seedTenant({ apiUrl: plan.urls.api, simulatorUrl: plan.urls.simulator, serviceToken });
  }
  signal.throwIfAborted();

  return {
    urls: { ...plan.urls, temporalAddress: plan.temporalAddress, database: databaseUrl },
    namespace: plan.namespace,
    tenant,
    application: demoApplication,
    get children() {
      return new Map([...running].filter(isOurs));
    },
    tokens,
    failed,
    crash: async (name) => {
      const child = running.get(name);
      if (!child) return;
      asked.add(child);
      child.kill('SIGKILL');
      await child.exited;
    },
    restart: async (name) => await launch(name, name === 'simulator' ? plan.env : childEnv),
    stop,
  };
}

type Keep = (name: string, child: ManagedProcess) => void;

async function startDatabase({ plan, data, guardian, signal }: Start, keep: Keep): Promise<string> {
  if (plan.databaseUrl !== null || plan.ports.postgres === null) return plan.databaseUrl ?? '';
  const server = await startPostgres({
    folder: data.postgres,
    port: plan.ports.postgres,
    password: data.secrets.postgresPassword,
    logFile: data.logFile('postgres'),
    guardian,
    signal,
  });
  keep('postgres', server.process);
  await ensureDatabase(server, 'workmeter');
  return server.url('workmeter');
}

async function startTemporal({ plan, data, guardian, signal }: Start, keep: Keep): Promise<void> {
  if (plan.ports.temporal === null) return;
  const server = await startTemporalServer({
    cli: temporalCli(),
    port: plan.ports.temporal,
    ...(plan.ports.temporalUi === null ? {} : { uiPort: plan.ports.temporalUi }),
    namespace: plan.namespace,
    databaseFile: data.temporal,
    logFile: data.logFile('temporal'),
    guardian,
    signal,
  });
  keep('temporal', server);
}

function tokensOf(secret: string, env: NodeJS.ProcessEnv): NonNullable<Stack['tokens']> {
  const make = createTokenMaker(secret, env['AUTH_ISSUER'], env['AUTH_AUDIENCE']);
  return {
    make,
    admin: (of = tenant) => make({ tenant: of, roles: ['admin'] }),
    service: (of = tenant) => make({ tenant: of, roles: ['service'] }),
    operator: () => make({ tenant: 'workmeter', roles: ['operator'] }),
  };
}

function isOurs(entry: [string, ManagedProcess]): entry is [ChildName, ManagedProcess] {
  return ['api', 'worker', 'simulator'].includes(entry[0]);
}

/** Waits for all, also when one fails: what the others started must be known before it is stopped. */
async function settleAll<T extends readonly unknown[]>(
  work: [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return await (Promise.all(work) as Promise<{ [K in keyof T]: Awaited<T[K]> }>); // the very type of Promise.all
}

function memoized(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

function withResolvers<T>(): { promise: Promise<T>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((_resolve, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}
