import { describe, expect, it } from '@jest/globals';
import { daysBetween, eachDay } from './civil-date.ts';
import { horizonAt, planWindow, readWindow } from './horizon.ts';

const defaults = { horizonDaysBack: 31, horizonDaysAhead: 92 };

describe('the horizon', () => {
  it.each([
    ['Europe/Madrid', '2026-11-22T12:00:00Z', '2026-10-22', '2026-11-22', '2027-02-22'],
    ['Europe/Madrid', '2026-11-22T22:59:59Z', '2026-10-22', '2026-11-22', '2027-02-22'],
    ['Europe/Madrid', '2026-11-22T23:00:00Z', '2026-10-23', '2026-11-23', '2027-02-23'],
    ['America/Santiago', '2026-11-23T02:59:00Z', '2026-10-22', '2026-11-22', '2027-02-22'],
    ['Pacific/Auckland', '2026-11-22T11:00:00Z', '2026-10-23', '2026-11-23', '2027-02-23'],
    ['Asia/Kolkata', '2027-12-31T18:30:00Z', '2027-12-01', '2028-01-01', '2028-04-02'],
  ])('of %s at %s goes from %s over %s to %s', (timeZone, instant, from, today, to) => {
    expect(horizonAt(Date.parse(instant), { ...defaults, timeZone })).toEqual({ from, today, to });
  });

  it('follows the settings', () => {
    const horizon = horizonAt(Date.parse('2028-02-29T12:00:00Z'), {
      timeZone: 'Europe/Madrid',
      horizonDaysBack: 0,
      horizonDaysAhead: 1,
    });

    expect(horizon).toEqual({ from: '2028-02-29', today: '2028-02-29', to: '2028-03-01' });
  });
});

describe('the window of what is read', () => {
  it('reaches 400 days back, and two days beyond the horizon', () => {
    const horizon = horizonAt(Date.parse('2026-11-22T12:00:00Z'), { ...defaults, timeZone: 'Europe/Madrid' });

    const window = readWindow(horizon);

    expect(window).toEqual({ from: '2025-10-18', to: '2027-02-24' });
    expect(daysBetween(window.from, horizon.today)).toBe(400);
  });

  it('reaches as far back as a longer horizon', () => {
    const horizon = { from: '2025-01-01', today: '2026-11-22', to: '2027-02-22' };

    expect(readWindow(horizon)).toEqual({ from: '2025-01-01', to: '2027-02-24' });
  });

  it('holds of plans what will be the horizon until the next night, and the one after it', () => {
    const night = Date.parse('2026-11-22T01:00:00Z');
    const read = planWindow(horizonAt(night, { ...defaults, timeZone: 'Europe/Madrid' }));

    for (const laterMs of [0, 23, 24, 49].map((hours) => hours * 3_600_000)) {
      const { to } = horizonAt(night + laterMs, { ...defaults, timeZone: 'Europe/Madrid' });
      expect(to <= read.to).toBe(true);
    }
  });
});

describe('today', () => {
  it.each(['Europe/Madrid', 'Atlantic/Canary', 'Pacific/Auckland', 'America/Mexico_City'])(
    'in %s comes once for each day of a leap year, whatever the clocks do',
    (timeZone) => {
      const quarterMs = 15 * 60_000;
      const seen: string[] = [];
      for (
        let at = Date.parse('2027-12-25T00:00:00Z');
        at < Date.parse('2029-01-05T00:00:00Z');
        at += quarterMs
      ) {
        const { today } = horizonAt(at, { ...defaults, timeZone });
        if (today !== seen.at(-1)) seen.push(today);
      }

      expect(seen).toEqual([...eachDay(seen[0] ?? '', seen.at(-1) ?? '')]);
      expect(seen).toContain('2028-02-29');
    },
  );
});
