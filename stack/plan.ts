import { resolve } from 'node:path';
import { ConfigError, configProblems } from '../platform/config.ts';
import type { DataFolder } from './data-folder.ts';
import { PortChooser } from './ports.ts';

/** What will listen where, and what each process is told; settled before anything starts. */
export interface Plan {
  ports: {
    api: number;
    postgres: number | null;
    temporal: number | null;
    temporalUi: number | null;
    simulator: number | null;
  };
  urls: { api: string; public: string; simulator: string | null; temporalUi: string | null };
  databaseUrl: string | null;
  temporalAddress: string;
  namespace: string;
  authSecret: string | null;
  /** The environment of our processes, without DATABASE_URL where the database is ours. */
  env: NodeJS.ProcessEnv;
}

export interface PlanOptions {
  simulator: boolean;
  env: NodeJS.ProcessEnv;
}

/** Where a stack keeps its data: DATA_DIR, else `.data`. */
export function dataPath(env: NodeJS.ProcessEnv): string {
  return resolve(env['DATA_DIR'] || '.data');
}

/** Chooses ports and completes the environment. Throws `ConfigError` with everything that is wrong in it. */
export async function makePlan(data: DataFolder, { simulator, env }: PlanOptions): Promise<Plan> {
  const databaseUrl = env['DATABASE_URL'] || null;
  const givenTemporal = env['TEMPORAL_ADDRESS'] || null;
  const chooser = new PortChooser();
  const problems: string[] = [];
  const choose = async (variable: string, usual: number): Promise<number> => {
    try {
      return await chooser.choose(variable, env[variable], usual);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return usual; // never used: what was pushed ends the start
    }
  };

  const ports = {
    api: await choose('PORT', 3000),
    postgres: databaseUrl === null ? await choose('PG_PORT', 5432) : null,
    temporal: givenTemporal === null ? await choose('TEMPORAL_PORT', 7233) : null,
    temporalUi: givenTemporal === null ? await choose('TEMPORAL_UI_PORT', 8233) : null,
    simulator: simulator ? await choose('SIMULATOR_PORT', 4010) : null,
  };
  const apiUrl = `http://localhost:${ports.api}`;
  const publicUrl = (env['PUBLIC_URL'] || apiUrl).replace(/\/+$/, '');
  const simulatorUrl = ports.simulator === null ? null : `http://localhost:${ports.simulator}`;
  const namespace = env['TEMPORAL_NAMESPACE'] || 'default';
  const temporalAddress = givenTemporal ?? `127.0.0.1:${ports.temporal}`;
  const authSecret = env['AUTH_JWKS_URL']
    ? (env['AUTH_SECRET'] ?? null)
    : env['AUTH_SECRET'] || data.secrets.authSecret;

  const complete: NodeJS.ProcessEnv = {
    // Keys and certificates in our environment belong to another server than the one we start.
    ...(givenTemporal === null ? withoutTemporal(env) : env),
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    PORT: String(ports.api),
    HOST: env['HOST'] || '127.0.0.1',
    PUBLIC_URL: publicUrl,
    ENCRYPTION_KEYS: env['ENCRYPTION_KEYS'] || data.secrets.encryptionKeys,
    ...(authSecret === null ? {} : { AUTH_SECRET: authSecret }),
    FACTORIAL_EXTRA_HOSTS: [env['FACTORIAL_EXTRA_HOSTS'], ...simulatorOrigins(ports.simulator)]
      .filter(Boolean)
      .join(','),
    DATA_DIR: data.path,
    ...(ports.simulator === null
      ? {}
      : { SIMULATOR_PORT: String(ports.simulator), SIMULATOR_HOST: '127.0.0.1' }),
  };
  // Every wrong variable is named now, not by a process that starts later.
  const told = { DATABASE_URL: 'postgresql://localhost/workmeter', ...dropEmpty(complete) };
  problems.push(...configProblems('api', told), ...configProblems('worker', told));
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);

  return {
    ports,
    urls: {
      api: apiUrl,
      public: publicUrl,
      simulator: simulatorUrl,
      temporalUi: ports.temporalUi === null ? null : `http://localhost:${ports.temporalUi}`,
    },
    databaseUrl,
    temporalAddress,
    namespace,
    authSecret,
    env: complete,
  };
}

/** Under both names of this machine: people type one, the simulator prints the other. */
function simulatorOrigins(port: number | null): string[] {
  return port === null ? [] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}

function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function dropEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}
