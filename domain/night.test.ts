import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, wallClock } from './civil-date.ts';
import { instantOf, lastNightOn, nextNight } from './night.ts';
import { stableHash } from './stable-hash.ts';

const hourMs = 3_600_000;
const zones = ['Europe/Madrid', 'America/Santiago', 'Asia/Kolkata', 'Pacific/Auckland'] as const;

/** A tenant whose night begins `minutes` after the hour. */
function tenantAt(minutes: number): string {
  for (let number = 0; ; number += 1) {
    const tenantId = `tenant-${number}`;
    if (stableHash(tenantId) % 120 === minutes) return tenantId;
  }
}

describe('the instant of a time on the wall', () => {
  it.each([
    ['an ordinary night', 'Europe/Madrid', '2026-11-23', 150, '2026-11-23T01:30:00Z'],
    ['the last minute before the gap', 'Europe/Madrid', '2027-03-28', 119, '2027-03-28T00:59:00Z'],
    [
      'a time inside the gap, moved on by its length',
      'Europe/Madrid',
      '2027-03-28',
      150,
      '2027-03-28T01:30:00Z',
    ],
    ['the first minute after the gap', 'Europe/Madrid', '2027-03-28', 180, '2027-03-28T01:00:00Z'],
    ['a time that comes twice, the first time', 'Europe/Madrid', '2026-10-25', 150, '2026-10-25T00:30:00Z'],
    ['the hour after it', 'Europe/Madrid', '2026-10-25', 180, '2026-10-25T02:00:00Z'],
    ['midnight inside the gap', 'America/Santiago', '2026-09-06', 0, '2026-09-06T04:00:00Z'],
    [
      'an hour before midnight that comes twice',
      'America/Santiago',
      '2027-04-03',
      1_400,
      '2027-04-04T02:20:00Z',
    ],
    ['the midnight after it', 'America/Santiago', '2027-04-03', 1_440, '2027-04-04T04:00:00Z'],
    ['half hours off', 'Asia/Kolkata', '2026-11-23', 120, '2026-11-22T20:30:00Z'],
    ['a zone far ahead, inside the gap', 'Pacific/Auckland', '2026-09-27', 130, '2026-09-26T14:10:00Z'],
    [
      'a zone far ahead, a time that comes twice',
      'Pacific/Auckland',
      '2027-04-04',
      130,
      '2027-04-03T13:10:00Z',
    ],
    ['29 February', 'Pacific/Auckland', '2028-02-29', 120, '2028-02-28T13:00:00Z'],
    ['the night that passes into the new year', 'Europe/Madrid', '2026-12-31', 1_450, '2026-12-31T23:10:00Z'],
  ])('is right for %s', (_what, zone, date, minute, instant) => {
    expect(new Date(instantOf(date, minute, zone)).toISOString()).toBe(instant.replace('Z', '.000Z'));
  });
});

describe('the next night', () => {
  const madrid = { tenantId: tenantAt(30), timeZone: 'Europe/Madrid', nightlyHour: 2 };

  it.each([
    ['still lies ahead today', '2026-11-22T00:00:00Z', '2026-11-22T01:30:00Z', '2026-11-22'],
    ['is over today', '2026-11-22T12:00:00Z', '2026-11-23T01:30:00Z', '2026-11-23'],
    ['is now, so the next one', '2026-11-22T01:30:00Z', '2026-11-23T01:30:00Z', '2026-11-23'],
    ['is about to come', '2026-11-22T01:29:59.999Z', '2026-11-22T01:30:00Z', '2026-11-22'],
    ['begins a year', '2026-12-31T12:00:00Z', '2027-01-01T01:30:00Z', '2027-01-01'],
  ])('%s', (_why, now, at, nightOn) => {
    expect(nextNight(Date.parse(now), madrid)).toEqual({ atMs: Date.parse(at), nightOn });
  });

  it('after midnight is still the one of the evening before, where the two hours pass midnight', () => {
    const late = { tenantId: tenantAt(90), timeZone: 'Europe/Madrid', nightlyHour: 23 };

    const beforeMidnight = nextNight(Date.parse('2026-11-22T22:30:00Z'), late);
    const afterMidnight = nextNight(Date.parse('2026-11-22T23:10:00Z'), late);

    expect(beforeMidnight).toEqual({ atMs: Date.parse('2026-11-22T23:30:00Z'), nightOn: '2026-11-22' });
    expect(afterMidnight).toEqual(beforeMidnight);
  });

  it('is the same for a tenant in every process, and spread over two hours between tenants', () => {
    const minutes = Array.from({ length: 500 }, (_, number) => {
      const { atMs } = nextNight(Date.parse('2026-11-22T12:00:00Z'), {
        ...madrid,
        tenantId: `spread-${number}`,
      });
      return wallClock(atMs, madrid.timeZone).minuteOfDay - 120;
    });

    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...minutes)).toBeLessThan(120);
    expect(new Set(minutes).size).toBeGreaterThan(90);
  });

  const settings = fc.record({
    tenantId: fc.string({ minLength: 1, maxLength: 20 }),
    timeZone: fc.constantFrom(...zones),
    nightlyHour: fc.integer({ min: 0, max: 23 }),
  });

  it('is followed, once its time has come, by the next one; until then it is not the last', () => {
    fc.assert(
      fc.property(
        settings,
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2029-01-01') }),
        (tenant, nowMs) => {
          const { atMs, nightOn } = nextNight(nowMs, tenant);

          expect(lastNightOn(atMs, tenant)).toBe(nightOn);
          expect(lastNightOn(atMs - 1, tenant)).toBe(addDays(nightOn, -1));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('always lies ahead, by no more than a day and the change of clocks', () => {
    const instants = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2029-01-01') });
    fc.assert(
      fc.property(settings, instants, (tenant, nowMs) => {
        const { atMs } = nextNight(nowMs, tenant);

        expect(atMs).toBeGreaterThan(nowMs);
        expect(atMs - nowMs).toBeLessThanOrEqual(26 * hourMs);
      }),
      { numRuns: 300 },
    );
  });

  const hoursNearTheChanges = [
    { timeZone: 'Europe/Madrid', nightlyHour: 2 },
    { timeZone: 'America/Santiago', nightlyHour: 0 },
    { timeZone: 'America/Santiago', nightlyHour: 23 },
    { timeZone: 'Asia/Kolkata', nightlyHour: 2 },
    { timeZone: 'Pacific/Auckland', nightlyHour: 2 },
  ];

  it.each(hoursNearTheChanges)(
    'comes once for every civil date in $timeZone at $nightlyHour for two years',
    ({ timeZone, nightlyHour }) => {
      const tenant = { tenantId: tenantAt(45), timeZone, nightlyHour };
      const wanted = nightlyHour * 60 + 45;
      let { atMs, nightOn } = nextNight(Date.parse('2026-11-22T12:00:00Z'), tenant);
      const moved: string[] = [];
      for (let count = 0; count < 731; count += 1) {
        const next = nextNight(atMs, tenant);
        expect(next.nightOn).toBe(addDays(nightOn, 1));
        ({ atMs, nightOn } = next);
        const { date, minuteOfDay } = wallClock(atMs, timeZone);
        const shown = minuteOfDay + (date === nightOn ? 0 : 1_440);
        if (shown !== wanted) moved.push(nightOn);
        expect(shown - wanted === 0 || shown - wanted === 60).toBe(true);
      }
      // Only the gap of each spring moves a night, and by its length.
      expect(moved.length).toBeLessThanOrEqual(2);
    },
  );
});
