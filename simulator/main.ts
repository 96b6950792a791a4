import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { playScript } from './control/script.ts';
import { startSimulator } from './server.ts';

const { values } = parseArgs({ options: { play: { type: 'string' } } });
const port = Number(process.env['SIMULATOR_PORT'] || 4010);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write('SIMULATOR_PORT must be a whole number from 0 to 65535\n');
  process.exit(1);
}
const host = process.env['SIMULATOR_HOST'] ?? '127.0.0.1';
// Standard output carries the one line that says where to find the simulator; the log goes to standard error.
const logger = pino({ level: process.env['SIMULATOR_LOG_LEVEL'] ?? 'warn' }, pino.destination(2));

const simulator = await startSimulator({ port, host, logger });
const played = values.play === undefined ? {} : await play(values.play);
process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url, ...played })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}

/** Plays a script before anybody is told that the simulator is ready. A line that is refused ends the process. */
async function play(file: string): Promise<{ played: number }> {
  try {
    const { app, world } = simulator;
    const { played } = await playScript(app, world, readFileSync(file, 'utf8'));
    return { played };
  } catch (err) {
    process.stderr.write(`${file}, ${err instanceof Error ? err.message : String(err)}\n`);
    await simulator.close();
    process.exit(1);
  }
}
