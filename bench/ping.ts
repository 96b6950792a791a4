import type { BenchStack } from './bench-stack.ts';
import { startChildFile } from './child.ts';
import { clock } from './clock.ts';

interface Arrival {
  readonly n: number;
  readonly at: number;
}

export interface Pinger {
  /** Signals one workflow after the other; answers how long it took until its activity began, in ms. */
  ping(): Promise<number>;
  stop(): void;
}

/** The baseline of a latency: a bare signal that causes one activity, on the same Temporal server. */
export async function startPinger(
  { temporal, temporalAddress }: BenchStack,
  workflows: number,
): Promise<Pinger> {
  const worker = startChildFile<Arrival>('./baseline-worker.js', { BENCH_TEMPORAL_ADDRESS: temporalAddress });
  const waiting = new Map<number, (at: number) => void>();
  await worker.next(); // it polls
  worker.listen(({ n, at }) => waiting.get(n)?.(at));
  const handles = await Promise.all(
    Array.from({ length: workflows }, (_, index) =>
      temporal.workflow.start('pingWorkflow', { workflowId: `bench-ping-${index}`, taskQueue: 'bench-ping' }),
    ),
  );
  let turn = 0;
  return {
    ping: async () => {
      const n = (turn += 1);
      const arrived = new Promise<number>((resolve) => waiting.set(n, resolve));
      const sentAt = clock();
      await handles[n % workflows]?.signal('ping', n);
      const at = await arrived;
      waiting.delete(n);
      return at - sentAt;
    },
    stop: () => worker.stop(),
  };
}
