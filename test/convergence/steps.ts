import fc from 'fast-check';
import type { Switches } from '../../simulator/switches.ts';

/** What may happen to a delivery on its way. */
const fates = ['delivered', 'delivered', 'twice', 'late', 'lost'] as const;
export type Fate = (typeof fates)[number];

/** What an answer of Factorial may suffer from: the first ones show as errors, those of a `page` look like good answers. */
const disturbances = [
  'error',
  'html',
  'cut',
  'half',
  'too many requests',
  'forbidden',
  'page is empty',
  'page is empty, and others follow',
  'page lacks rows',
  'page has another total',
  'page comes again',
] as const;
export type Disturbance = (typeof disturbances)[number];

const halves = ['beginning_of_day', 'end_of_day', 'lunch'] as const;
type Half = (typeof halves)[number] | null;

/**
 * One step of a history. People, leaves, dates and the like are numbers that the player takes modulo what is there, so that
 * any list of steps can be played, and a shorter one after a failure too.
 */
export type Step = FactorialStep | WorkMeterStep;

/** Something that happens in Factorial, and the fate of the webhook about it. */
export type FactorialStep =
  | {
      readonly do: 'hire';
      readonly place: number;
      /** Null: nothing is planned for this person. */
      readonly schedule: number | null;
      readonly hasEmail: boolean;
      readonly fate: Fate;
    }
  /** `place` null: no location any more. */
  | { readonly do: 'move'; readonly person: number; readonly place: number | null; readonly fate: Fate }
  | { readonly do: 'rename'; readonly person: number; readonly fate: Fate }
  | { readonly do: 'terminate'; readonly person: number; readonly day: number; readonly fate: Fate }
  | { readonly do: 'unterminate'; readonly person: number; readonly fate: Fate }
  /** Of the people that have come since, so that those of the beginning stay. */
  | { readonly do: 'person vanishes'; readonly person: number }
  | {
      readonly do: 'take leave';
      readonly person: number;
      readonly type: number;
      readonly day: number;
      /** Null: open-ended. */
      readonly length: number | null;
      readonly half: Half;
      readonly hours: number | null;
      readonly approved: boolean | null;
      readonly fate: Fate;
    }
  | {
      readonly do: 'change leave';
      readonly leave: number;
      readonly day: number;
      readonly length: number | null;
      readonly type: number;
      readonly half: Half;
      readonly fate: Fate;
    }
  | { readonly do: 'approve' | 'reject' | 'delete leave'; readonly leave: number; readonly fate: Fate }
  | { readonly do: 'leave vanishes'; readonly leave: number }
  | { readonly do: 'add type'; readonly isWorkable: boolean; readonly fate: Fate }
  | { readonly do: 'toggle workable' | 'retire type'; readonly type: number; readonly fate: Fate }
  | { readonly do: 'add holiday'; readonly place: number; readonly day: number; readonly half: Half }
  | { readonly do: 'move holiday'; readonly holiday: number; readonly place: number; readonly day: number }
  | { readonly do: 'remove holiday'; readonly holiday: number }
  | {
      readonly do: 'plan a day';
      readonly person: number;
      readonly day: number;
      readonly minutes: number | null;
    }
  | {
      readonly do: 'change schedule';
      readonly schedule: number;
      readonly minutes: number;
      readonly fate: Fate;
    };

