import fc from 'fast-check';
import { addDays, weekday, type CivilDate } from '../../domain/civil-date.ts';
import type { AbsenceMeaning, EmployeeFacts, expectedDay, HolidayFact } from '../../domain/day.ts';
import { pick } from './cast.ts';
import {
  referenceDay,
  toLine,
  type DayFacts,
  type HolidayRow,
  type LeaveRow,
  type Said,
} from './reference.ts';

/**
 * One day after the other without a history around it: thousands of them in a second, and each with so much on it that every
 * rule of design.md 5 is met. Whether the product gets at the same facts is what histories show.
 */

const today: CivilDate = '2027-03-10'; // a Wednesday
const places = ['1', '2'] as const;
const types: readonly { readonly id: string; readonly said: Said; readonly workable: boolean }[] = [
  { id: '1', said: { dayTypeId: 'vacation', minutes: 0 }, workable: false },
  { id: '2', said: { dayTypeId: 'sick', minutes: 90 }, workable: false },
  { id: '3', said: { dayTypeId: 'short', minutes: 601 }, workable: false },
  { id: '4', said: { dayTypeId: 'short', minutes: 180 }, workable: true },
  { id: '5', said: 'ignored', workable: false },
  { id: '6', said: 'nothing', workable: true },
];

/** A day as both sides of the comparison get it: `person` as it stands in Factorial, and where it was observed to work. */
interface DayCase {
  readonly facts: DayFacts;
  readonly observed: readonly { readonly fromOn: CivilDate; readonly locationId: string | null }[];
}

const near = fc.integer({ min: -2, max: 2 }).map((offset) => addDays(today, offset));
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
const half = fc.constantFrom(null, null, 'beginning_of_day', 'end_of_day', 'lunch');
const ids = fc.nat({ max: 120 }).map(String);

const leaves: fc.Arbitrary<LeaveRow[]> = fc.uniqueArray(
  fc
    .record({
      id: ids,
      type: fc.nat({ max: types.length - 1 }),
      start_on: near,
      length: fc.constantFrom(null, 0, 0, 1, 2),
      half_day: half,
      hours_amount_in_cents: fc.constantFrom(null, null, 33, 150, 250, 800, 0, -100),
      approved: fc.constantFrom(true, true, true, true, null, false),
    })
    .map(({ type, length, ...row }) => ({
      ...row,
      employee_id: '1',
      leave_type_id: pick(types, type)?.id ?? null,
      finish_on: length === null ? null : addDays(row.start_on, length),
      deleted_at: null,
    })),
  { maxLength: 6, selector: ({ id }) => id },
);

const holidays: fc.Arbitrary<HolidayRow[]> = fc.uniqueArray(
  fc.record({
    id: ids,
    location_id: fc.constantFrom(...places),
    date: fc.constantFrom(today, addDays(today, 1)),
    half_day: half,
  }),
  { maxLength: 2, selector: ({ id }) => id },
);

const observations = fc
  .uniqueArray(fc.record({ fromOn: near, locationId: fc.constantFrom(...places, null) }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ fromOn }) => fromOn,
  })
  .map((rows) => rows.toSorted((a, b) => (a.fromOn < b.fromOn ? -1 : 1)));

export const dayCases: fc.Arbitrary<DayCase> = fc
  .record({
    firstDay: rarely(near),
    lastDay: rarely(near),
    terminatedOn: rarely(near),
    isLinked: fc.constantFrom(true, true, true, true, false),
    plannedMinutes: fc.constantFrom('480', '461', '462.5', '375.0001', '1', '0', null, null),
    isPlanKnown: fc.boolean(),
    usualMinutes: fc.constantFrom(480, 300, 0),
    edit: rarely(fc.record({ dayTypeId: fc.constant('short'), expectedMinutes: fc.nat({ max: 600 }) })),
    observed: observations,
    leaves,
    holidays,
  })
  .map(({ firstDay, lastDay, usualMinutes, edit, observed, isLinked, ...rest }) => {
    const place = observed.findLast(({ fromOn }) => fromOn <= today) ?? observed[0];
    const person = {
      ...rest,
      isPlanKnown: rest.isPlanKnown || rest.plannedMinutes !== null,
      locationId: place?.locationId ?? null,
    };
    const saidOf = (id: string | null): Said => types.find((type) => type.id === id)?.said ?? 'nothing';
    const isWorkable = (id: string | null): boolean => types.some((type) => type.id === id && type.workable);
    return {
      observed,
      facts: {
        date: today,
        firstDay,
        lastDay,
        usualMinutes,
        edit,
        saidOf,
        isWorkable,
        person: isLinked ? person : null,
      },
    };
  });

/** What the two say of a day; null where they say the same. */
export function disagreement(
  compute: typeof expectedDay,
  dayCase: DayCase,
): { readonly is: string | null; readonly must: string | null } | null {
  const day = compute(toEmployeeFacts(dayCase), dayCase.facts.date);
  const is =
    day === null
      ? null
      : toLine({
          ...day,
          claims: day.provenance.claims.map((claim) => ({ id: claim.factorialId, share: claim.share })),
          ignored: day.provenance.ignored.map(({ factorialId: id, reason }) => ({ id, reason })),
        });
  const must = referenceDay(dayCase.facts);
  return is === must ? null : { is, must };
}

function toEmployeeFacts({ facts, observed }: DayCase): EmployeeFacts {
  const { date, person, edit } = facts;
  const read = { readNumber: '1' };
  const week = Array<number>(7).fill(0).with(weekday(date), facts.usualMinutes);
  return {
    startsOn: facts.firstDay,
    endsOn: facts.lastDay,
    profile: person === null ? null : { terminatedOn: person.terminatedOn, locations: observed },
    planned: new Map(
      person === null
        ? []
        : [
            [
              date,
              {
                minutes: person.plannedMinutes,
                source: person.plannedMinutes === null ? 'none' : 'schedule',
                ...read,
              },
            ],
          ],
    ),
    planKnown: person?.isPlanKnown ?? false,
    defaultWeekMinutes: week,
    holidays: new Map([[date, holidaysOn(date, person?.holidays ?? [])]]),
    absences: (person?.leaves ?? []).map((row) => ({
      id: row.id,
      absenceTypeId: row.leave_type_id,
      startOn: row.start_on,
      finishOn: row.finish_on,
      halfDay: row.half_day,
      hoursInCents: row.hours_amount_in_cents,
      approved: row.approved,
      ...read,
    })),
    meanings: new Map(
      types.map(({ id, said, workable }): [string, AbsenceMeaning] => [
        id,
        typeof said === 'object'
          ? { status: 'mapped', ...said, version: 1, workable }
          : { status: said === 'ignored' ? 'ignored' : 'to_be_mapped' },
      ]),
    ),
    edits: new Map(edit === null ? [] : [[date, edit]]),
  };
}

function holidaysOn(date: CivilDate, rows: readonly HolidayRow[]): HolidayFact[] {
  return rows
    .filter((row) => row.date === date)
    .map(({ id, location_id: locationId, half_day: halfDay }) => ({
      id,
      locationId,
      date,
      halfDay,
      readNumber: '1',
    }));
}
