import { z } from 'zod';
import { variables } from './config-variables.ts';
import { readStackFile } from './stack-file.ts';
import { temporalProblems } from './temporal-variables.ts';

/**
 * The configuration of each process, read once at its start from the environment (contract.md 4).
 * Everything else receives the typed value: no other file reads `process.env`.
 */
const database = { DATABASE_URL: variables.DATABASE_URL, LOG_LEVEL: variables.LOG_LEVEL };

const temporal = {
  TEMPORAL_ADDRESS: variables.TEMPORAL_ADDRESS,
  TEMPORAL_NAMESPACE: variables.TEMPORAL_NAMESPACE,
};

/** What the API and the worker must agree on. */
const shared = {
  ...database,
  ...temporal,
  PUBLIC_URL: variables.PUBLIC_URL,
  PREVIOUS_PUBLIC_URLS: variables.PREVIOUS_PUBLIC_URLS,
  ENCRYPTION_KEYS: variables.ENCRYPTION_KEYS,
  FACTORIAL_EXTRA_HOSTS: variables.FACTORIAL_EXTRA_HOSTS,
  FACTORIAL_TOKEN_OWNER: variables.FACTORIAL_TOKEN_OWNER,
  FACTORIAL_API_VERSION: variables.FACTORIAL_API_VERSION,
  FACTORIAL_REQUESTS_PER_MINUTE: variables.FACTORIAL_REQUESTS_PER_MINUTE,
  FACTORIAL_PLAN_REQUESTS_PER_NIGHT: variables.FACTORIAL_PLAN_REQUESTS_PER_NIGHT,
  NIGHTLY_HOUR: variables.NIGHTLY_HOUR,
  HOLIDAY_POLL_MINUTES: variables.HOLIDAY_POLL_MINUTES,
  OTEL_EXPORTER_OTLP_ENDPOINT: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_EXPORTER_OTLP_HEADERS: variables.OTEL_EXPORTER_OTLP_HEADERS,
  OTEL_TRACES_SAMPLER_ARG: variables.OTEL_TRACES_SAMPLER_ARG,
  DATA_DIR: variables.DATA_DIR,
};

const migrateSchema = z
  .object(database)
  .transform((env) => ({ databaseUrl: env.DATABASE_URL, logLevel: env.LOG_LEVEL }));

/** Which version of which deployment the workers are that read this environment. */
const deployment = {
  WORKER_DEPLOYMENT: variables.WORKER_DEPLOYMENT,
  WORKER_BUILD_ID: variables.WORKER_BUILD_ID,
};

const opsSchema = z
  .object({ ...database, ...temporal, ...deployment, DATA_DIR: variables.DATA_DIR })
  .transform((env) => ({
    databaseUrl: env.DATABASE_URL,
    temporal: toTemporal(env),
    deployment: env.WORKER_DEPLOYMENT,
    buildId: env.WORKER_BUILD_ID,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
  }));

const keysSchema = z.object({ ...database, ENCRYPTION_KEYS: variables.ENCRYPTION_KEYS }).transform((env) => ({
  databaseUrl: env.DATABASE_URL,
  encryptionKeys: env.ENCRYPTION_KEYS,
  logLevel: env.LOG_LEVEL,
}));

const workerSchema = z
  .object({
    ...shared,
    ...deployment,
    WORKER_METRICS_PORT: variables.WORKER_METRICS_PORT,
  })
  .transform((env) => ({
    ...toShared(env),
    /** Name of the worker deployment; without it workers are not versioned. */
    deployment: env.WORKER_DEPLOYMENT,
    /** Version of the code in the deployment; that of the build unless told. */
    buildId: env.WORKER_BUILD_ID,
    /** Where Prometheus reads the worker's figures and the SDK's; nowhere unless told. */
    metricsPort: env.WORKER_METRICS_PORT,
  }));

const apiSchema = z
  .object({
    ...shared,
    PORT: variables.PORT,
    HOST: variables.HOST,
    AUTH_SECRET: variables.AUTH_SECRET,
    AUTH_JWKS_URL: variables.AUTH_JWKS_URL,
    AUTH_ISSUER: variables.AUTH_ISSUER,
    AUTH_AUDIENCE: variables.AUTH_AUDIENCE,
    WEB_DIR: variables.WEB_DIR,
    HOST_PAGE_ORIGINS: variables.HOST_PAGE_ORIGINS,
    INBOX_RETENTION_DAYS: variables.INBOX_RETENTION_DAYS,
    CHANGES_RETENTION_DAYS: variables.CHANGES_RETENTION_DAYS,
    HISTORY_RETENTION_DAYS: variables.HISTORY_RETENTION_DAYS,
  })
  .transform((env) => ({
    ...toShared(env),
    port: env.PORT,
    host: env.HOST,
    auth: toAuth(env),
    /** Folder of the built web; the one of our own build unless told. */
    webDir: env.WEB_DIR,
    /** Origins of pages that may show the web in a frame and hand it a token, beside that of PUBLIC_URL. */
    hostPageOrigins: env.HOST_PAGE_ORIGINS,
    /** Deliveries are deleted so many days after their outcome. */
    inboxRetentionDays: env.INBOX_RETENTION_DAYS,
    changesRetentionDays: env.CHANGES_RETENTION_DAYS,
    historyRetentionDays: env.HISTORY_RETENTION_DAYS,
  }));

const schemas = {
  api: apiSchema,
  worker: workerSchema,
  migrate: migrateSchema,
  ops: opsSchema,
  keys: keysSchema,
};

