import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, eachDay, type CivilDate } from './civil-date.ts';
import { expectedDay, type AbsenceMeaning, type EmployeeFacts } from './day.ts';
import { createSharedDays } from './shared-days.ts';

const monday = '2026-11-23';
const range = { from: monday, to: addDays(monday, 6) };
const dates = [...eachDay(range.from, range.to)];

const meanings: ReadonlyMap<string, AbsenceMeaning> = new Map([
  ['vacation', { status: 'mapped', dayTypeId: 'vacation', minutes: 0, version: 1, workable: false }],
]);
const defaultWeekMinutes = [480, 480, 480, 480, 360, 0, 0];
const holidays: EmployeeFacts['holidays'] = new Map(
  ['madrid', 'vigo'].map((locationId, index) => {
    const date = addDays(monday, index);
    return [date, [{ id: `h${index}`, locationId, date, halfDay: null, readNumber: '9' }]];
  }),
);

const anyDate = fc.integer({ min: -3, max: 9 }).map((days): CivilDate => addDays(monday, days));
const anyLocation = fc.constantFrom('madrid', 'vigo', null);
const anyPlan = fc.record({
  minutes: fc.constantFrom('480', '300', null),
  source: fc.constantFrom('schedule', 'none', null),
  readNumber: fc.constantFrom('7', '8'),
});
const anyFacts: fc.Arbitrary<EmployeeFacts> = fc.record({
  startsOn: fc.option(anyDate),
  endsOn: fc.option(anyDate),
  profile: fc.option(
    fc.record({
      terminatedOn: fc.option(anyDate),
      locations: fc
        .array(fc.record({ fromOn: anyDate, locationId: anyLocation }), { minLength: 1, maxLength: 2 })
        .map((all) => all.toSorted((a, b) => (a.fromOn < b.fromOn ? -1 : 1))),
    }),
  ),
  planned: fc.array(fc.tuple(anyDate, anyPlan), { maxLength: 4 }).map((all) => new Map(all)),
  planKnown: fc.boolean(),
  defaultWeekMinutes: fc.constant(defaultWeekMinutes),
  holidays: fc.constant(holidays),
  absences: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 99 }).map(String),
      absenceTypeId: fc.constantFrom('vacation', 'new'),
      startOn: anyDate,
      finishOn: fc.option(anyDate),
      halfDay: fc.constant(null),
      hoursInCents: fc.constant(null),
      approved: fc.constantFrom(true, null),
      readNumber: fc.constant('5'),
    }),
    { maxLength: 2 },
  ),
  meanings: fc.constant(meanings),
  edits: fc
    .array(fc.tuple(anyDate, fc.constant({ dayTypeId: 'remote', expectedMinutes: 60 })), { maxLength: 1 })
    .map((all) => new Map(all)),
});

describe('days of employees who share what their tenant has', () => {
  it('are those that each would have alone', () => {
    fc.assert(
      fc.property(fc.array(anyFacts, { maxLength: 8 }), (everybody) => {
        const daysOf = createSharedDays(range);
        for (const facts of everybody) {
          const dayOn = daysOf(facts);
          for (const date of dates) expect(dayOn(date)).toEqual(expectedDay(facts, date));
        }
      }),
    );
  });

  it('are worked out once, for all where nothing of their own happens', () => {
    const facts: EmployeeFacts = {
      startsOn: null,
      endsOn: null,
      profile: { terminatedOn: null, locations: [{ fromOn: monday, locationId: 'madrid' }] },
      planned: new Map(),
      planKnown: false,
      defaultWeekMinutes,
      holidays,
      absences: [],
      meanings,
      edits: new Map(),
    };
    const daysOf = createSharedDays(range);

    expect(daysOf({ ...facts })(monday)).toBe(daysOf(facts)(monday));
    const away = daysOf({
      ...facts,
      edits: new Map([[monday, { dayTypeId: 'remote', expectedMinutes: 60 }]]),
    });
    expect(away(monday)).toBe(away(monday));
    expect(away(monday)).not.toBe(daysOf(facts)(monday));
  });
});
