import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startGuardian } from '../../stack/guardian.ts';
import { migrateDatabase } from '../../stack/migrate-database.ts';
import { freePort } from '../../stack/ports.ts';
import { runStatement, startPostgres } from '../../stack/postgres.ts';
import type { PostgresServer } from '../../stack/postgres.ts';
import { startTemporalServer } from '../../stack/temporal-server.ts';
import { temporalCli } from '../../stack/tools.ts';
import { createNamespaceSupply } from './namespace-supply.ts';

/** What the suites learn of the servers, by path of the request. */
export interface ServerAnswers {
  /** An empty cluster's administrative database. */
  '/postgres': { adminUrl: string };
  /** The same, once the template database is migrated. */
  '/template': { adminUrl: string; template: string };
  '/temporal': { address: string; namespace: string };
  /** The same server, and a namespace that only who asks for it gets. */
  '/namespace': { address: string; namespace: string };
  /** The workflows as one file, for `Worker.create` and for replaying: built once for all suites. */
  '/workflow-bundle': { codePath: string };
  /** An installed Chromium; beside it, the web is built for the API to serve. */
  '/browser': { executablePath: string };
}

export interface TestServers {
  /** Where the suites ask. */
  url: string;
  stop(): Promise<void>;
}

const template = 'workmeter_template';
const namespace = 'default';
const script = (name: string): string => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));

/**
 * Lives in jest's own process and starts each server when the first test asks for it, so that pure tests wait for
 * nothing. The guardian removes everything also when jest is killed.
 */
export async function startTestServers(): Promise<TestServers> {
  const guardian = startGuardian();
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-test-'));
  chmodSync(folder, 0o755); // PostgreSQL may run as another user than ours
  guardian.removeAtEnd(folder);
  const stops: (() => Promise<void>)[] = [];

  const postgres = memoized(async () => {
    const server = await startPostgres({
      folder: join(folder, 'postgres'),
      port: await freePort(),
      password: randomBytes(12).toString('hex'),
      throwaway: true,
      socket: true,
      guardian,
    });
    stops.push(() => server.stop());
    return server;
  });

  const migrated = memoized(async () => {
    const server = await postgres();
    await runStatement(server.url('postgres'), `CREATE DATABASE ${template}`);
    await migrateDatabase(server.url(template), { guardian });
    return server;
  });

  const temporal = memoized(async () => {
    const port = await freePort();
    // What it keeps is small: collecting garbage a quarter as often spares a sixth of its processor time.
    const env = { GOGC: '400' };
    const server = await startTemporalServer({ cli: temporalCli(), port, namespace, env, guardian });
    stops.push(() => server.stop());
    return { address: `127.0.0.1:${port}`, namespace };
  });

  const namespaces = memoized(async () => {
    const { address } = await temporal();
    const supply = await createNamespaceSupply(address);
    stops.push(() => supply.close());
    return { address, supply };
  });

  const answers: { [Path in keyof ServerAnswers]: () => Promise<ServerAnswers[Path]> } = {
    '/postgres': async () => toAdmin(await postgres()),
    '/template': async () => ({ ...toAdmin(await migrated()), template }),
    '/temporal': temporal,
    '/namespace': async () => {
      const { address, supply } = await namespaces();
      return { address, namespace: await supply.next() };
    },
    '/browser': memoized(prepareBrowser),
    '/workflow-bundle': memoized(() => bundle(join(folder, 'workflow-bundle.js'))),
  };

  const listener = createServer((request, response) => {
    const answer = answers[request.url as keyof ServerAnswers] as (() => Promise<unknown>) | undefined;
    void (answer?.() ?? Promise.reject(new Error(`nothing at ${request.url}`))).then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  // A suite may ask again long after another one did: a connection that was closed meanwhile would fail it.
  listener.keepAliveTimeout = 0;
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    stop: async () => {
      listener.close();
      listener.closeAllConnections();
      for (const stop of stops.toReversed()) await stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      await guardian.release();
    },
  };
}

/** In a process of its own: bundling would hold up every answer of this one. */
async function bundle(codePath: string): Promise<{ codePath: string }> {
  await runScript('bundle-workflows.mjs', codePath);
  return { codePath };
}

async function prepareBrowser(): Promise<{ executablePath: string }> {
  await runScript('setup.mjs', '--web');
  return { executablePath: (await runScript('browser.mjs')).trim() };
}

async function runScript(name: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [script(name), ...args])).stdout;
}

function toAdmin(server: PostgresServer): { adminUrl: string } {
  return { adminUrl: server.url('postgres') };
}

function memoized<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= start());
}
