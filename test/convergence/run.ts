import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startProcess } from '../support/process.ts';
import { startTestServers } from '../support/servers.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { brokenListings, longestListings } from './steps.ts';
import { playHistories, playThroughTemporal, type Verdict } from './histories.ts';

/**
 * `npm run test:convergence -- [--runs 10000] [--seed 1] [--jobs 3] [--temporal 100]`: plays many histories, in a few processes;
 * after them some through the real service, Temporal included. With `--listings` all are of broken listings.
 * Ends with 1, the smallest history and its script for the simulator when one ends wrong.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    /** One more than cores: while one waits for its database, another computes. */
    jobs: { type: 'string', default: String(Math.min(3, availableParallelism() + 1)) },
    /** How many are played through the real service. */
    temporal: { type: 'string', default: '0' },
    listings: { type: 'boolean', default: false },
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
  const tell = (played: number): void => {
    if (Date.now() - told < 10_000) return;
    told = Date.now();
    process.stdout.write(`${played} of ${values.temporal === '0' ? runs : Number(values.temporal)}\n`);
  };
  const verdict =
    values.temporal === '0'
      ? await playHistories(
          {
            runs,
            seed,
            isFirstEnough: values.first,
            ...(values.listings ? { arbitrary: brokenListings(longestListings) } : {}),
          },
          tell,
        )
      : await playThroughTemporal({ runs: Number(values.temporal), seed }, tell);
  process.stdout.write(`verdict ${JSON.stringify(verdict)}\n`);
  process.exit(verdict.failure === null ? 0 : 1);
}

async function playAll(): Promise<void> {
  const jobs = Number(values.jobs);
  const servers = await startTestServers();
  try {
    process.stdout.write(`${runs} histories from seed ${seed}, ${jobs} at a time\n`);
    const shares = Array.from({ length: jobs }, (_, job) => [
      '--runs',
      String(Math.floor(runs / jobs) + (job < runs % jobs ? 1 : 0)),
      '--seed',
      String(seed + job * apart),
      ...(values.listings ? ['--listings'] : []),
    ]);
    await playParts(servers.url, shares);
    if (values.temporal === '0') return;
    process.stdout.write(`${values.temporal} histories through Temporal\n`);
    await playParts(servers.url, [['--temporal', values.temporal, '--seed', String(seed + jobs * apart)]]);
  } finally {
    await servers.stop();
  }
}

/** Plays parts side by side, each in a process of its own, and tells how they ended. */
async function playParts(serversUrl: string, parts: readonly (readonly string[])[]): Promise<void> {
  const startedAt = Date.now();
  const verdicts = await Promise.all(
    parts.map((args, part) =>
      playElsewhere(serversUrl, args, (said) => process.stdout.write(`${part + 1}: ${said}`)),
    ),
  );
  const played = verdicts.reduce((sum, verdict) => sum + verdict.played, 0);
  const seconds = (Date.now() - startedAt) / 1_000;
  process.stdout.write(
    `${played} histories played in ${seconds.toFixed(0)} s, ${(played / seconds).toFixed(1)} a second\n`,
  );
  for (const { failure } of verdicts) if (failure !== null) report(failure);
  if (verdicts.some(({ failure }) => failure !== null)) process.exitCode = 1;
}

async function playElsewhere(
  serversUrl: string,
  args: readonly string[],
  onOutput: (said: string) => void,
): Promise<Verdict> {
  const part = startProcess('test/convergence/run.ts', {
    args: ['--part', ...args],
    env: { TEST_SERVERS_URL: serversUrl },
    onOutput,
  });
  await part.exited();
  const line = part
    .output()
    .split('\n')
    .find((one) => one.startsWith('verdict '));
  if (line === undefined) throw new Error(part.output());
  return JSON.parse(line.slice('verdict '.length)) as Verdict;
}

function report({ history, differs, script }: NonNullable<Verdict['failure']>): void {
  process.stdout.write(`\nA history ends wrong:\n${differs}\n\n${JSON.stringify(history, null, 1)}\n`);
  process.stdout.write(`\nIts part in Factorial, for \`npm run simulator -- --play FILE\`:\n${script}\n`);
}