/** Something that people do in WorkMeter, or that the service does. */
export type WorkMeterStep =
  /**
   * One worker has read and is slow to write: it waits before its `at`-th transaction while Factorial changes, is heard of, and
   * another worker writes what it reads.
   */
  | {
      readonly do: 'overlap';
      readonly slow: 'drain' | 'reconcile';
      readonly at: number;
      readonly change: FactorialStep;
    }
  | { readonly do: 'link'; readonly employee: number; readonly person: number }
  | { readonly do: 'unlink'; readonly employee: number }
  | { readonly do: 'map'; readonly type: number; readonly dayType: number }
  | { readonly do: 'unmap' | 'ignore'; readonly type: number }
  | { readonly do: 'edit day'; readonly employee: number; readonly day: number; readonly minutes: number }
  | { readonly do: 'undo edit'; readonly employee: number; readonly day: number }
  | { readonly do: 'value day type'; readonly dayType: number; readonly minutes: number }
  | { readonly do: 'set default week'; readonly minutes: number }
  | { readonly do: 'decide'; readonly decision: 'approve' | 'reject' }
  | {
      readonly do: 'employ';
      readonly employee: number;
      readonly from: number | null;
      readonly to: number | null;
    }
  | { readonly do: 'sleep'; readonly nights: number }
  | { readonly do: 'refuse token' }
  /**
   * Another token from now on: the company's, or that of one of the people of the beginning, who may not see one of the others.
   * With a person's token nothing is proven gone (rule 6).
   */
  | { readonly do: 'authorize'; readonly as: number | null; readonly hidden: number | null }
  /** Factorial takes the token for one of another region, and shows nothing; or knows it again. */
  | { readonly do: 'change region'; readonly isOther: boolean }
  /** The next answers of Factorial are bad: after `skip` good ones, `times` of them. */
  | {
      readonly do: 'disturb';
      readonly how: Disturbance;
      readonly skip: number;
      readonly times: number;
    }
  /** `crashAt`: the process dies around that transaction, before it began or right after its commit. */
  | {
      readonly do: 'drain' | 'apply facts' | 'poll holidays' | 'reconcile';
      readonly crashAt: number | null;
      readonly committed: boolean;
    }
  /** A reconciliation goes on by so many activities; what comes next happens while it runs. */
  | { readonly do: 'go on reconciling'; readonly activities: number };

const index = fc.nat({ max: 30 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 5): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { freq, nil: null });
/** Mostly near, so that things meet on one day; now and then at the edges of the horizon and beyond. */
const day = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: -20, max: 24 }) },
);
const fate = fc.constantFrom(...fates);
const half: fc.Arbitrary<Half> = fc.oneof(
  { weight: 9, arbitrary: fc.constant(null) },
  { weight: 9, arbitrary: fc.constantFrom('beginning_of_day' as const, 'end_of_day' as const) },
  { weight: 1, arbitrary: fc.constant('lunch' as const) },
);
const hours = fc.constantFrom(null, null, null, 33, 150, 250, 800, 0);
const length = maybe(fc.nat({ max: 6 }), 9);
const minutes = fc.constantFrom(0, 1, 240, 375, 461, 462.5, 480);
const soundly = { crashAt: null, committed: false };
const crash = { crashAt: maybe(fc.nat({ max: 12 }), 2), committed: fc.boolean() };
const what = <T extends string>(...names: T[]) => fc.constantFrom(...names);

const onTime = fc.constant('delivered' as const);
const change: fc.Arbitrary<FactorialStep> = fc.oneof(
  fc.record({ do: what('change leave'), leave: index, day, length, type: index, half, fate: onTime }),
  fc.record({ do: what('approve', 'reject', 'delete leave'), leave: index, fate: onTime }),
  fc.record({ do: what('terminate'), person: index, day, fate: onTime }),
);

/** Of the leave that was taken last: index 0. */
const changeOfLatest: fc.Arbitrary<FactorialStep> = fc.oneof(
  fc.record({
    do: what('change leave'),
    leave: fc.constant(0),
    day,
    length,
    type: index,
    half: fc.constant(null),
    fate: onTime,
  }),
  fc.record({ do: what('reject', 'delete leave'), leave: fc.constant(0), fate: onTime }),
);

