import type { BenchStack } from './bench-stack.ts';
import { watchDays } from './day-watch.ts';
import { freeDays, timeOneLeave } from './leaves.ts';
import { atPace } from './pace.ts';
import { tell } from './progress.ts';
import { percentile, round } from './statistics.ts';
import { connectTenants } from './tenants.ts';

/** A tenant beside the one that is loaded: one delivery a second, each about a new leave. Times in ms. */
export interface Neighbour {
  /** How long each took while nothing else happened. */
  readonly alone: readonly number[];
  /** How long each takes from now on, for as many seconds as it was alone. */
  beside(): Promise<number[]>;
  stop(): Promise<void>;
}

/** Connects the tenant and times it alone: what is to disturb it afterwards must be ready. */
export async function timeNeighbour(stack: BenchStack, seconds: number): Promise<Neighbour> {
  const [neighbour] = await connectTenants(stack, 'neighbour', 1, 10);
  if (neighbour === undefined) throw new Error('a neighbour is needed');
  const watch = await watchDays(stack, 'neighbour-');
  const days = await freeDays(stack, neighbour);
  const once = async (): Promise<number> => {
    const day = days.shift();
    if (day === undefined) throw new Error('the neighbour has no free day left');
    return await timeOneLeave(stack, watch, neighbour, day);
  };
  await atPace(1, 10, once);
  tell(`the neighbour alone, for ${seconds} s`);
  const alone = await atPace(1, seconds, once);
  tell(`p50 ${round(percentile(alone, 0.5))} ms, p99 ${round(percentile(alone, 0.99))} ms`);
  return { alone, beside: () => atPace(1, seconds, once), stop: () => watch.stop() };
}
