import { expect, it } from '@jest/globals';
import { formatOf } from './format-of.ts';

const newYear = '2025-12-31T23:30:00.000Z';

it.each([
  ['Europe/Madrid', '1 Jan 2026, 00:30', '1 Jan 2026'],
  ['Atlantic/Canary', '31 Dec 2025, 23:30', '31 Dec 2025'],
  ['America/Mexico_City', '31 Dec 2025, 17:30', '31 Dec 2025'],
])('an instant is told as the clocks in %s show it', (timeZone, dateTime, date) => {
  const format = formatOf('en', timeZone);

  expect([format.dateTime(newYear), format.date(newYear)]).toEqual([dateTime, date]);
});

it('a civil date has no time zone', () => {
  expect(formatOf('en', 'Pacific/Auckland').civilDate('2026-01-01')).toBe('1 Jan 2026');
});

it('a list is told as the language does', () => {
  const names = ['Time off', 'Time tracking', 'Company holidays'];

  expect(['en', 'es', 'ca'].map((language) => formatOf(language).list(names))).toEqual([
    'Time off, Time tracking and Company holidays',
    'Time off, Time tracking y Company holidays',
    'Time off, Time tracking i Company holidays',
  ]);
});

it('is made once for a language and a zone', () => {
  const once = formatOf('es', 'Europe/Madrid');

  expect(formatOf('es', 'Europe/Madrid')).toBe(once);
  expect([formatOf('ca', 'Europe/Madrid'), formatOf('es', 'UTC'), formatOf('es')]).not.toContain(once);
});