const weighted: readonly (readonly [weight: number, fc.Arbitrary<Step>])[] = [
  [2, fc.record({ do: what('hire'), place: index, schedule: maybe(index, 3), hasEmail: fc.boolean(), fate })],
  [2, fc.record({ do: what('move'), person: index, place: maybe(index, 4), fate })],
  [1, fc.record({ do: what('rename'), person: index, fate })],
  [1, fc.record({ do: what('terminate'), person: index, day, fate })],
  [1, fc.record({ do: what('unterminate'), person: index, fate })],
  [2, fc.record({ do: what('person vanishes'), person: index })],
  [
    9,
    fc.record({
      do: what('take leave'),
      person: index,
      type: index,
      day,
      length,
      half,
      hours,
      approved: fc.constantFrom(true, true, true, null, false),
      fate,
    }),
  ],
  [3, fc.record({ do: what('change leave'), leave: index, day, length, type: index, half, fate })],
  [4, fc.record({ do: what('approve', 'reject', 'delete leave'), leave: index, fate })],
  [2, fc.record({ do: what('leave vanishes'), leave: index })],
  [1, fc.record({ do: what('add type'), isWorkable: fc.boolean(), fate })],
  [1, fc.record({ do: what('toggle workable', 'retire type'), type: index, fate })],
  [2, fc.record({ do: what('add holiday'), place: index, day, half })],
  [1, fc.record({ do: what('move holiday'), holiday: index, place: index, day })],
  [1, fc.record({ do: what('remove holiday'), holiday: index })],
  [2, fc.record({ do: what('plan a day'), person: index, day, minutes: maybe(minutes) })],
  [1, fc.record({ do: what('change schedule'), schedule: index, minutes, fate })],
  [4, fc.record({ do: what('link'), employee: index, person: index })],
  [1, fc.record({ do: what('unlink'), employee: index })],
  [3, fc.record({ do: what('map'), type: index, dayType: index })],
  [2, fc.record({ do: what('unmap', 'ignore'), type: index })],
  [2, fc.record({ do: what('edit day'), employee: index, day, minutes: fc.nat({ max: 600 }) })],
  [1, fc.record({ do: what('undo edit'), employee: index, day })],
  [2, fc.record({ do: what('value day type'), dayType: index, minutes: fc.nat({ max: 600 }) })],
  [1, fc.record({ do: what('set default week'), minutes: fc.constantFrom(0, 300, 480) })],
  [1, fc.record({ do: what('decide'), decision: what('approve', 'reject') })],
  [2, fc.record({ do: what('employ'), employee: index, from: maybe(day), to: maybe(day) })],
  [1, fc.record({ do: what('sleep'), nights: fc.integer({ min: 1, max: 9 }) })],
  [1, fc.record({ do: what('refuse token') })],
  [2, fc.record({ do: what('authorize'), as: maybe(index, 2), hidden: maybe(index, 1) })],
  [1, fc.record({ do: what('change region'), isOther: fc.boolean() })],
  [
    2,
    fc.record({
      do: what('disturb'),
      how: fc.constantFrom(...disturbances),
      skip: fc.nat({ max: 9 }),
      times: fc.integer({ min: 1, max: 2 }),
    }),
  ],
  [3, fc.record({ do: what('overlap'), slow: what('drain', 'reconcile'), at: fc.nat({ max: 3 }), change })],
  [8, fc.record({ do: what('drain', 'apply facts'), ...crash })],
  [1, fc.record({ do: what('poll holidays'), ...crash })],
  [2, fc.record({ do: what('reconcile'), ...crash })],
  [4, fc.record({ do: what('go on reconciling'), activities: fc.integer({ min: 1, max: 8 }) })],
];

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })),
);

/** One of the people who are linked to begin with, by the number of the person and of the employee alike. */
const linked = fc.nat({ max: 1 });
/** Of those that are mapped to begin with; one is workable. */
const mappedType = fc.nat({ max: 5 });
const unmappedType = fc.constantFrom(6, 7);

const takeLeave = (person: number, type: number, date: number): Step => ({
  do: 'take leave',
  person,
  type,
  day: date,
  length: 0,
  half: null,
  hours: null,
  approved: true,
  fate: 'delivered',
});

