import { setTimeout as sleep } from 'node:timers/promises';
import type { PartName } from '../../support/world-parts.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startMortalServers, type ServerName } from './mortal-servers.ts';

export const mortals = ['api', 'worker', 'temporal', 'postgres'] as const;
export type Mortal = PartName | ServerName;

/** A world all of whose processes can be killed. */
export interface MortalWorld extends World {
  /** SIGKILL; after a while it is started again on what it left. Kills nothing that is down. */
  kill(name: Mortal, downMs: number): Promise<void>;
  /** Waits until all of it runs again. */
  whole(): Promise<void>;
  /** How often a part ended by itself, because what it needs was away: whoever runs it starts it again. */
  readonly endedThemselves: Readonly<Record<PartName, number>>;
}

const tendEveryMs = 100;
const wholeTimeoutMs = 180_000;

export async function createMortalWorld(options: WorldOptions): Promise<MortalWorld> {
  const servers = await startMortalServers();
  const world = await createWorld({ ...options, processes: true, servers }).catch(async (error: unknown) => {
    await servers.close();
    throw error;
  });
  const down = new Set<Mortal>();
  const endedThemselves = { api: 0, worker: 0 };
  const isPart = (name: Mortal): name is PartName => name === 'api' || name === 'worker';
  let isOver = false;

  /** Why a part did not start the last time. */
  let failure = new Error('They have not ended yet.');
  const startPart = async (part: PartName): Promise<void> => {
    await world.start(part).catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
  };

  /** Starts a part again whenever it does not run, however it ended, as an orchestrator does. */
  async function tend(part: PartName): Promise<void> {
    for (; !isOver; await sleep(tendEveryMs)) {
      if (down.has(part) || world.isRunning(part)) continue;
      endedThemselves[part] += 1;
      await startPart(part);
    }
  }
  const tending = (['api', 'worker'] as const).map(tend);
  const revivals = new Set<Promise<void>>();

  async function revive(name: Mortal, downMs: number): Promise<void> {
    await sleep(downMs);
    if (isPart(name)) await startPart(name);
    else await servers.start(name);
    down.delete(name);
  }

  return {
    ...world,
    endedThemselves,
    kill: async (name, downMs) => {
      if (down.has(name) || (isPart(name) && !world.isRunning(name))) return;
      down.add(name);
      await (isPart(name) ? world.stop(name, 'SIGKILL') : servers.kill(name));
      const revival = revive(name, downMs).finally(() => revivals.delete(revival));
      revivals.add(revival);
    },
    whole: async () => {
      await Promise.all(revivals);
      await waitFor(
        'all parts to run',
        () => {
          if (world.isRunning('api') && world.isRunning('worker')) return true;
          throw failure;
        },
        wholeTimeoutMs,
      );
    },
    close: async () => {
      isOver = true;
      await Promise.allSettled([...revivals, ...tending]);
      await world.close();
      await servers.close();
    },
  };
}
