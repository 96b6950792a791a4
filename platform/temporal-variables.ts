import { accessSync, constants } from 'node:fs';

/** Whatever is not `1` or `true` is no to Temporal's SDK: `TEMPORAL_TLS=yes` would send keys and data in the clear. */
const flags = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'] as const;
const flagValues = ['true', 'false', '1', '0'];

/** Each may be given as text (`…_DATA`) or as a file (`…_PATH`). */
const certificate = 'TEMPORAL_TLS_CLIENT_CERT';
const key = 'TEMPORAL_TLS_CLIENT_KEY';
const files = [certificate, key, 'TEMPORAL_TLS_SERVER_CA_CERT'] as const;

/**
 * What is wrong in the standard settings of Temporal's clients, a line for each variable. Their SDK reads them at its first
 * connection, and says then what it stumbles over, without the variable's name, or nothing at all.
 */
export function temporalProblems(env: Readonly<Record<string, string>>): string[] {
  return [
    ...flags
      .filter((name) => env[name] !== undefined && !flagValues.includes(env[name]))
      .map((name) => `${name} must be true or false (for example true)`),
    ...files.flatMap((name) => fileProblems(name, env)),
    ...fileProblem('TEMPORAL_CONFIG_FILE', env),
    ...(isGiven(certificate, env) && !isGiven(key, env) ? [halfOfPair(key, certificate)] : []),
    ...(isGiven(key, env) && !isGiven(certificate, env) ? [halfOfPair(certificate, key)] : []),
  ];
}

function fileProblems(name: string, env: Readonly<Record<string, string>>): string[] {
  if (env[`${name}_PATH`] !== undefined && env[`${name}_DATA`] !== undefined)
    return [`${name}_PATH and ${name}_DATA are both set: set one of them`];
  return fileProblem(`${name}_PATH`, env);
}

function fileProblem(variable: string, env: Readonly<Record<string, string>>): string[] {
  const path = env[variable];
  if (path === undefined || isReadable(path)) return [];
  return [`${variable} must be a file that can be read (for example /etc/temporal/client.pem)`];
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const isGiven = (name: string, env: Readonly<Record<string, string>>): boolean =>
  env[`${name}_PATH`] !== undefined || env[`${name}_DATA`] !== undefined;

const halfOfPair = (missing: string, present: string): string =>
  `${missing}_PATH is not set: ${present} is of use only with it`;