/** Leaves of one person that meet on one day, mostly an odd one: who claims what is only seen where claims meet. */
const crowd = fc
  .record({
    person: linked,
    day,
    planned: fc.constantFrom(461, 462.5, 375, 480),
    leaves: fc.array(
      fc.record({
        type: mappedType,
        length: fc.constantFrom(0, 0, 0, 1, null),
        half: fc.constantFrom(null, 'beginning_of_day' as const, 'end_of_day' as const),
        hours,
        fate,
      }),
      { minLength: 2, maxLength: 4 },
    ),
    edited: maybe(fc.nat({ max: 600 }), 2),
    revalued: maybe(fc.nat({ max: 600 }), 1),
  })
  .map(({ person, day: date, planned, leaves, edited, revalued }): Step[] => [
    { do: 'plan a day', person, day: date, minutes: planned },
    ...(edited === null ? [] : [{ do: 'edit day' as const, employee: person, day: date, minutes: edited }]),
    ...leaves.map((leave) => ({ do: 'take leave' as const, person, day: date, approved: true, ...leave })),
    ...(revalued === null
      ? []
      : [
          { do: 'drain' as const, ...soundly },
          { do: 'value day type' as const, dayType: leaves[0]?.type ?? 0, minutes: revalued },
        ]),
  ]);

/** Somebody moves after a feast, to or from where it was: the days before keep the place where they were spent. */
const moveAfterFeast = fc
  .record({ person: linked, place: index, feastPlace: index, day: fc.integer({ min: -4, max: -1 }), fate })
  .map(({ person, place, feastPlace, day: date, fate: itsFate }): Step[] => [
    { do: 'plan a day', person, day: date, minutes: 480 },
    { do: 'add holiday', place: feastPlace, day: date, half: null },
    { do: 'move', person, place, fate: itsFate },
  ]);

/** Somebody who was taken in is not there any more. */
const shortStay = fc
  .record({ place: index, isReconciled: fc.boolean() })
  .map(({ place, isReconciled }): Step[] => [
    { do: 'hire', place, schedule: place, hasEmail: true, fate: 'delivered' },
    { do: isReconciled ? 'reconcile' : 'drain', ...soundly },
    { do: 'person vanishes', person: place },
  ]);

/** A leave that was heard of moves away, mostly out of the window: its old days are free again, and it has not been deleted. */
const strayLeave = fc
  .record({ person: linked, type: mappedType, day, to: fc.integer({ min: 8, max: 30 }), moveFate: fate })
  .map(({ person, type, day: date, to, moveFate }): Step[] => [
    takeLeave(person, type, date),
    { do: 'drain', ...soundly },
    { do: 'change leave', leave: 0, day: to, length: 1, type, half: null, fate: moveFate },
  ]);

/** A leave is heard of before anybody has said what its type means, or whose it is. */
const parkedLeave = fc
  .record({ person: linked, type: unmappedType, day, dayType: index, isLinked: fc.boolean(), fate })
  .map(({ person, type, day: date, dayType, isLinked }): Step[] => [
    ...(isLinked ? [] : [{ do: 'unlink' as const, employee: person }]),
    takeLeave(person, type, date),
    { do: 'drain', ...soundly },
    { do: 'map', type, dayType },
    ...(isLinked ? [] : [{ do: 'link' as const, employee: person, person }]),
  ]);

/** A worker has read a leave and is slow to write it; what happens to the leave meanwhile is read and written by another one. */
const slowReader = fc
  .record({ person: linked, type: mappedType, day, change: changeOfLatest })
  .map(({ person, type, day: date, change: what }): Step[] => [
    takeLeave(person, type, date),
    { do: 'overlap', slow: 'drain', at: 0, change: what },
  ]);

