import { expect, it } from '@jest/globals';
import type { Day } from '../../client/types.ts';
import {
  addMonths,
  dateIn,
  datesOf,
  horizonAround,
  knownDays,
  moveBy,
  monthsOf,
  sumDays,
  weeksOf,
} from './calendar-grid.ts';

it('lays a month out in weeks from Monday', () => {
  const weeks = weeksOf('2026-11'); // begins on a Sunday

  expect(weeks).toHaveLength(6);
  expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
  expect(weeks[5]).toEqual(['2026-11-30', null, null, null, null, null, null]);
});

it.each([
  ['2026-02', 28, 4 + 1],
  ['2027-02', 28, 4],
  ['2028-02', 29, 5],
])('knows the length of %s', (month, length, weeks) => {
  expect(datesOf(month)).toHaveLength(length);
  expect(weeksOf(month)).toHaveLength(weeks);
});

it.each([
  ['ArrowLeft', '2026-03-01', '2026-02-28'],
  ['ArrowRight', '2026-12-31', '2027-01-01'],
  ['ArrowUp', '2026-03-29', '2026-03-22'],
  ['ArrowDown', '2026-10-25', '2026-11-01'], // the clocks change, days do not
  ['Home', '2026-11-18', '2026-11-16'],
  ['End', '2026-11-18', '2026-11-22'],
  ['PageUp', '2026-03-31', '2026-02-28'],
  ['PageDown', '2026-12-31', '2027-01-31'],
  ['a', '2026-11-18', null],
])('%s leads from %s to %s', (key, from, to) => {
  expect(moveBy(from, key)).toBe(to);
});

it('goes back and forth by months over the end of a year', () => {
  expect(addMonths('2027-01-15', -1)).toBe('2026-12-15');
  expect(monthsOf(2026)[11]).toBe('2026-12');
});

const makeDay = (date: string, id: string, expectedMinutes: number, source: Day['source']): Day => ({
  date,
  dayType: { id, key: null, name: id, color: '#000000' },
  plannedMinutes: 480,
  expectedMinutes,
  source,
});

it.each([
  ['Europe/Madrid', '2026-11-26T23:30:00Z', '2026-11-27'],
  ['Atlantic/Canary', '2026-11-26T23:30:00Z', '2026-11-26'],
  ['America/Los_Angeles', '2026-11-27T07:59:00Z', '2026-11-26'],
  ['Pacific/Auckland', '2026-11-26T11:00:00Z', '2026-11-27'],
])('in %s, %s falls on %s', (timeZone, at, date) => {
  expect(dateIn(timeZone, new Date(at))).toBe(date);
});

it('knows nothing of days outside the horizon but what people set by hand', () => {
  const horizon = horizonAround('2026-11-26', { horizonDaysBack: 30, horizonDaysAhead: 1 });
  const days = [
    makeDay('2026-10-26', 'off', 0, 'factorial'),
    makeDay('2026-10-27', 'work', 480, 'factorial'),
    makeDay('2026-11-27', 'work', 480, 'default'),
    makeDay('2026-11-28', 'work', 480, 'default'),
    makeDay('2026-12-24', 'work', 240, 'manual'),
  ];

  const known = knownDays(new Map(days.map((day) => [day.date, day])), horizon);

  expect([...known.keys()]).toEqual(['2026-10-27', '2026-11-27', '2026-12-24']);
});

it('adds up expected time, edits and the kinds of days', () => {
  const sums = sumDays([
    makeDay('2026-11-16', 'vacation', 0, 'factorial'),
    makeDay('2026-11-17', 'work', 480, 'factorial'),
    makeDay('2026-11-18', 'work', 450, 'manual'),
  ]);

  expect(sums.expectedMinutes).toBe(930);
  expect(sums.edited).toBe(1);
  expect(sums.types.map(({ dayType, count }) => [dayType.id, count])).toEqual([
    ['work', 2],
    ['vacation', 1],
  ]);
});
