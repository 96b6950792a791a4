import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from './civil-date.ts';
import { expectedDay, isEmployed, isPlanKnown, lastDay, locationOn } from './day.ts';
import type {
  AbsenceFact,
  AbsenceMeaning,
  ComputedDay,
  EmployeeFacts,
  HolidayFact,
  PlannedFact,
} from './day.ts';

const saturday = '2026-11-21';
const sunday = '2026-11-22';
const monday = '2026-11-23';
const tuesday = '2026-11-24';
const wednesday = '2026-11-25';

const meanings: ReadonlyMap<string, AbsenceMeaning> = new Map<string, AbsenceMeaning>([
  ['vacation', { status: 'mapped', dayTypeId: 'vacation', minutes: 0, version: 1, workable: false }],
  ['training', { status: 'mapped', dayTypeId: 'training', minutes: 300, version: 2, workable: false }],
  ['exam', { status: 'mapped', dayTypeId: 'exam', minutes: 100, version: 3, workable: false }],
  ['odd', { status: 'mapped', dayTypeId: 'odd', minutes: 301, version: 4, workable: false }],
  ['long', { status: 'mapped', dayTypeId: 'long', minutes: 600, version: 5, workable: false }],
  ['remote', { status: 'mapped', dayTypeId: 'remote', minutes: 123, version: 6, workable: true }],
  ['private', { status: 'ignored' }],
  ['new', { status: 'to_be_mapped' }],
]);

const plan = (minutes: string | null, source: string | null = 'schedule'): PlannedFact => ({
  minutes,
  source,
  readNumber: '7',
});

/** A linked employee at `madrid` whose Monday to Wednesday are planned with 480 minutes each. */
function makeFacts(changes: Partial<EmployeeFacts> = {}): EmployeeFacts {
  return {
    startsOn: null,
    endsOn: null,
    profile: { terminatedOn: null, locations: [{ fromOn: '0001-01-01', locationId: 'madrid' }] },
    planned: new Map([monday, tuesday, wednesday].map((date) => [date, plan('480')])),
    planKnown: true,
    defaultWeekMinutes: [480, 480, 480, 480, 480, 0, 0],
    holidays: new Map(),
    absences: [],
    meanings,
    edits: new Map(),
    ...changes,
  };
}

function absence(id: string, absenceTypeId: string | null, changes: Partial<AbsenceFact> = {}): AbsenceFact {
  return {
    id,
    absenceTypeId,
    startOn: monday,
    finishOn: monday,
    halfDay: null,
    hoursInCents: null,
    approved: true,
    readNumber: '8',
    ...changes,
  };
}

const morning = { halfDay: 'beginning_of_day' } as const;
const afternoon = { halfDay: 'end_of_day' } as const;
const hours = (hoursInCents: number) => ({ hoursInCents });

function holidays(...facts: readonly Partial<HolidayFact>[]): Pick<EmployeeFacts, 'holidays'> {
  const rows = facts.map((fact, index) => ({
    id: `h${index + 1}`,
    locationId: 'madrid',
    date: monday,
    halfDay: null,
    readNumber: '9',
    ...fact,
  }));
  return { holidays: new Map([[monday, rows]]) };
}

const minutesOn = (minutes: string): Pick<EmployeeFacts, 'planned'> => ({
  planned: new Map([[monday, plan(minutes)]]),
});

/** A day in one line: type, planned, expected, source; then who claims which share, and who does not and why. */
function say(day: ComputedDay | null): string {
  if (day === null) return 'no day';
  const { dayTypeId, plannedMinutes, expectedMinutes, source, provenance } = day;
  const claims = provenance.claims.map((claim) => `${claim.factorialId}=${claim.share}`);
  const ignored = provenance.ignored.map((one) => `${one.factorialId}:${one.reason}`);
  return [dayTypeId, plannedMinutes, expectedMinutes, source, ...claims, ...ignored].join(' ');
}

type Case = readonly [sentence: string, changes: Partial<EmployeeFacts>, says: string, date?: string];

const dayCases = (cases: readonly Case[]) =>
  it.each(cases.map(([sentence, changes, says, date = monday]) => ({ sentence, changes, says, date })))(
    '$sentence',
    ({ changes, says, date }) => {
      expect(say(expectedDay(makeFacts(changes), date))).toBe(says);
    },
  );

