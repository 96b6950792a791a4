import { readFileSync } from 'node:fs';

/** Programs that scripts/setup.mjs found or fetched; it writes this file. */
const toolsFile = new URL('../node_modules/.cache/factorial-workmeter/tools.json', import.meta.url);

function readTools(): { temporal?: string; testServer?: string } {
  try {
    return JSON.parse(readFileSync(toolsFile, 'utf8')) as { temporal?: string; testServer?: string }; // our own file
  } catch {
    return {};
  }
}

/** Path of the Temporal CLI, whose dev server we run. */
export function temporalCli(): string {
  const path = process.env['TEMPORAL_CLI'] || readTools().temporal;
  if (!path) throw new Error('The Temporal CLI is not set up: run `node scripts/setup.mjs --temporal`');
  return path;
}

/** Path of Temporal's time-skipping test server. */
export function temporalTestServer(): string {
  const path = process.env['TEMPORAL_TEST_SERVER'] || readTools().testServer;
  if (!path) throw new Error('The Temporal test server is not set up: run `node scripts/setup.mjs --test`');
  return path;
}
