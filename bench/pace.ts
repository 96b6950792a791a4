import { setTimeout as sleep } from 'node:timers/promises';

/** Begins `work` so many times a second for so many seconds, whether or not earlier ones are done; answers all results. */
export async function atPace<T>(
  perSecond: number,
  seconds: number,
  work: (turn: number) => Promise<T>,
): Promise<T[]> {
  const startedAt = performance.now();
  const all: Promise<T>[] = [];
  for (let turn = 0; turn < perSecond * seconds; turn += 1) {
    await sleep(Math.max(0, startedAt + (turn * 1_000) / perSecond - performance.now()));
    const one = work(turn);
    one.catch(() => undefined); // reported below
    all.push(one);
  }
  return await Promise.all(all);
}
