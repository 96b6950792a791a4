// `node scripts/run.mjs <command> [arguments]`: sets up what the command needs, then runs it. See package.json.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Commands that are one of our TypeScript files, run from source. */
const programs = {
  demo: 'stack/demo.ts',
  start: 'stack/main.ts',
  api: 'api/server.ts',
  worker: 'worker/main.ts',
  migrate: 'prisma/main.ts',
  simulator: 'simulator/main.ts',
  ops: 'ops/main.ts',
  bench: 'bench/main.ts',
  'histories:record': 'test/histories/record.ts',
  screenshots: 'test/web/screenshots.ts',
  'test:convergence': 'test/convergence/run.ts',
  'test:year': 'test/convergence/year.ts',
  'test:mutations': 'test/convergence/run-mutations.ts',
};

/** Commands that are made of other programs. */
const tasks = {
  test: async () => (await import('./test.mjs')).test,
  'test:expiries': async () => (await import('./expiries.mjs')).expiries,
  'test:kills': async () => (await import('./kills.mjs')).kills,
  check: async () => (await import('./check.mjs')).check,
  typecheck: async () => (await import('./check.mjs')).typecheck,
  lint: async () => (await import('./check.mjs')).lint,
  format: async () => (await import('./check.mjs')).format,
  build: async () => (await import('./build.mjs')).build,
};

/** The Temporal CLI is looked for only where a server is started. */
const needs = {
  demo: { temporal: true, web: true },
  start: { temporal: !process.env.TEMPORAL_ADDRESS, web: true },
  api: { web: !process.env.WEB_DIR },
  build: { web: true },
  test: { temporal: true, testServer: true },
  'test:expiries': { temporal: true, testServer: true },
  'test:kills': { temporal: true },
  bench: { temporal: true },
  'histories:record': { temporal: true, testServer: true },
  'test:convergence': { temporal: process.argv.includes('--temporal') },
  screenshots: { temporal: true },
};

const [command, ...args] = process.argv.slice(2);
if (process.env.npm_lifecycle_event) endWithParent();
try {
  await run(command, args);
} catch (error) {
  process.stderr.write(`${error.stack && process.env.LOG_LEVEL === 'debug' ? error.stack : error.message}\n`);
  process.exit(1);
}

/** npm that is killed cannot pass that on: what it started stops in order all the same. */
function endWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 1_000).unref();
}

async function run(name, rest) {
  if (!programs[name] && !tasks[name]) {
    throw new Error(
      `Unknown command ${name ?? ''}: one of ${[...Object.keys(programs), ...Object.keys(tasks)].join(', ')}`,
    );
  }
  const tools = await setup(needs[name] ?? {});
  if (tools.temporal) process.env.TEMPORAL_CLI = tools.temporal;
  if (tools.testServer) process.env.TEMPORAL_TEST_SERVER = tools.testServer;
  if (tasks[name]) {
    const task = await tasks[name]();
    process.exitCode = await task(rest);
    return;
  }
  // In this very process, so that signals reach the program itself.
  const file = join(root, programs[name]);
  process.argv = [process.argv[0], file, ...rest];
  await import('tsx');
  await import(pathToFileURL(file).href);
}
