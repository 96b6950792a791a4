import { expect, it } from '@jest/globals';
import { parseHours, writeHours } from './hours.ts';

it.each([
  ['0', 0],
  ['8', 480],
  ['7.5', 450],
  ['7,5', 450],
  ['7,25 h', 435],
  ['7:05', 425],
  ['7h30', 450],
  ['7 h 30 min', 450],
  ['45 min', 45],
  ['24', 1440],
  [' 0,33 ', 20],
])('reads %j as %i minutes', (text, minutes) => {
  expect(parseHours(text)).toBe(minutes);
});

it.each(['', 'x', '-1', '24:01', '25', '7:60', '1e3', '7.5.1', '1500 min'])('does not take %j', (text) => {
  expect(parseHours(text)).toBeNull();
});

it.each([
  [480, 'en', '8'],
  [450, 'en', '7.5'],
  [450, 'es', '7,5'],
  [435, 'ca', '7,25'],
  [440, 'es', '7:20'],
  [425, 'en', '7:05'],
  [0, 'es', '0'],
])('writes %i minutes in %s as %j, and reads that again', (minutes, language, text) => {
  expect(writeHours(minutes, language)).toBe(text);
  expect(parseHours(text)).toBe(minutes);
});
