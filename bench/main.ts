import { availableParallelism } from 'node:os';
import { build } from './bench-stack.ts';
import { benchBurst } from './burst.ts';
import { benchHour } from './hour.ts';
import { benchIdle } from './idle.ts';
import { benchIngress } from './ingress.ts';
import { benchLatency } from './latency.ts';
import { readOptions, type BenchOptions } from './options.ts';
import { benchOutage } from './outage.ts';
import { tell } from './progress.ts';
import { benchReconcile } from './reconcile.ts';
import { benchReplay } from './replay.ts';

/**
 * `npm run bench -- <name> [--seconds n] [--rounds n] [--percent n] [--keep]`. Each benchmark starts a whole stack with empty data and
 * measures its baseline in the same run. Standard output is one line of JSON; progress goes to standard error.
 */
const benchmarks: Readonly<Record<string, (options: BenchOptions) => Promise<object>>> = {
  ingress: benchIngress,
  latency: benchLatency,
  burst: benchBurst,
  outage: benchOutage,
  hour: benchHour,
  idle: benchIdle,
  reconcile: benchReconcile,
  replay: benchReplay,
};

const {
  names: [name = '', ...others],
  options,
} = readOptions(process.argv.slice(2));
const bench = benchmarks[name];
if (bench === undefined || others.length > 0) {
  process.stderr.write(`Name one benchmark: npm run bench -- ${Object.keys(benchmarks).join(' | ')}\n`);
  process.exit(1);
}

tell(`${name} on ${availableParallelism()} cores, Node ${process.version}`);
await build();
const result = await bench(options);
process.stdout.write(`${JSON.stringify({ name, ...result })}\n`);
process.exit(0); // whatever a client library still holds open
