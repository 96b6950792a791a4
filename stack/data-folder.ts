import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isOpenToOthers, postgresUser, shelter } from './postgres-binaries.ts';
import { startOf } from './process-identity.ts';

/** Everything a development stack keeps between two starts. */
export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly temporal: string;
  logFile(name: string): string;
  secrets: Secrets;
}

const secretsSchema = z.object({
  encryptionKeys: z.string(),
  authSecret: z.string(),
  postgresPassword: z.string(),
});

export type Secrets = z.infer<typeof secretsSchema>;

/** Makes the folder and its secrets at the first call; afterwards they are what they were. */
export function openDataFolder(path: string): DataFolder {
  const logs = join(path, 'logs');
  mkdirSync(logs, { recursive: true });
  return {
    path,
    postgres: postgresFolder(path),
    temporal: join(path, 'temporal.db'),
    logFile: (name) => join(logs, `${name}.log`),
    secrets: keptSecrets(join(path, 'secrets.json')),
  };
}

function keptSecrets(file: string): Secrets {
  const kept = readIfThere(file);
  if (kept !== null) return secretsSchema.parse(JSON.parse(kept));
  const secrets = {
    encryptionKeys: `dev:${randomBytes(32).toString('base64')}`,
    authSecret: randomBytes(32).toString('hex'),
    postgresPassword: randomBytes(16).toString('hex'),
  };
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

/**
 * PostgreSQL never runs as root. Where only root may enter our folder, the cluster lives where its user can, under an
 * id that we keep: removing the data folder still starts afresh.
 */
function postgresFolder(path: string): string {
  if (postgresUser().uid === undefined || isOpenToOthers(path)) return join(path, 'postgres');
  const idFile = join(path, 'postgres-elsewhere');
  const id = readIfThere(idFile) ?? randomBytes(8).toString('hex');
  writeFileSync(idFile, id);
  return join(shelter(), `data-${id}`);
}

const lockSchema = z.object({ pid: z.number(), start: z.string().nullable(), guardian: z.number() });

/** How long what a killed run left may take to end. */
const leftoversMs = 20_000;

/** One stack at a time uses a data folder. Waits for what a killed one left behind; answers the release. */
export async function lockDataFolder(path: string, guardianPid: number): Promise<() => void> {
  const file = join(path, 'stack.lock');
  const kept = readIfThere(file);
  const holder = kept === null ? null : (lockSchema.safeParse(parseOrNull(kept)).data ?? null);
  if (holder && holder.start !== null && startOf(holder.pid) === holder.start) {
    throw new Error(
      `Another start (process ${holder.pid}) uses the data folder ${path}: stop it first, or set DATA_DIR to another folder`,
    );
  }
  for (
    let waitedMs = 0;
    holder && startOf(holder.guardian) !== null && waitedMs < leftoversMs;
    waitedMs += 100
  ) {
    await sleep(100);
  }
  rmSync(file, { force: true });
  const own = { pid: process.pid, start: startOf(process.pid), guardian: guardianPid };
  try {
    writeFileSync(file, JSON.stringify(own), { flag: 'wx' });
  } catch {
    throw new Error(`Another start takes the data folder ${path} at this very moment: stop one of them`);
  }
  return () => rmSync(file, { force: true });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // cut off by a crash
  }
}
