import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startProcess } from '../support/process.ts';
import { startTestServers } from '../support/servers.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { playHistories, type Verdict } from './histories.ts';

/**
 * `npm run test:convergence -- [--runs 10000] [--seed 1] [--jobs 2]`: plays many histories, in as many processes as there are
 * cores. Ends with 1, the smallest history and its script for the simulator when one ends wrong.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    /** One process of several: plays its part and answers in JSON. */
    part: { type: 'boolean', default: false },
    /** Ends with the first history that ends wrong, however large it is. */
    first: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
/** Seeds of two processes never meet. */
const apart = 1_000_000;

if (values.part) await playPart();
else await playAll();

async function playPart(): Promise<void> {
  installQuietRuntime();
  let told = Date.now();
  const verdict = await playHistories({ runs, seed, isFirstEnough: values.first }, (played) => {
    if (Date.now() - told < 10_000) return;
    told = Date.now();
    process.stdout.write(`${played} of ${runs}\n`);
  });
  process.stdout.write(`verdict ${JSON.stringify(verdict)}\n`);
  process.exit(verdict.failure === null ? 0 : 1);
}

async function playAll(): Promise<void> {
  const jobs = Number(values.jobs);
  const servers = await startTestServers();
  const startedAt = Date.now();
  process.stdout.write(`${runs} histories from seed ${seed}, ${jobs} at a time\n`);
  try {
    const parts = Array.from({ length: jobs }, (_, job) => {
      const share = Math.floor(runs / jobs) + (job < runs % jobs ? 1 : 0);
      const args = ['--part', '--runs', String(share), '--seed', String(seed + job * apart)];
      return startProcess('test/convergence/run.ts', { args, env: { TEST_SERVERS_URL: servers.url } });
    });
    const verdicts = await Promise.all(
      parts.map(async (part) => {
        await part.exited();
        const line = part
          .output()
          .split('\n')
          .find((one) => one.startsWith('verdict '));
        if (line === undefined) throw new Error(part.output());
        return JSON.parse(line.slice('verdict '.length)) as Verdict;
      }),
    );
    const played = verdicts.reduce((sum, verdict) => sum + verdict.played, 0);
    const seconds = (Date.now() - startedAt) / 1_000;
    process.stdout.write(
      `${played} histories played in ${seconds.toFixed(0)} s, ${(played / seconds).toFixed(1)} a second\n`,
    );
    for (const { failure } of verdicts) if (failure !== null) report(failure);
    process.exitCode = verdicts.some(({ failure }) => failure !== null) ? 1 : 0;
  } finally {
    await servers.stop();
  }
}

function report({ history, differs, script }: NonNullable<Verdict['failure']>): void {
  process.stdout.write(`\nA history ends wrong:\n${differs}\n\n${JSON.stringify(history, null, 1)}\n`);
  process.stdout.write(`\nIts part in Factorial, for \`npm run simulator -- --play FILE\`:\n${script}\n`);
}
