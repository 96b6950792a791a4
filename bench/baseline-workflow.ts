import { condition, proxyActivities, setHandler, defineSignal } from '@temporalio/workflow';

const { arrive } = proxyActivities<{ arrive(n: number): Promise<void> }>({ startToCloseTimeout: '30 s' });

/** The least that a signal can cause: one activity. */
export async function pingWorkflow(): Promise<void> {
  const waiting: number[] = [];
  setHandler(defineSignal<[number]>('ping'), (n) => void waiting.push(n));
  for (;;) {
    await condition(() => waiting.length > 0);
    await arrive(waiting.shift() ?? 0);
  }
}
