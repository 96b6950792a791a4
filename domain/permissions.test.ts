import { describe, expect, it } from '@jest/globals';
import { scopesMissing, scopesOf, ungranted } from './permissions.ts';

describe('a permission that is missing', () => {
  it('is named as Factorial names it, several in its order', () => {
    const sentences = [
      ['time_off'],
      ['company_holidays', 'employees'],
      ['time_off', 'employees', 'time_tracking'],
    ] as const;

    expect(sentences.map(scopesMissing)).toEqual([
      'The Factorial application lacks a permission. Tick Time off.',
      'The Factorial application lacks a permission. Tick Employees and Company holidays.',
      'The Factorial application lacks a permission. Tick Employees, Time off and Time tracking.',
    ]);
  });

  it('is known from what was refused', () => {
    expect(scopesOf(['absences', 'holidays', 'schedules'])).toEqual([
      'time_off',
      'time_tracking',
      'company_holidays',
    ]);
  });

  it.each([
    ['employees time_tracking company_holidays', ['time_off']],
    ['company_holidays time_tracking time_off employees', []],
    ['tasks', ['employees', 'time_off', 'time_tracking', 'company_holidays']],
    ['read', []],
    [null, []],
  ])('is known from the answer that brought the token, where it says: %s', (scope, missing) => {
    expect(ungranted(scope)).toEqual(missing);
  });
});