/** Mostly a step by itself; now and then some that make sense together, so that each rule is met every few dozen histories. */
const scene: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 30, arbitrary: anyStep.map((step) => [step]) },
  { weight: 4, arbitrary: crowd },
  { weight: 1, arbitrary: moveAfterFeast },
  { weight: 1, arbitrary: shortStay },
  { weight: 3, arbitrary: strayLeave },
  { weight: 2, arbitrary: parkedLeave },
  { weight: 2, arbitrary: slowReader },
);

/**
 * How Factorial answers where it is unknown how it does, by the names of its switches. Left out are those that are met in no
 * request of these histories, and `unplannedDays: absent`: a plan that ended may then look like a missing permission.
 */
const modes = fc.record({
  lastCursor: fc.constantFrom('set' as const, 'absent' as const, 'null' as const),
  emptyList: fc.constantFrom('data' as const, 'errorsNull' as const),
  error401Body: fc.constantFrom('errorsNull' as const, 'oauth' as const, 'empty' as const),
  missingScope: fc.constantFrom(403 as const, 404 as const, 'empty' as const),
  unknownParam: fc.constantFrom('ignore' as const, 400 as const),
  requiredParams: fc.constantFrom('lenient' as const, 'strict' as const),
  startTimeFormat: fc.constantFrom('HH:MM' as const, 'timestamp' as const),
  durationAttributes: fc.constantFrom('object' as const, 'json' as const),
  daysTaken: fc.constantFrom('calendar' as const, 'zero' as const),
  filteredMetaLimit: fc.constantFrom('number' as const, 'null' as const),
  terminatingFlags: fc.constantFrom('activeUntilDay' as const, 'inactiveAtOnce' as const),
  lastWorkingDay: fc.constantFrom('inclusive' as const, 'exclusive' as const),
  holidayEdit: fc.constantFrom('sameId' as const, 'newId' as const),
  unplannedDays: fc.constantFrom('null' as const, 'zero' as const),
} satisfies Partial<Record<keyof Switches, unknown>>);

/** A company and what happens to it, from calm to wild. `seed` decides how the company looks. */
export interface History {
  readonly seed: number;
  readonly modes: Partial<Switches>;
  readonly steps: readonly Step[];
}

export const histories = (longest: number): fc.Arbitrary<History> =>
  fc.record({
    seed: fc.nat({ max: 17 }),
    modes,
    steps: fc.array(scene, { minLength: 1, maxLength: longest, size: 'max' }).map((scenes) => scenes.flat()),
  });

const silently: fc.Arbitrary<FactorialStep> = fc.oneof(
  fc.record({ do: what('leave vanishes'), leave: index }),
  fc.record({ do: what('delete leave'), leave: index, fate: fc.constant('lost' as const) }),
  fc.record({ do: what('remove holiday'), holiday: index }),
  fc.record({ do: what('person vanishes'), person: index }),
  fc.record({
    do: what('hire'),
    place: index,
    schedule: maybe(index, 3),
    hasEmail: fc.boolean(),
    fate: fc.constant('lost' as const),
  }),
);

export const longestListings = 4;

/**
 * Reconciliations whose answers are broken on some page, and the next one, which is not: nothing that is there may be removed by
 * either of them (rule 6). Mostly of companies whose absences fill three pages.
 */
export const brokenListings = (longest: number): fc.Arbitrary<History> =>
  fc.record({
    seed: fc.constantFrom(0, 6, 12, 1),
    modes,
    steps: fc
      .array(
        fc
          .record({
            changes: fc.array(silently, { maxLength: 2 }),
            how: fc.constantFrom(...disturbances),
            skip: fc.nat({ max: 12 }),
            times: fc.integer({ min: 1, max: 3 }),
          })
          .map(({ changes, ...disturbance }): Step[] => [
            ...changes,
            { do: 'disturb', ...disturbance },
            { do: 'reconcile', ...soundly },
          ]),
        { minLength: 1, maxLength: longest, size: 'max' },
      )
      .map((parts) => parts.flat()),
  });
