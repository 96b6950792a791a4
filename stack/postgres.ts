import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Guardian } from './guardian.ts';
import { startProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';
import { findPostgresPrograms, postgresUser, programsFor } from './postgres-binaries.ts';
import type { PostgresPrograms, PostgresUser } from './postgres-binaries.ts';

export interface PostgresOptions {
  /** Folder of the cluster; made and filled at the first start. */
  folder: string;
  port: number;
  password: string;
  /** Without regard for a power cut: for data that nobody keeps. */
  throwaway?: boolean;
  /** Its URLs lead to a socket in the folder instead of a port, which also answers: half the cost of a short question. */
  socket?: boolean;
  logFile?: string;
  guardian: Guardian;
  signal?: AbortSignal;
}

export interface PostgresServer {
  readonly process: ManagedProcess;
  /** URL of one of its databases. */
  url(database: string): string;
  stop(): Promise<void>;
}

const superuser = 'workmeter';
const startTimeoutMs = 60_000;
/** Bytes that the shortest of the systems takes. */
const longestSocketPath = 100;
/** Sessions of a server that was killed see that it is gone within moments; until then no other may touch the data. */
const orphansWords = 'pre-existing shared memory block';
const orphansMs = 250;
const startAttempts = 60;

const throwawaySettings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
];

/** Starts PostgreSQL on loopback; a cluster that a killed run left behind is recovered. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = userOf(options.folder);
  const programs = programsFor(user, await findPostgresPrograms());
  if (!existsSync(join(options.folder, 'PG_VERSION'))) await initialise(options, user, programs);
  await clearLeftovers(options.folder);

  for (let attempt = 1; ; attempt += 1) {
    const server = launch(options, user, programs);
    try {
      await server.waitForLine(
        (line) => line.includes('database system is ready to accept connections'),
        startTimeoutMs,
      );
      return {
        process: server,
        url: (database) => urlOf(options, database),
        stop: () => server.stop(20_000),
      };
    } catch (error) {
      await server.stop();
      const lines = server.lastLines().join('\n');
      options.signal?.throwIfAborted();
      if (attempt === startAttempts || !lines.includes(orphansWords))
        throw new Error(`PostgreSQL did not start:\n${lines}`, { cause: error });
      await sleep(orphansMs);
    }
  }
}

function urlOf(options: PostgresOptions, database: string): string {
  const { folder, password, port } = options;
  const url = `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  return hasSocket(options) ? `${url}?host=${encodeURIComponent(folder)}` : url;
}

/** Windows has none for PostgreSQL, and elsewhere the path of one must not be long. */
function hasSocket({ folder, port, socket = false }: PostgresOptions): boolean {
  const path = join(folder, `.s.PGSQL.${port}.lock`);
  return socket && process.platform !== 'win32' && Buffer.byteLength(path) <= longestSocketPath;
}

function launch(options: PostgresOptions, user: PostgresUser, programs: PostgresPrograms): ManagedProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${hasSocket(options) ? options.folder : ''}`,
    'max_connections=200',
    'timezone=UTC',
    ...(options.throwaway ? throwawaySettings : []),
  ];
  return startProcess({
    name: 'postgres',
    command: programs.postgres,
    args: [
      '-D',
      options.folder,
      '-p',
      String(options.port),
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    env: { ...process.env, LC_MESSAGES: 'C' },
    cwd: tmpdir(), // the postgres user may not be allowed into ours
    ...user,
    guardian: options.guardian,
    stopSignal: 'SIGINT', // "fast": ends sessions, writes everything down
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Runs one statement outside of a transaction, e.g. `CREATE DATABASE`. */
export async function runStatement(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Creates the database unless it is there. */
export async function ensureDatabase(server: PostgresServer, name: string): Promise<void> {
  const found = await runStatement(
    server.url('postgres'),
    `SELECT 1 FROM pg_database WHERE datname = ${pg.escapeLiteral(name)}`,
  );
  if (found.rowCount === 0)
    await runStatement(server.url('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
}

/** An existing cluster stays with its owner, whatever users the system has got since. */
function userOf(folder: string): PostgresUser {
  const user = postgresUser();
  if (user.uid === undefined || !existsSync(join(folder, 'PG_VERSION'))) return user;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? user : { uid, gid };
}

/** Made beside its place and renamed at the end: an interrupted one is never taken for a cluster. */
async function initialise(
  options: PostgresOptions,
  user: PostgresUser,
  programs: PostgresPrograms,
): Promise<void> {
  const unfinished = `${options.folder}.unfinished`;
  rmSync(options.folder, { recursive: true, force: true });
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `workmeter-pg-${process.pid}-${Date.now()}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) {
    chownSync(unfinished, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  try {
    // The same order of texts on every machine, whatever locales it has.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${passwordFile}`];
    const speed = options.throwaway ? ['--no-sync'] : [];
    await promisify(execFile)(programs.initdb, [`--pgdata=${unfinished}`, ...access, ...locale, ...speed], {
      ...user,
      cwd: tmpdir(),
      env: { ...process.env, LC_MESSAGES: 'C' },
    });
    renameSync(unfinished, options.folder);
  } finally {
    unlinkSync(passwordFile);
  }
}

/**
 * A run that was killed leaves `postmaster.pid`, sometimes with its server. The caller holds the lock on the data, so
 * that server is nobody's: it is stopped. A pid that meanwhile belongs to another program only blocks the start. A file
 * of a dead server stays: by it PostgreSQL finds out whether a session of that server is still at work.
 */
async function clearLeftovers(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return rmSync(pidFile, { force: true });
  if (!isAlive(pid)) return;
  if (await isPostgresOf(pid, folder)) {
    process.kill(pid, 'SIGINT');
    for (let waitedMs = 0; waitedMs < 15_000 && existsSync(pidFile); waitedMs += 100) await sleep(100);
    if (existsSync(pidFile)) process.kill(pid, 'SIGKILL');
    return;
  }
  rmSync(pidFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  try {
    const command = existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
    return command.includes('postgres') && command.includes(folder);
  } catch {
    return false; // it has ended
  }
}
