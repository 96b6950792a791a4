import pino from 'pino';
import { startSimulator } from './server.ts';

const port = Number(process.env['SIMULATOR_PORT'] ?? 4010);
const host = process.env['SIMULATOR_HOST'] ?? '127.0.0.1';
// Standard output carries the one line that says where to find the simulator; the log goes to standard error.
const logger = pino({ level: process.env['SIMULATOR_LOG_LEVEL'] ?? 'warn' }, pino.destination(2));

const simulator = await startSimulator({ port, host, logger });
process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}
