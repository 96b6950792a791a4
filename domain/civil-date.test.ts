import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  civilDateAt,
  daysBetween,
  eachDay,
  earlier,
  isCivilDate,
  isTimeZone,
  later,
  wallClock,
  weekday,
} from './civil-date.ts';

describe('a civil date', () => {
  it.each([
    ['2026-11-22', true],
    ['2028-02-29', true],
    ['2027-02-29', false],
    ['2100-02-29', false],
    ['2000-02-29', true],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-01-00', false],
    ['2026-1-1', false],
    ['26-01-01', false],
    ['2026-11-22T00:00:00Z', false],
    [' 2026-11-22', false],
    ['2026-11-22\n', false],
    ['', false],
    ['0000-12-31', false],
    ['0001-01-01', true],
    ['9999-12-31', true],
  ])('%j is one: %s', (text, isOne) => {
    expect(isCivilDate(text)).toBe(isOne);
  });
});

describe('counting days', () => {
  it.each([
    ['2026-11-22', 1, '2026-11-23'],
    ['2026-11-30', 1, '2026-12-01'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2027-01-01', -1, '2026-12-31'],
    ['2027-02-28', 1, '2027-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2028-03-01', -1, '2028-02-29'],
    ['2027-03-28', 1, '2027-03-29'],
    ['2026-10-25', -1, '2026-10-24'],
    ['2026-11-22', -400, '2025-10-18'],
    ['2026-11-22', 0, '2026-11-22'],
  ])('%s and %i days is %s', (date, days, sum) => {
    expect(addDays(date, days)).toBe(sum);
    expect(daysBetween(date, sum)).toBe(days);
  });

  it('goes there and back again', () => {
    const dates = fc.integer({ min: -700_000, max: 700_000 }).map((days) => addDays('2000-01-01', days));
    fc.assert(
      fc.property(dates, fc.integer({ min: -20_000, max: 20_000 }), (date, days) => {
        const there = addDays(date, days);

        expect(isCivilDate(there)).toBe(true);
        expect(addDays(there, -days)).toBe(date);
        expect(daysBetween(date, there)).toBe(days);
        expect(there < date).toBe(days < 0);
      }),
    );
  });

  it.each([
    ['2026-11-23', '2026-11-23', ['2026-11-23']],
    ['2028-02-28', '2028-03-01', ['2028-02-28', '2028-02-29', '2028-03-01']],
    ['2026-11-24', '2026-11-23', []],
  ])('lists each day from %s to %s', (from, to, days) => {
    expect([...eachDay(from, to)]).toEqual(days);
  });

  it.each([
    ['2026-11-23', 0],
    ['2026-11-24', 1],
    ['2026-11-28', 5],
    ['2026-11-29', 6],
    ['2028-02-29', 1],
  ])('%s is weekday %i from Monday', (date, number) => {
    expect(weekday(date)).toBe(number);
  });

  it('knows the earlier and the later of two', () => {
    expect(earlier('2026-12-31', '2027-01-01')).toBe('2026-12-31');
    expect(later('2026-12-31', '2027-01-01')).toBe('2027-01-01');
  });
});

describe('the clock on the wall', () => {
  it.each([
    // Just before and just after both changes, and the date line.
    ['Europe/Madrid', '2027-03-28T00:59:59.999Z', '2027-03-28', '01:59'],
    ['Europe/Madrid', '2027-03-28T01:00:00.000Z', '2027-03-28', '03:00'],
    ['Europe/Madrid', '2026-10-25T00:59:00.000Z', '2026-10-25', '02:59'],
    ['Europe/Madrid', '2026-10-25T01:00:00.000Z', '2026-10-25', '02:00'],
    ['Europe/Madrid', '2026-12-31T23:00:00.000Z', '2027-01-01', '00:00'],
    ['Europe/Madrid', '2026-12-31T22:59:59.999Z', '2026-12-31', '23:59'],
    ['America/Santiago', '2026-09-06T03:59:00.000Z', '2026-09-05', '23:59'],
    ['America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-06', '01:00'],
    ['America/Santiago', '2027-04-04T02:59:00.000Z', '2027-04-03', '23:59'],
    ['America/Santiago', '2027-04-04T03:00:00.000Z', '2027-04-03', '23:00'],
    ['America/Santiago', '2027-04-04T04:00:00.000Z', '2027-04-04', '00:00'],
    ['Asia/Kolkata', '2026-11-22T18:29:00.000Z', '2026-11-22', '23:59'],
    ['Asia/Kolkata', '2026-11-22T18:30:00.000Z', '2026-11-23', '00:00'],
    ['Pacific/Auckland', '2026-09-26T13:59:00.000Z', '2026-09-27', '01:59'],
    ['Pacific/Auckland', '2026-09-26T14:00:00.000Z', '2026-09-27', '03:00'],
    ['Pacific/Auckland', '2027-04-03T14:00:00.000Z', '2027-04-04', '02:00'],
    ['Pacific/Auckland', '2028-02-28T11:00:00.000Z', '2028-02-29', '00:00'],
  ])('of %s shows at %s %s %s', (zone, instant, date, time) => {
    const shown = wallClock(Date.parse(instant), zone);

    const [hour = 0, minute = 0] = time.split(':').map(Number);
    expect(shown).toEqual({ date, minuteOfDay: hour * 60 + minute });
    expect(civilDateAt(Date.parse(instant), zone)).toBe(date);
  });

  it.each([
    ['Europe/Madrid', true],
    ['Atlantic/Canary', true],
    ['Europe/Barcelona', false],
    ['', false],
  ])('of %j exists: %s', (zone, exists) => {
    expect(isTimeZone(zone)).toBe(exists);
  });
});
