import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { createClock } from '../../simulator/clock.ts';
import { controlCallSchema } from '../../simulator/faults.ts';
import { toLine } from '../../simulator/script.ts';
import { startSimulator } from '../../simulator/server.ts';
import { defaultSwitches } from '../../simulator/switches.ts';
import { createTestDatabase } from '../support/database.ts';
import { prepareCopies } from './beginnings.ts';
import { differences } from './comparison.ts';
import { createPreparedDatabase } from './prepared-database.ts';
import { allowRedirect, firstMidnightMs, Player, type PlayerParts } from './player.ts';
import { histories, type History } from './steps.ts';
import { TemporalPlayer } from './temporal-player.ts';
import { withTemporalStage, type TemporalStage } from './temporal-stage.ts';

const longest = 20;
/** After so many histories everything starts empty again: what is kept of them must not slow the next ones down. */
const afresh = 400;

interface Stage extends PlayerParts {
  /** Where histories begin, by their seeds. */
  readonly beginnings: Map<number, Player>;
}

/** Plays a history to its quiet end and answers where WorkMeter differs from Factorial. */
async function playHistory(stage: Stage, { seed, modes, steps }: History): Promise<string[]> {
  stage.simulator.world.faults.clear();
  Object.assign(stage.simulator.world.switches, defaultSwitches());
  const player = new Player(stage);
  const like = stage.beginnings.get(seed) ?? new Player(stage);
  if (!stage.beginnings.has(seed)) await like.begin(seed);
  stage.beginnings.set(seed, like);
  await player.beginLike(like);
  await player.factorial('PUT', 'switches', modes);
  for (const step of steps) await player.play(step);
  await player.settle();
  return differences(player);
}

export interface Verdict {
  readonly played: number;
  /** The smallest history that ends wrong, in what it differs, and how to play it again; null when all end right. */
  readonly failure: { readonly history: History; readonly differs: string; readonly script: string } | null;
}

export interface Plan {
  readonly runs: number;
  readonly seed: number;
  /** Histories that are played first, beside the random ones. */
  readonly examples?: readonly History[];
  /** Histories of another kind than `histories` of `steps.ts`. */
  readonly arbitrary?: fc.Arbitrary<History>;
  /** A history that ends wrong is told as it is, instead of made as small as it gets. */
  readonly isFirstEnough?: boolean;
}

/** Plays `runs` random histories that follow from `seed`. */
export async function playHistories(
  { runs, seed, examples = [], ...rest }: Plan,
  onProgress: (played: number) => void = () => undefined,
): Promise<Verdict> {
  let played = 0;
  for (let start = 0; start < runs; start += afresh) {
    const before = played;
    const verdict = await withStage((stage) =>
      playSome(
        stage,
        {
          runs: Math.min(afresh, runs - start),
          seed: seed + start,
          examples: start === 0 ? examples : [],
          ...rest,
        },
        (count) => onProgress(before + count),
      ),
    );
    played += verdict.played;
    if (verdict.failure !== null) return { ...verdict, played };
  }
  return { played, failure: null };
}

async function playSome(
  stage: Stage,
  { runs, seed, examples = [], arbitrary = histories(longest), isFirstEnough = false }: Plan,
  onProgress: (played: number) => void,
): Promise<Verdict> {
  let played = 0;
  const property = fc.asyncProperty(arbitrary, async (history) => {
    const found = await playHistory(stage, history);
    played += 1;
    onProgress(played);
    if (found.length > 0) throw new Error(found.slice(0, 12).join('\n'));
  });
  const result = await fc.check(property, {
    numRuns: runs,
    seed,
    endOnFailure: isFirstEnough,
    examples: examples.map((history): [History] => [history]),
  });
  if (!result.failed) return { played, failure: null };
  const [history] = result.counterexample ?? [];
  if (history === undefined) throw new Error(`No history was found with seed ${seed}.`);
  const differs =
    result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  return {
    played,
    failure: { history, differs, script: isFirstEnough ? '' : await scriptOf(stage, history) },
  };
}

/** The history's part in Factorial, as the simulator can play it: one call of its control interface a line. */
async function scriptOf(stage: Stage, history: History): Promise<string> {
  const lines: string[] = [];
  const { app, world } = stage.simulator;
  const note = ({ method, url, payload }: InjectOptions): void => {
    const { pathname, searchParams } = new URL(typeof url === 'string' ? url : '', 'http://simulator');
    const route = pathname.slice('/control/'.length);
    if (!pathname.startsWith('/control/') || route === 'consent') return;
    const company = world.companies.get(searchParams.get('company_id') ?? '');
    searchParams.delete('company_id');
    const query = searchParams.size > 0 ? `?${searchParams.toString()}` : '';
    const call = controlCallSchema.parse({ method, path: route + query, body: payload });
    lines.push(company === undefined ? JSON.stringify(call) : toLine(call, company, world.clock.today()));
  };
  const recorder = new Proxy(app, {
    get(target, name) {
      if (name !== 'inject') return Reflect.get(target, name, target) as unknown;
      return (call: InjectOptions) => {
        note(call); // before the call: it may remove what it names
        return target.inject(call);
      };
    },
  });
  const simulator = { ...stage.simulator, app: recorder };
  await playHistory({ ...stage, simulator, beginnings: new Map() }, history).catch(() => undefined);
  return lines.join('\n');
}

/** So many histories are played at a time through Temporal. */
const lanes = 6;

/** Plays histories through the real service: Temporal, the workflows, API and worker. One that ends wrong is told as it is. */
export async function playThroughTemporal(
  { runs, seed }: Plan,
  onProgress: (played: number) => void = () => undefined,
): Promise<Verdict> {
  const left = fc.sample(histories(longest), { numRuns: runs, seed });
  let played = 0;
  let failure: Verdict['failure'] = null;
  await withTemporalStage(lanes, async (stage) => {
    await Promise.all(
      stage.simulators.map(async (simulator) => {
        for (let next = left.pop(); next !== undefined && failure === null; next = left.pop()) {
          const history = next;
          const found = await playThere(stage, simulator, history).catch((error: unknown) => [String(error)]);
          played += 1;
          onProgress(played);
          if (found.length > 0) failure = { history, differs: found.slice(0, 12).join('\n'), script: '' };
        }
      }),
    );
  });
  return { played, failure };
}

async function playThere(
  stage: TemporalStage,
  simulator: TemporalStage['simulators'][number],
  { seed, modes, steps }: History,
): Promise<string[]> {
  Object.assign(simulator.world.switches, defaultSwitches());
  const player = new TemporalPlayer(stage, simulator);
  await player.begin(seed);
  await player.factorial('PUT', 'switches', modes);
  for (const step of steps) await player.play(step);
  await player.settle();
  return differences(player);
}

/** A simulator and a database of one's own. */
export async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const openedAt = Date.now();
  const clock = createClock({ source: () => firstMidnightMs + Date.now() - openedAt });
  const simulator = await startSimulator({ clock, seed: { people: 1, absences: 1, locations: 1 } });
  const testDatabase = await createTestDatabase();
  const db = createPreparedDatabase(testDatabase.url);
  try {
    await allowRedirect(simulator);
    await prepareCopies(db);
    return await work({ db, simulator, beginnings: new Map() });
  } finally {
    await db.$disconnect();
    await testDatabase.drop();
    await simulator.close();
  }
}
