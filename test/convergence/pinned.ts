import type { History } from './steps.ts';

/** Histories that ended wrong once, made small: each shows what was mended. */
export const pinned: readonly History[] = [
  // Asked for the plan of somebody who has vanished, Factorial answers with what is no list; other people's days wait for nothing.
  {
    seed: 0,
    modes: { emptyList: 'errorsNull' },
    steps: [
      { do: 'hire', place: 0, schedule: 0, hasEmail: true, fate: 'delivered' },
      { do: 'drain', crashAt: null, committed: false },
      { do: 'person vanishes', person: 0 },
    ],
  },
];
