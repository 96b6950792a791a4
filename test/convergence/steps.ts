import fc from 'fast-check';

/** What may happen to a delivery on its way. */
const fates = ['delivered', 'delivered', 'twice', 'late', 'lost'] as const;
export type Fate = (typeof fates)[number];

/**
 * One step of a history. People, leaves, dates and the like are numbers that the player takes modulo what is there, so that
 * any list of steps can be played, and a shorter one after a failure too.
 */
export type Step =
  | { readonly do: 'hire'; readonly place: number; readonly fate: Fate }
  | { readonly do: 'move'; readonly person: number; readonly place: number; readonly fate: Fate }
  | { readonly do: 'terminate'; readonly person: number; readonly day: number; readonly fate: Fate }
  | { readonly do: 'unterminate'; readonly person: number; readonly fate: Fate }
  | {
      readonly do: 'take leave';
      readonly person: number;
      readonly type: number;
      readonly day: number;
      /** Null: open-ended. */
      readonly length: number | null;
      readonly half: 'beginning_of_day' | 'end_of_day' | null;
      readonly hours: number | null;
      readonly approved: boolean | null;
      readonly fate: Fate;
    }
  | {
      readonly do: 'change leave';
      readonly leave: number;
      readonly day: number;
      readonly length: number;
      readonly type: number;
      readonly fate: Fate;
    }
  | { readonly do: 'approve' | 'reject' | 'delete leave'; readonly leave: number; readonly fate: Fate }
  | { readonly do: 'leave vanishes'; readonly leave: number }
  | { readonly do: 'toggle workable'; readonly type: number; readonly fate: Fate }
  | {
      readonly do: 'add holiday';
      readonly place: number;
      readonly day: number;
      readonly half: 'beginning_of_day' | 'end_of_day' | null;
    }
  | { readonly do: 'remove holiday'; readonly holiday: number }
  | {
      readonly do: 'plan a day';
      readonly person: number;
      readonly day: number;
      readonly minutes: number | null;
    }
  | { readonly do: 'link'; readonly employee: number; readonly person: number }
  | { readonly do: 'unlink'; readonly employee: number }
  | { readonly do: 'map'; readonly type: number; readonly dayType: number }
  | { readonly do: 'unmap' | 'ignore'; readonly type: number }
  | { readonly do: 'edit day'; readonly employee: number; readonly day: number; readonly minutes: number }
  | { readonly do: 'undo edit'; readonly employee: number; readonly day: number }
  | {
      readonly do: 'employ';
      readonly employee: number;
      readonly from: number | null;
      readonly to: number | null;
    }
  /** `crashAt`: the process dies around that transaction, before its commit or right after it. */
  | {
      readonly do: 'drain' | 'apply facts' | 'reconcile';
      readonly crashAt: number | null;
      readonly committed: boolean;
    };

const index = fc.nat({ max: 30 });
/** Mostly near, so that things meet on one day; now and then at the edges of the horizon and beyond. */
const day = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: -40, max: 100 }) },
);
const fate = fc.constantFrom(...fates);
const half = fc.constantFrom('beginning_of_day' as const, 'end_of_day' as const, null, null);
const crash = { crashAt: fc.option(fc.nat({ max: 12 }), { freq: 2 }), committed: fc.boolean() };
const what = <T extends string>(name: T) => fc.constant(name);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: what('hire'), place: index, fate }) },
  { weight: 1, arbitrary: fc.record({ do: what('move'), person: index, place: index, fate }) },
  { weight: 1, arbitrary: fc.record({ do: what('terminate'), person: index, day, fate }) },
  { weight: 1, arbitrary: fc.record({ do: what('unterminate'), person: index, fate }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: what('take leave'),
      person: index,
      type: index,
      day,
      length: fc.option(fc.nat({ max: 9 }), { freq: 9 }),
      half,
      hours: fc.constantFrom(null, null, null, 150, 250, 800, 0),
      approved: fc.constantFrom(true, true, true, null, false),
      fate,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: what('change leave'),
      leave: index,
      day,
      length: fc.nat({ max: 5 }),
      type: index,
      fate,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('approve' as const, 'reject' as const, 'delete leave' as const),
      leave: index,
      fate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: what('leave vanishes'), leave: index }) },
  { weight: 1, arbitrary: fc.record({ do: what('toggle workable'), type: index, fate }) },
  { weight: 1, arbitrary: fc.record({ do: what('add holiday'), place: index, day, half }) },
  { weight: 1, arbitrary: fc.record({ do: what('remove holiday'), holiday: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: what('plan a day'),
      person: index,
      day,
      minutes: fc.constantFrom(null, 0, 240, 462.5, 480),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: what('link'), employee: index, person: index }) },
  { weight: 1, arbitrary: fc.record({ do: what('unlink'), employee: index }) },
  { weight: 2, arbitrary: fc.record({ do: what('map'), type: index, dayType: index }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('unmap' as const, 'ignore' as const), type: index }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: what('edit day'), employee: index, day, minutes: fc.nat({ max: 600 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: what('undo edit'), employee: index, day }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: what('employ'), employee: index, from: fc.option(day), to: fc.option(day) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('drain' as const, 'apply facts' as const), ...crash }),
  },
  { weight: 1, arbitrary: fc.record({ do: what('reconcile'), ...crash }) },
);

/** Random histories of a small company, from calm to wild. */
export const histories = (longest: number): fc.Arbitrary<Step[]> =>
  fc.array(step, { minLength: 1, maxLength: longest, size: 'max' });
