import { expect, it } from '@jest/globals';
import { linkedToName, wrongFields } from './problem-detail.ts';

it.each([
  ['body.clientId: must not be empty', [{ path: ['clientId'], why: 'must not be empty' }]],
  [
    'body.deletionBrake.percent: must be at most 100; body.defaultWeekMinutes.3: must be a number',
    [
      { path: ['deletionBrake', 'percent'], why: 'must be at most 100' },
      { path: ['defaultWeekMinutes', '3'], why: 'must be a number' },
    ],
  ],
  ['body: must be valid JSON', []],
  ['', []],
])('finds the fields that are named in "%s"', (detail, fields) => {
  expect(wrongFields(detail)).toEqual(fields);
});

it('finds whom a profile is linked to', () => {
  expect(linkedToName('Already linked to Ana García')).toBe('Ana García');
  expect(linkedToName('Somebody else was faster.')).toBeNull();
});
