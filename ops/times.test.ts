import { describe, expect, it } from '@jest/globals';
import { ago, parseSince } from './times.ts';

const now = Date.UTC(2026, 10, 26, 12);

describe('ago', () => {
  it.each([
    [0, '0 s'],
    [59_000, '59 s'],
    [17 * 60_000, '17 min'],
    [36 * 3_600_000, '36 h'],
    [12 * 86_400_000, '12 d'],
    [-5_000, '0 s'],
  ])('%i ms: %s', (ms, text) => {
    expect(ago(new Date(now - ms), now)).toBe(text);
  });

  it('says nothing of what never was', () => {
    expect(ago(null, now)).toBeNull();
  });
});

describe('parseSince', () => {
  it.each([
    ['36h', '2026-11-25T00:00:00.000Z'],
    ['7d', '2026-11-19T12:00:00.000Z'],
    ['30m', '2026-11-26T11:30:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T08:00:00+01:00', '2026-11-20T07:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(parseSince(text, now).toISOString()).toBe(expected);
  });

  it.each(['yesterday', '2026-13-40', '5', ''])('refuses «%s» and says what it takes', (text) => {
    expect(() => parseSince(text, now)).toThrow(/36h, 7d, 30m, a date/);
  });
});