describe('planned minutes', () => {
  const nothingKnown = { planned: new Map<string, PlannedFact>(), planKnown: false };
  dayCases([
    ['are those that Factorial says', minutesOn('450'), 'working_day 450 450 factorial'],
    ['may be nothing', minutesOn('0'), 'day_off 0 0 factorial'],
    ['are never less than nothing', minutesOn('-30'), 'day_off 0 0 factorial'],
    [
      'keep their fraction until the end, then round a half upwards',
      minutesOn('462.5'),
      'working_day 463 463 factorial',
    ],
    ['keep four decimals', minutesOn('479.4999'), 'working_day 479 479 factorial'],
    ['are 0 on a day without row when another day is known', { planned: new Map() }, 'day_off 0 0 factorial'],
    [
      'are 0 on a day without number when another day is known',
      { planned: new Map([[monday, plan(null)]]) },
      'day_off 0 0 factorial',
    ],
    [
      'are 0 on a day whose source is none when another day is known',
      { planned: new Map([[monday, plan('480', 'none')]]) },
      'day_off 0 0 factorial',
    ],
    ['are those of the default week when no day is known', nothingKnown, 'working_day 480 480 default'],
    [
      'are those of the default week when the only rows say nothing',
      {
        planned: new Map([
          [monday, plan('300', 'none')],
          [tuesday, plan(null)],
        ]),
        planKnown: false,
      },
      'working_day 480 480 default',
    ],
    ['follow the default week on Saturday', nothingKnown, 'day_off 0 0 default', saturday],
    [
      'follow the setting, from Monday',
      { ...nothingKnown, defaultWeekMinutes: [100, 200, 300, 400, 500, 600, 700] },
      'working_day 100 100 default',
    ],
    [
      'follow the setting, to Sunday',
      { ...nothingKnown, defaultWeekMinutes: [100, 200, 300, 400, 500, 600, 700] },
      'working_day 700 700 default',
      sunday,
    ],
    [
      'of the default week count as Factorial’s once something claims',
      { ...nothingKnown, absences: [absence('1', 'training')] },
      'training 480 300 factorial 1=1',
    ],
    [
      'of the default week stay the default when nothing can claim',
      { ...nothingKnown, absences: [absence('1', 'training', { finishOn: null, startOn: saturday })] },
      'day_off 0 0 default 1:nothing_planned',
      saturday,
    ],
    [
      'of an unlinked employee are those of the default week, and no fact of Factorial claims',
      {
        profile: null,
        planned: new Map(),
        planKnown: false,
        absences: [absence('1', 'vacation')],
        ...holidays({}),
      },
      'working_day 480 480 default',
    ],
  ]);

  it.each([
    { minutes: '480', source: 'schedule', known: true },
    { minutes: '0', source: 'schedule', known: true },
    { minutes: '480', source: null, known: true },
    { minutes: '480', source: 'none', known: false },
    { minutes: null, source: 'schedule', known: false },
  ])('are known: $known for $minutes from $source', ({ minutes, source, known }) => {
    expect(isPlanKnown({ minutes, source })).toBe(known);
  });
});

