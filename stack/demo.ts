import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDemoClient, print } from './demo-client.ts';
import { playStory } from './demo-story.ts';
import { startStack, type Stack } from './stack.ts';

const { values } = parseArgs({ options: { once: { type: 'boolean' } } });

// A demo begins with an empty house, on ports that are free, beside whatever else runs.
const dataDir = mkdtempSync(path.join(tmpdir(), 'factorial-workmeter-demo-'));
const startedAt = Date.now();
const abort = new AbortController();
const starting = startStack({
  env: { ...process.env, DATA_DIR: dataDir },
  signal: abort.signal,
  onStep: (step) => print(`· ${((Date.now() - startedAt) / 1_000).toFixed(1)} s ${step}`),
});

let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void leave(values.once === true ? 130 : 0));

try {
  const stack = await starting;
  const rows = await Promise.race([play(stack), stack.failed]);
  print(
    `\nAll of it worked, in ${Math.round((Date.now() - startedAt) / 1_000)} s. The next 31 days in WorkMeter:`,
  );
  console.table(rows);
  for (const [name, url] of Object.entries(stack.urls)) print(`  ${name.padEnd(16)} ${url ?? ''}`);
  const token = (await stack.tokens?.admin()) ?? '';
  print(`  ${'admin token'.padEnd(16)} ${token}`);
  print(`  ${'web'.padEnd(16)} ${stack.urls.public}/integrations#token=${token}`);
  if (values.once === true) await leave(0);
  print('\nEverything stays up. Ctrl-C stops it.');
  await stack.failed;
} catch (error) {
  if (stopping === undefined) {
    print(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    print(`  The logs: ${dataDir}/logs`);
    await leave(1, true);
  }
}

function play(stack: Stack): Promise<Record<string, string | number>[]> {
  const { urls, tokens, application } = stack;
  if (tokens === null || urls.simulator === null)
    throw new Error('The demo needs its own simulator and AUTH_SECRET; unset AUTH_JWKS_URL.');
  const { simulator } = urls;
  return tokens.admin().then((token) =>
    playStory({
      client: createDemoClient(urls.api, simulator, token),
      application,
      factorialUrl: simulator,
    }),
  );
}

async function leave(code: number, keepLogs = false): Promise<void> {
  stopping ??= (async () => {
    abort.abort(new Error('stopped'));
    await starting.then((stack) => stack.stop()).catch(() => undefined);
    if (!keepLogs) rmSync(dataDir, { recursive: true, force: true });
    process.exit(code);
  })();
  await stopping;
}
