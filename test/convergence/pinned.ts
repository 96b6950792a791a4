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
  // Somebody who has vanished waits for an approval, and is not taken in meanwhile because a reconciliation has passed.
  {
    seed: 0,
    modes: { emptyList: 'errorsNull' },
    steps: [
      { do: 'hire', place: 0, schedule: null, hasEmail: false, fate: 'delivered' },
      {
        do: 'take leave',
        person: 0,
        type: 0,
        day: 0,
        length: 0,
        half: null,
        hours: null,
        approved: true,
        fate: 'delivered',
      },
      { do: 'drain', crashAt: null, committed: false },
      { do: 'change leave', leave: 0, day: 8, length: 1, type: 0, half: null, fate: 'delivered' },
      { do: 'person vanishes', person: 0 },
      { do: 'sleep', nights: 2 },
      { do: 'go on reconciling', activities: 1 },
      { do: 'employ', employee: 0, from: null, to: null },
    ],
  },
];