describe('a single claim', () => {
  const several = { startOn: monday, finishOn: wednesday };
  dayCases([
    ['of a holiday replaces the day by nothing', holidays({}), 'holiday 480 0 factorial h1=1'],
    [
      'of a holiday of another location does not exist',
      holidays({ locationId: 'vigo' }),
      'working_day 480 480 factorial',
    ],
    [
      'of a holiday does not exist for a profile without location',
      {
        ...holidays({ locationId: null }),
        profile: { terminatedOn: null, locations: [{ fromOn: '0001-01-01', locationId: null }] },
      },
      'working_day 480 480 factorial',
    ],
    ['of a half holiday takes one half', holidays(morning), 'holiday 480 240 factorial h1=0.5'],
    [
      'of a holiday with an unknown half takes nothing',
      holidays({ halfDay: 'night' }),
      'working_day 480 480 factorial h1:unknown_value',
    ],
    [
      'of an absence brings the minutes of its day type',
      { absences: [absence('1', 'training')] },
      'training 480 300 factorial 1=1',
    ],
    ['may bring more than was planned', { absences: [absence('1', 'long')] }, 'long 480 600 factorial 1=1'],
    [
      'of a half day brings half of them',
      { absences: [absence('1', 'training', morning)] },
      'training 480 390 factorial 1=0.5',
    ],
    [
      'may bring more than was planned for half a day',
      { absences: [absence('1', 'long', afternoon)] },
      'long 480 540 factorial 1=0.5',
    ],
    [
      'by hours counts hundredths of hours',
      { absences: [absence('1', 'training', hours(200))] },
      'training 480 435 factorial 1=0.25',
    ],
    [
      'by hours takes at most the day',
      { absences: [absence('1', 'training', hours(1000))] },
      'training 480 300 factorial 1=1',
    ],
    [
      'by no hours is not hourly',
      { absences: [absence('1', 'vacation', hours(0))] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'by less than no hours is not hourly',
      { absences: [absence('1', 'vacation', hours(-100))] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'by hours over several days counts on the first day',
      { absences: [absence('1', 'vacation', { ...several, ...hours(200) })] },
      'vacation 480 360 factorial 1=0.25',
    ],
    [
      'by hours over several days counts again on the last day',
      { absences: [absence('1', 'vacation', { ...several, ...hours(200) })] },
      'vacation 480 360 factorial 1=0.25',
      wednesday,
    ],
    [
      'of an open-ended absence has no end',
      { absences: [absence('1', 'vacation', { startOn: '2020-01-01', finishOn: null })] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'of an open-ended absence has a beginning',
      { absences: [absence('1', 'vacation', { startOn: tuesday, finishOn: null })] },
      'working_day 480 480 factorial',
    ],
    [
      'of an open-ended absence ignores half_day',
      { absences: [absence('1', 'vacation', { finishOn: null, ...morning })] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'of an open-ended absence ignores an unknown half_day',
      { absences: [absence('1', 'vacation', { finishOn: null, halfDay: 'night' })] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'of an open-ended absence by hours keeps its hours',
      { absences: [absence('1', 'vacation', { finishOn: null, ...afternoon, ...hours(200) })] },
      'vacation 480 360 factorial 1=0.25',
    ],
    [
      'of half_day wins over hours',
      { absences: [absence('1', 'vacation', { ...morning, ...hours(200) })] },
      'vacation 480 240 factorial 1=0.5',
    ],
    [
      'end_of_day over several days takes half of the first day',
      { absences: [absence('1', 'vacation', { ...several, ...afternoon })] },
      'vacation 480 240 factorial 1=0.5',
    ],
    [
      'end_of_day over several days takes the middle whole',
      { absences: [absence('1', 'vacation', { ...several, ...afternoon })] },
      'vacation 480 0 factorial 1=1',
      tuesday,
    ],
    [
      'end_of_day over several days takes the last day whole',
      { absences: [absence('1', 'vacation', { ...several, ...afternoon })] },
      'vacation 480 0 factorial 1=1',
      wednesday,
    ],
    [
      'beginning_of_day over several days takes the first day whole',
      { absences: [absence('1', 'vacation', { ...several, ...morning })] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'beginning_of_day over several days takes the middle whole',
      { absences: [absence('1', 'vacation', { ...several, ...morning })] },
      'vacation 480 0 factorial 1=1',
      tuesday,
    ],
    [
      'beginning_of_day over several days takes half of the last day',
      { absences: [absence('1', 'vacation', { ...several, ...morning })] },
      'vacation 480 240 factorial 1=0.5',
      wednesday,
    ],
    [
      'end_of_day over several days means the second half of the first day',
      { absences: [absence('1', 'vacation', { ...several, ...afternoon })], ...holidays(afternoon) },
      'holiday 480 240 factorial h1=0.5 1:no_free_time',
    ],
    [
      'beginning_of_day over several days means the first half of the last day',
      {
        absences: [absence('1', 'vacation', { startOn: saturday, finishOn: monday, ...morning })],
        ...holidays(morning),
      },
      'holiday 480 240 factorial h1=0.5 1:no_free_time',
    ],
    [
      'with an unknown half_day takes nothing',
      { absences: [absence('1', 'vacation', { halfDay: 'night' })] },
      'working_day 480 480 factorial 1:unknown_value',
    ],
    [
      'with an unknown half_day takes nothing on the days between either',
      { absences: [absence('1', 'vacation', { ...several, halfDay: 'night' })] },
      'working_day 480 480 factorial 1:unknown_value',
      tuesday,
    ],
    [
      'of a workable type changes the type and not the minutes',
      { absences: [absence('1', 'remote')] },
      'remote 480 480 factorial 1=1',
    ],
    [
      'of a workable type by the half day changes no minutes',
      { absences: [absence('1', 'remote', morning)] },
      'remote 480 480 factorial 1=0.5',
    ],
    [
      'is not made by a pending absence',
      { absences: [absence('1', 'vacation', { approved: null })] },
      'working_day 480 480 factorial 1:pending',
    ],
    [
      'is not made by a rejected absence',
      { absences: [absence('1', 'vacation', { approved: false })] },
      'working_day 480 480 factorial 1:rejected',
    ],
    [
      'is not made by an absence whose type waits for a mapping',
      { absences: [absence('1', 'new')] },
      'working_day 480 480 factorial 1:to_be_mapped',
    ],
    [
      'is not made by an absence whose type nobody has read yet',
      { absences: [absence('1', 'unheard')] },
      'working_day 480 480 factorial 1:to_be_mapped',
    ],
    [
      'is not made by an absence without a type',
      { absences: [absence('1', null)] },
      'working_day 480 480 factorial 1:to_be_mapped',
    ],
    [
      'is not made by an absence whose type is ignored',
      { absences: [absence('1', 'private')] },
      'working_day 480 480 factorial 1:type_ignored',
    ],
    [
      'is not made by an absence before its first day',
      { absences: [absence('1', 'vacation', { startOn: tuesday, finishOn: wednesday })] },
      'working_day 480 480 factorial',
    ],
    [
      'is made on its last day',
      { absences: [absence('1', 'vacation', { startOn: saturday, finishOn: monday })] },
      'vacation 480 0 factorial 1=1',
    ],
    [
      'is not made after its last day',
      { absences: [absence('1', 'vacation', { startOn: saturday, finishOn: sunday })] },
      'working_day 480 480 factorial',
    ],
    [
      'is not made where nothing is planned',
      { ...minutesOn('0'), absences: [absence('1', 'long')], ...holidays({}) },
      'day_off 0 0 factorial h1:nothing_planned 1:nothing_planned',
    ],
  ]);
});

describe('several claims', () => {
  dayCases([
    [
      'leave nothing of a holiday to an absence',
      { ...holidays({}), absences: [absence('1', 'training')] },
      'holiday 480 0 factorial h1=1 1:no_free_time',
    ],
    [
      'give a whole-day absence what a half holiday leaves; on a tie the earlier claim names the day',
      { ...holidays(morning), absences: [absence('1', 'training')] },
      'holiday 480 150 factorial h1=0.5 1=0.5',
    ],
    [
      'give an absence the other half of a half holiday',
      { ...holidays(morning), absences: [absence('1', 'training', afternoon)] },
      'holiday 480 150 factorial h1=0.5 1=0.5',
    ],
    [
      'do not move an absence from the half of a holiday to the other',
      { ...holidays(morning), absences: [absence('1', 'training', morning)] },
      'holiday 480 240 factorial h1=0.5 1:no_free_time',
    ],
    [
      'make a day off of two half holidays',
      holidays(morning, afternoon),
      'holiday 480 0 factorial h1=0.5 h2=0.5',
    ],
    [
      'let two half days take both halves',
      { absences: [absence('1', 'vacation', morning), absence('2', 'training', afternoon)] },
      'vacation 480 150 factorial 1=0.5 2=0.5',
    ],
    [
      'let only the first of two take the same half',
      { absences: [absence('2', 'vacation', afternoon), absence('1', 'training', afternoon)] },
      'training 480 390 factorial 1=0.5 2:no_free_time',
    ],
    [
      'put whole days before half days, whatever their ids',
      { absences: [absence('1', 'training', morning), absence('2', 'vacation')] },
      'vacation 480 0 factorial 2=1 1:no_free_time',
    ],
    [
      'put half days before hours, which get what is free',
      { absences: [absence('1', 'training', hours(500)), absence('2', 'vacation', afternoon)] },
      'vacation 480 150 factorial 2=0.5 1=0.5',
    ],
    [
      'count a day of several by its part on that day',
      { absences: [absence('1', 'vacation', { ...afternoon, finishOn: tuesday }), absence('2', 'training')] },
      'training 480 300 factorial 2=1 1:no_free_time',
    ],
    [
      'put the shorter id first',
      { absences: [absence('10', 'vacation'), absence('9', 'training')] },
      'training 480 300 factorial 9=1 10:no_free_time',
    ],
    [
      'put ids of one length in alphabetical order',
      {
        absences: [absence('18446744073709551999', 'vacation'), absence('18446744073709551998', 'training')],
      },
      'training 480 300 factorial 18446744073709551998=1 18446744073709551999:no_free_time',
    ],
    [
      'give hours after hours what is free',
      { absences: [absence('1', 'vacation', hours(600)), absence('2', 'training', hours(600))] },
      'vacation 480 75 factorial 1=0.75 2=0.25',
    ],
    [
      'show the type of the largest share, not of the first',
      { absences: [absence('1', 'vacation', hours(300)), absence('2', 'exam', hours(500))] },
      'exam 480 63 factorial 1=0.375 2=0.625',
    ],
    [
      'put workable types last, also a whole day after a half',
      { absences: [absence('1', 'remote'), absence('2', 'vacation', morning)] },
      'vacation 480 240 factorial 2=0.5 1=0.5',
    ],
    [
      'put workable types after hours too',
      { absences: [absence('1', 'remote'), absence('2', 'vacation', hours(200))] },
      'remote 480 360 factorial 2=0.25 1=0.75',
    ],
    [
      'keep among workable types the same order',
      {
        absences: [
          absence('1', 'remote', hours(100)),
          absence('2', 'remote', morning),
          absence('3', 'remote'),
        ],
      },
      'remote 480 480 factorial 3=1 2:no_free_time 1:no_free_time',
    ],
    [
      'give a workable half day its half while hours leave room for it',
      { absences: [absence('1', 'remote', morning), absence('2', 'vacation', hours(300))] },
      'remote 480 300 factorial 2=0.375 1=0.5',
    ],
    [
      'give a workable half day nothing rather than a part of its half',
      { absences: [absence('1', 'remote', morning), absence('2', 'vacation', hours(500))] },
      'vacation 480 180 factorial 2=0.625 1:no_free_time',
    ],
    [
      'take holidays of one day by their ids, whole or half',
      holidays({}, morning),
      'holiday 480 0 factorial h1=1 h2:no_free_time',
    ],
    [
      'give a whole holiday what a half one with a lower id leaves',
      holidays(morning, {}),
      'holiday 480 0 factorial h1=0.5 h2=0.5',
    ],
    [
      'share a day of the default week too',
      {
        planned: new Map(),
        planKnown: false,
        absences: [absence('1', 'vacation', morning), absence('2', 'training', hours(200))],
      },
      'vacation 480 195 factorial 1=0.5 2=0.25',
    ],
    [
      'give a half of a workable type and a half of another one half each',
      { absences: [absence('1', 'remote', morning), absence('2', 'vacation', afternoon)] },
      'vacation 480 240 factorial 2=0.5 1=0.5',
    ],
    [
      'show the earliest of three that are equal',
      {
        ...minutesOn('360'),
        absences: [
          absence('3', 'exam', hours(200)),
          absence('1', 'training', hours(200)),
          absence('2', 'vacation', hours(200)),
        ],
      },
      `training 360 133 factorial 1=${1 / 3} 2=${1 / 3} 3=${1 / 3}`,
    ],
    [
      'list those that do not claim after the others, workable ones last',
      {
        absences: [
          absence('1', 'remote', { halfDay: 'night' }),
          absence('2', 'new'),
          absence('3', 'vacation', morning),
        ],
      },
      'vacation 480 240 factorial 3=0.5 2:to_be_mapped 1:unknown_value',
    ],
  ]);
});

describe('rounding', () => {
  dayCases([
    [
      'rounds a half upwards',
      { ...minutesOn('461'), absences: [absence('1', 'vacation', morning)] },
      'vacation 461 231 factorial 1=0.5',
    ],
    [
      'makes a whole minute of half of one',
      { ...minutesOn('1'), absences: [absence('1', 'vacation', morning)] },
      'vacation 1 1 factorial 1=0.5',
    ],
    [
      'rounds less than a half downwards',
      { ...minutesOn('462.5'), absences: [absence('1', 'vacation', morning)] },
      'vacation 463 231 factorial 1=0.5',
    ],
    [
      'happens once at the end, not for each claim',
      { absences: [absence('1', 'odd', morning), absence('2', 'odd', afternoon)] },
      'odd 480 301 factorial 1=0.5 2=0.5',
    ],
    [
      'starts from the exact plan',
      { ...minutesOn('462.5'), absences: [absence('1', 'exam', morning)] },
      'exam 463 281 factorial 1=0.5',
    ],
    [
      'is exact for a third',
      { ...minutesOn('450'), absences: [absence('1', 'exam', hours(250))] },
      `exam 450 333 factorial 1=${1 / 3}`,
    ],
    [
      'is exact for two thirds',
      { ...minutesOn('450'), absences: [absence('1', 'exam', hours(500))] },
      `exam 450 217 factorial 1=${2 / 3}`,
    ],
    [
      'is exact for hours of a fractional plan',
      { ...minutesOn('462.5'), absences: [absence('1', 'vacation', hours(100))] },
      `vacation 463 403 factorial 1=${60 / 462.5}`,
    ],
    [
      'is exact for a hundredth of an hour',
      { absences: [absence('1', 'vacation', hours(1))] },
      'vacation 480 479 factorial 1=0.00125',
    ],
  ]);
});

describe('a manual edit', () => {
  const edited = { edits: new Map([[monday, { dayTypeId: 'long', expectedMinutes: 77 }]]) };

  dayCases([
    ['replaces type, minutes and source', edited, 'long 480 77 manual'],
    [
      'wins over a holiday, whose claim is still told',
      { ...edited, ...holidays({}) },
      'long 480 77 manual h1=1',
    ],
    [
      'lists claims as they would be without it, in their order, and who does not claim',
      {
        ...edited,
        ...holidays(morning),
        absences: [
          absence('2', 'training'),
          absence('1', 'vacation', { approved: null }),
          absence('3', 'new'),
        ],
      },
      'long 480 77 manual h1=0.5 2=0.5 1:pending 3:to_be_mapped',
    ],
    ['wins where nothing is planned', { ...edited, ...minutesOn('0') }, 'long 0 77 manual'],
    ['holds for its own day only', edited, 'working_day 480 480 factorial', tuesday],
    [
      'of an unlinked employee holds',
      { ...edited, profile: null, planned: new Map(), planKnown: false },
      'long 480 77 manual',
    ],
    ['does not employ anybody', { ...edited, startsOn: tuesday }, 'no day'],
  ]);

  it('keeps what Factorial says, for the day on which it is removed', () => {
    const day = expectedDay(makeFacts({ ...edited, absences: [absence('1', 'training')] }), monday);

    expect(day?.provenance).toMatchObject({
      manualEdit: true,
      factorial: { dayTypeId: 'training', expectedMinutes: 300 },
    });
  });

  it('of an unlinked employee has nothing of Factorial behind it', () => {
    const day = expectedDay(makeFacts({ ...edited, profile: null }), monday);

    expect(day?.provenance.factorial).toBeNull();
  });
});

describe('employment', () => {
  const terminatedOn = (date: string): Partial<EmployeeFacts> => ({
    profile: { terminatedOn: date, locations: [] },
  });

  dayCases([
    ['has no day before startsOn', { startsOn: tuesday }, 'no day'],
    ['begins on startsOn', { startsOn: monday }, 'working_day 480 480 factorial'],
    ['ends with endsOn', { endsOn: monday }, 'working_day 480 480 factorial'],
    ['has no day after endsOn', { endsOn: sunday }, 'no day'],
    ['ends with terminatedOn', terminatedOn(monday), 'working_day 480 480 factorial'],
    ['has no day after terminatedOn', terminatedOn(sunday), 'no day'],
    [
      'ends with terminatedOn where that is earlier than endsOn',
      { ...terminatedOn(sunday), endsOn: tuesday },
      'no day',
    ],
    [
      'ends with endsOn where that is earlier than terminatedOn',
      { ...terminatedOn(tuesday), endsOn: sunday },
      'no day',
    ],
    [
      'lasts one day when it starts and ends on it',
      { startsOn: monday, endsOn: monday },
      'working_day 480 480 factorial',
    ],
  ]);

  it.each([
    { endsOn: null, terminatedOn: null, last: null },
    { endsOn: monday, terminatedOn: null, last: monday },
    { endsOn: null, terminatedOn: monday, last: monday },
    { endsOn: monday, terminatedOn: tuesday, last: monday },
    { endsOn: tuesday, terminatedOn: monday, last: monday },
  ])(
    'has $last as its last day for $endsOn and $terminatedOn',
    ({ endsOn, terminatedOn: terminated, last }) => {
      expect(lastDay(endsOn, terminated)).toBe(last);
    },
  );

  it('without any date never ends', () => {
    expect(isEmployed({ startsOn: null, endsOn: null, profile: null }, '9999-12-31')).toBe(true);
  });
});

describe('a location', () => {
  const moved = [
    { fromOn: '2026-01-01', locationId: 'madrid' },
    { fromOn: monday, locationId: 'vigo' },
    { fromOn: wednesday, locationId: null },
  ];
  it.each([
    { date: '2020-01-01', place: 'madrid', why: 'the first observation holds for all earlier days' },
    { date: sunday, place: 'madrid', why: 'the day before a change keeps the old one' },
    { date: monday, place: 'vigo', why: 'a change holds from the day it was observed' },
    { date: tuesday, place: 'vigo', why: 'and afterwards' },
    { date: wednesday, place: null, why: 'a location may be taken away' },
  ])('on $date is $place: $why', ({ date, place }) => {
    expect(locationOn(moved, date)).toBe(place);
  });

  it('that nobody observed is none', () => {
    expect(locationOn([], monday)).toBeNull();
  });

  dayCases([
    [
      'decides by the observation of that date which holidays count',
      {
        profile: { terminatedOn: null, locations: moved },
        ...holidays({ locationId: 'madrid' }, { locationId: 'vigo', ...morning }),
      },
      'holiday 480 240 factorial h2=0.5',
    ],
  ]);
});

describe('the provenance of a day', () => {
  it('names each claim with its read and its mapping', () => {
    const facts = makeFacts({ ...holidays(morning), absences: [absence('1', 'training', afternoon)] });

    const day = expectedDay(facts, monday);

    expect(day?.provenance).toEqual({
      planned: { minutes: 480, origin: 'factorial', readNumber: '7' },
      claims: [
        {
          kind: 'holiday',
          factorialId: 'h1',
          share: 0.5,
          minutes: 0,
          dayTypeId: 'holiday',
          mappingVersion: null,
          readNumber: '9',
        },
        {
          kind: 'absence',
          factorialId: '1',
          share: 0.5,
          minutes: 150,
          dayTypeId: 'training',
          mappingVersion: 2,
          readNumber: '8',
        },
      ],
      ignored: [],
      factorial: { dayTypeId: 'holiday', expectedMinutes: 150 },
      manualEdit: false,
    });
  });

  it('says that the plan came from the default week, which no read brought', () => {
    const day = expectedDay(makeFacts({ planned: new Map(), planKnown: false }), monday);

    expect(day?.provenance.planned).toEqual({ minutes: 480, origin: 'default_week', readNumber: null });
  });

  it('keeps the fraction of the plan', () => {
    expect(expectedDay(makeFacts(minutesOn('462.5')), monday)?.provenance.planned.minutes).toBe(462.5);
  });
});

// The same rules again, in fractions of a day instead of amounts of time: whatever both say alike is not a slip of one.

type Fraction = readonly [numerator: bigint, denominator: bigint];
const plus = (a: Fraction, b: Fraction): Fraction => [a[0] * b[1] + b[0] * a[1], a[1] * b[1]];
const minus = (a: Fraction, b: Fraction): Fraction => plus(a, [-b[0], b[1]]);
const times = (a: Fraction, b: Fraction): Fraction => [a[0] * b[0], a[1] * b[1]];
const isLess = (a: Fraction, b: Fraction): boolean => a[0] * b[1] < b[0] * a[1];
const half: Fraction = [1n, 2n];
const nothing: Fraction = [0n, 1n];

interface Wanted {
  readonly id: string;
  readonly rank: number;
  readonly part: 'whole' | 'beginning_of_day' | 'end_of_day' | Fraction;
  readonly minutes: Fraction;
}

/** What one-day facts want of a day with `planned` > 0. */
function wantedOf(facts: readonly (AbsenceFact | HolidayFact)[], planned: Fraction): Wanted[] {
  return facts.flatMap((fact): Wanted[] => {
    const { id, halfDay } = fact;
    if ('date' in fact) {
      if (fact.locationId !== 'madrid' || halfDay === 'night') return [];
      return [{ id, rank: 0, part: (halfDay as Wanted['part'] | null) ?? 'whole', minutes: nothing }];
    }
    const meaning = meanings.get(fact.absenceTypeId ?? '');
    if (fact.approved !== true || meaning?.status !== 'mapped' || halfDay === 'night') return [];
    const inHours = halfDay === null && (fact.hoursInCents ?? 0) > 0;
    const ofDay: Fraction = [BigInt(fact.hoursInCents ?? 0) * 60n * planned[1], 100n * planned[0]];
    const part = inHours ? ofDay : ((halfDay as Wanted['part'] | null) ?? 'whole');
    const rank = (meaning.workable ? 10 : 0) + (inHours ? 3 : halfDay === null ? 1 : 2);
    return [{ id, rank, part, minutes: meaning.workable ? planned : [BigInt(meaning.minutes), 1n] }];
  });
}

function referenceMinutes(facts: readonly (AbsenceFact | HolidayFact)[], planned: Fraction): Fraction {
  const byIds = (a: Wanted, b: Wanted) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
  const ordered = wantedOf(facts, planned).sort((a, b) => a.rank - b.rank || byIds(a, b));
  const taken = new Set<string>();
  let free: Fraction = [1n, 1n];
  let claimed: Fraction = nothing;
  for (const { part, minutes } of ordered) {
    let share: Fraction;
    if (part === 'whole') share = free;
    else if (typeof part === 'string') share = taken.has(part) || isLess(free, half) ? nothing : half;
    else share = isLess(part, free) ? part : free;
    if (typeof part === 'string' && share[0] > 0n) taken.add(part);
    free = minus(free, share);
    claimed = plus(claimed, times(share, minutes));
  }
  return plus(times(planned, free), claimed);
}

const roundHalfUp = ([numerator, denominator]: Fraction): number =>
  Number((2n * numerator + denominator) / (2n * denominator));

const ids = fc.integer({ min: 1, max: 999 }).map(String);
const halfDays = fc.constantFrom(null, null, 'beginning_of_day', 'end_of_day', 'night');
const anyAbsence: fc.Arbitrary<AbsenceFact> = fc.record({
  id: ids,
  absenceTypeId: fc.constantFrom(
    'vacation',
    'training',
    'exam',
    'odd',
    'long',
    'remote',
    'private',
    'new',
    null,
  ),
  startOn: fc.constant(monday),
  finishOn: fc.constant(monday),
  halfDay: halfDays,
  hoursInCents: fc.option(fc.integer({ min: -5, max: 1_200 })),
  approved: fc.constantFrom(true, true, true, true, false, null),
  readNumber: fc.constant('8'),
});
const anyHoliday: fc.Arbitrary<HolidayFact> = fc.record({
  id: ids,
  locationId: fc.constantFrom('madrid', 'vigo', null),
  date: fc.constant(monday),
  halfDay: halfDays,
  readNumber: fc.constant('9'),
});
const absencesOfOneDay = fc.uniqueArray(anyAbsence, { maxLength: 5, selector: ({ id }) => id });
const holidaysOfOneDay = fc.uniqueArray(anyHoliday, { maxLength: 2, selector: ({ id }) => id });
/** Ten-thousandths of a minute, up to a whole day. */
const plannedTenThousandths = fc.oneof(
  fc.integer({ min: 1, max: 14_400_000 }),
  fc.constantFrom(4_800_000, 4_625_000, 4_610_000, 1, 5_000),
);
const toDecimal = (tenThousandths: number): string => (tenThousandths / 10_000).toFixed(4);

function onMonday(
  plannedText: string,
  absences: readonly AbsenceFact[],
  dayHolidays: readonly HolidayFact[],
): ComputedDay | null {
  const facts = { ...minutesOn(plannedText), absences, holidays: new Map([[monday, dayHolidays]]) };
  return expectedDay(makeFacts(facts), monday);
}

const oneDay = [plannedTenThousandths, absencesOfOneDay, holidaysOfOneDay] as const;

describe('any day', () => {
  it('gives away at most itself, in shares that are not nothing', () => {
    fc.assert(
      fc.property(...oneDay, (planned, absences, dayHolidays) => {
        const shares =
          onMonday(toDecimal(planned), absences, dayHolidays)?.provenance.claims.map((one) => one.share) ??
          [];

        expect(shares.filter((share) => share <= 0)).toEqual([]);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('expects P·(1 − Σs) + Σ s·d, exactly, rounded once', () => {
    fc.assert(
      fc.property(...oneDay, (planned, absences, dayHolidays) => {
        const day = onMonday(toDecimal(planned), absences, dayHolidays);

        const exact = referenceMinutes([...absences, ...dayHolidays], [BigInt(planned), 10_000n]);
        expect(day?.expectedMinutes).toBe(roundHalfUp(exact));
      }),
      { numRuns: 500 },
    );
  });

  it('is shown as the claim with the largest share, the earlier one on a tie', () => {
    fc.assert(
      fc.property(...oneDay, (planned, absences, dayHolidays) => {
        const day = onMonday(toDecimal(planned), absences, dayHolidays);

        const claims = day?.provenance.claims ?? [];
        const largest = Math.max(...claims.map((claim) => claim.share));
        const shown = claims.find((claim) => claim.share === largest)?.dayTypeId ?? 'working_day';
        expect(day?.dayTypeId).toBe(shown);
      }),
    );
  });

  it('does not depend on the order in which its facts were read', () => {
    const shuffled = fc
      .tuple(absencesOfOneDay, holidaysOfOneDay)
      .chain(([absences, dayHolidays]) =>
        fc.tuple(
          fc.constant(absences),
          fc.constant(dayHolidays),
          fc.shuffledSubarray(absences, { minLength: absences.length }),
          fc.shuffledSubarray(dayHolidays, { minLength: dayHolidays.length }),
        ),
      );
    fc.assert(
      fc.property(
        plannedTenThousandths,
        shuffled,
        (planned, [absences, dayHolidays, otherAbsences, otherHolidays]) => {
          const text = toDecimal(planned);

          expect(onMonday(text, otherAbsences, otherHolidays)).toEqual(onMonday(text, absences, dayHolidays));
        },
      ),
    );
  });

  it('is not changed by a fact that gets no time of it', () => {
    const useless: fc.Arbitrary<AbsenceFact> = fc.oneof(
      fc.constantFrom(
        absence('5000', 'vacation', { approved: null }),
        absence('5000', 'long', { approved: false }),
        absence('5000', 'private'),
        absence('5000', 'new', morning),
        absence('5000', 'exam', { halfDay: 'night' }),
      ),
      // After this one nothing is free, so that the last id of the last kind gets nothing.
      fc.constant(absence('5000', 'remote', hours(100))),
    );
    fc.assert(
      fc.property(...oneDay, useless, (planned, absences, dayHolidays, extra) => {
        const full = [...absences, absence('1000', 'remote')];
        const before = onMonday(toDecimal(planned), full, dayHolidays);
        const after = onMonday(toDecimal(planned), [...full, extra], dayHolidays);

        expect(after?.provenance.ignored).toContainEqual(expect.objectContaining({ factorialId: '5000' }));
        const ignored = after?.provenance.ignored.filter(({ factorialId }) => factorialId !== '5000');
        expect({ ...after, provenance: { ...after?.provenance, ignored } }).toEqual(before);
      }),
    );
  });

  it('of several in a row is the same when computed again, and leaves its facts alone', () => {
    const starts = fc.integer({ min: -3, max: 3 });
    const long = fc
      .tuple(anyAbsence, starts, fc.option(fc.integer({ min: 0, max: 4 })))
      .map(([one, start, length]) => ({
        ...one,
        startOn: addDays(monday, start),
        finishOn: length === null ? null : addDays(monday, start + length),
      }));
    fc.assert(
      fc.property(fc.uniqueArray(long, { maxLength: 4, selector: ({ id }) => id }), (absences) => {
        const frozen = makeFacts({ absences: Object.freeze(absences.map((one) => Object.freeze(one))) });
        const days = () =>
          [saturday, sunday, monday, tuesday, wednesday].map((date) => expectedDay(frozen, date));

        expect(JSON.stringify(days())).toBe(JSON.stringify(days()));
      }),
    );
  });
});
