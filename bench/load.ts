import { startChildFile } from './child.ts';

/** Requests that take turns: one of each target, the next of each, and so on. */
export interface LoadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text in which `idMark` stands for the id. */
  readonly body: string;
  readonly ids: readonly string[];
}

export const idMark = '__ID__';

export interface LoadJob {
  readonly targets: readonly LoadTarget[];
  readonly connections: number;
  /** Answers of the first moments are not counted: code gets compiled, connections open. */
  readonly warmUpMs: number;
  readonly seconds: number;
  /** Requests a second, whatever the answers; null: each connection sends the next when it has its answer. */
  readonly perSecond: number | null;
  /** Ends after this many requests; null: after `seconds`. */
  readonly count: number | null;
}

export interface LoadResult {
  readonly sent: number;
  readonly answeredPerSecond: number;
  /** By status; `error` where no answer came. */
  readonly statuses: Readonly<Record<string, number>>;
  /** At an open rate counted from the moment at which the request was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadGenerator {
  run(job: Partial<LoadJob> & Pick<LoadJob, 'targets'>): Promise<LoadResult>;
  stop(): void;
}

const defaults = { connections: 50, warmUpMs: 0, seconds: 5, perSecond: null, count: null } as const;

/** Sends requests from a process of its own, so that measuring does not slow down what is measured. */
export function startLoadGenerator(): LoadGenerator {
  const child = startChildFile<LoadResult>('./load-process.js');
  return {
    run: async (job) => {
      const answer = child.next();
      child.send({ ...defaults, ...job } satisfies LoadJob);
      return await answer;
    },
    stop: () => child.stop(),
  };
}

export const non2xx = ({ statuses }: LoadResult): number =>
  Object.entries(statuses).reduce((sum, [status, count]) => sum + (status.startsWith('2') ? 0 : count), 0);
