import { parseArgs } from 'node:util';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';

const help = `npm start [-- --no-simulator] [--no-seed]

Starts PostgreSQL, Temporal with its Web UI, the API, the worker and a stand-in for Factorial.
Settings come from the environment: PORT, PG_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT, SIMULATOR_PORT, DATA_DIR,
DATABASE_URL or TEMPORAL_ADDRESS to use a server of yours, LOG_LEVEL=debug to see every log line here.
`;

const { values } = parseArgs({
  options: { 'no-simulator': { type: 'boolean' }, 'no-seed': { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const startedAt = Date.now();
const verbose = process.env['LOG_LEVEL'] === 'debug';
const abort = new AbortController();
const starting = startStack({
  simulator: !values['no-simulator'],
  seed: !values['no-seed'],
  signal: abort.signal,
  onStep: (step) => process.stderr.write(`· ${elapsed()} ${step}\n`),
  ...(verbose ? { onLine: (name, line) => process.stderr.write(`${name} | ${line}\n`) } : {}),
});

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopFor(signal));

try {
  const stack = await starting;
  await announce(stack);
  await stack.failed;
} catch (error) {
  if (!stopping) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    await starting.then((stack) => stack.stop()).catch(() => {}); // a start that failed has stopped everything itself
    process.exit(1);
  }
}

async function stopFor(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return; // npm passes on what the terminal has sent already
  stopping = true;
  process.stderr.write(`\n· ${signal}: stopping\n`);
  abort.abort(new Error('stopped'));
  await starting.then((stack) => stack.stop()).catch(() => {});
  process.exit(0);
}

function elapsed(): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}

async function announce({ urls, tokens, tenant }: Stack): Promise<void> {
  const adminToken = (await tokens?.admin()) ?? null;
  const web =
    adminToken === null ? `${urls.public}/integrations` : `${urls.public}/integrations#token=${adminToken}`;
  const lines = [
    ['Settings → Integrations', web],
    ['API', urls.api],
    ['API documentation', `${urls.api}/docs`],
    ['Temporal Web UI', urls.temporalUi],
    ['Temporal', urls.temporalAddress],
    ['Factorial (simulated)', urls.simulator],
    ['PostgreSQL', urls.database],
    [`Admin token of ${tenant}`, adminToken],
  ].filter(([, value]) => value);
  const width = Math.max(...lines.map(([label]) => label?.length ?? 0));
  const text = lines.map(([label, value]) => `  ${label?.padEnd(width)}  ${value}`).join('\n');
  process.stdout.write(`\nReady after ${elapsed()}. Ctrl-C stops everything.\n\n${text}\n\n`);
  // For programs that wait for us.
  process.stdout.write(`${JSON.stringify({ ready: true, ...urls, web, tenant, adminToken })}\n`);
}