/** Names of all variables that a process reads, for whoever writes its environment. */
export const variablesOf = (name: ProcessName): string[] => Object.keys(schemas[name].in.shape);

export type ProcessName = keyof typeof schemas;
export type Config<Name extends ProcessName = 'api'> = z.output<(typeof schemas)[Name]>;
export type ApiConfig = Config<'api'>;
export type WorkerConfig = Config<'worker'>;
export type OpsConfig = Config<'ops'>;

/** Where traces go, and how many of them. */
export type TracingConfig = NonNullable<WorkerConfig['tracing']>;

/** How callers prove who they are: a shared secret (HS256) or the issuer's public keys (RS256, ES256); never both. */
export type AuthConfig = (
  | { secret: string; jwksUrl?: undefined }
  | { secret?: undefined; jwksUrl: string }
) & {
  issuer?: string;
  audience?: string;
};

/** One key of the ring: the first encrypts, all decrypt. */
export type EncryptionKey = Config['encryptionKeys'][number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Wrong configuration: one line for each wrong variable, all of them, never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Wrong configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The typed configuration of one process. Throws `ConfigError` that names every wrong variable at once. */
export function loadConfig<Name extends ProcessName>(
  name: Name,
  env: Environment = process.env,
): Config<Name> {
  const given = givenVariables(env);
  const parsed = schemas[name].safeParse(given);
  const problems = [
    ...(parsed.error?.issues.map(toLine) ?? []),
    ...(variablesOf(name).includes('TEMPORAL_ADDRESS') ? temporalProblems(given) : []),
    ...(name === 'api' ? authProblems(given) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return parsed.data as Config<Name>; // safeParse's result is the union over all names
}

/** What is wrong in an environment, a line for each variable; empty where it is right. */
export function configProblems(name: ProcessName, env: Environment): readonly string[] {
  try {
    loadConfig(name, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The variables that are set. An empty one is how compose files and shells say "not set". */
export function givenVariables(env: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value?.trim() ? [[key, value.trim()]] : [])),
  );
}

/** As `loadConfig`, for the first line of a process: prints the problems and exits with 1. */
export function configOrExit<Name extends ProcessName>(
  name: Name,
  env: Environment = process.env,
): Config<Name> {
  try {
    return loadConfig(name, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** The process's environment for a command: where neither server is named, those of the stack that runs in `DATA_DIR`. */
export function commandEnvironment(env: Environment = process.env): Environment {
  if (env['DATABASE_URL'] !== undefined || env['TEMPORAL_ADDRESS'] !== undefined) return env;
  return { ...readStackFile(env['DATA_DIR'] ?? '.data'), ...env };
}

function toLine(issue: z.core.$ZodIssue): string {
  const variable = String(issue.path[0]);
  const example = variables[variable as keyof typeof variables]?.meta()?.['example'];
  return `${variable} ${issue.message}${typeof example === 'string' ? ` (for example ${example})` : ''}`;
}

function authProblems(env: Record<string, string>): string[] {
  const given = [env['AUTH_SECRET'], env['AUTH_JWKS_URL']].filter((value) => value !== undefined).length;
  if (given === 1) return [];
  return [
    given === 0
      ? 'AUTH_SECRET is not set: set AUTH_SECRET (a shared secret) or AUTH_JWKS_URL (for example https://login.example.com/jwks.json)'
      : 'AUTH_SECRET and AUTH_JWKS_URL are both set: set the one that signs the tokens',
  ];
}

function toTemporal(env: { TEMPORAL_ADDRESS: string; TEMPORAL_NAMESPACE: string }) {
  return { address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE };
}

function toShared(env: z.output<z.ZodObject<typeof shared>>) {
  return {
    databaseUrl: env.DATABASE_URL,
    temporal: toTemporal(env),
    publicUrl: env.PUBLIC_URL,
    previousPublicUrls: env.PREVIOUS_PUBLIC_URLS,
    encryptionKeys: env.ENCRYPTION_KEYS,
    factorialExtraHosts: env.FACTORIAL_EXTRA_HOSTS,
    factorialTokenOwner: env.FACTORIAL_TOKEN_OWNER,
    factorialApiVersion: env.FACTORIAL_API_VERSION,
    factorialRequestsPerMinute: env.FACTORIAL_REQUESTS_PER_MINUTE,
    factorialPlanRequestsPerNight: env.FACTORIAL_PLAN_REQUESTS_PER_NIGHT,
    nightlyHour: env.NIGHTLY_HOUR,
    holidayPollMinutes: env.HOLIDAY_POLL_MINUTES,
    /** Where traces go; without it there are none. */
    tracing:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: env.OTEL_EXPORTER_OTLP_HEADERS,
            /** Of the traces that begin here. */
            sampledShare: env.OTEL_TRACES_SAMPLER_ARG,
          },
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
  };
}

function toAuth(env: {
  AUTH_SECRET?: string | undefined;
  AUTH_JWKS_URL?: string | undefined;
  AUTH_ISSUER?: string | undefined;
  AUTH_AUDIENCE?: string | undefined;
}): AuthConfig {
  const names = {
    ...(env.AUTH_ISSUER === undefined ? {} : { issuer: env.AUTH_ISSUER }),
    ...(env.AUTH_AUDIENCE === undefined ? {} : { audience: env.AUTH_AUDIENCE }),
  };
  return env.AUTH_JWKS_URL === undefined
    ? { secret: env.AUTH_SECRET ?? '', ...names }
    : { jwksUrl: env.AUTH_JWKS_URL, ...names };
}
