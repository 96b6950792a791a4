import { expect, it } from '@jest/globals';
import type { Employee } from '../../client/types.ts';
import { chooseEmployees, countEmployees, suggestedLinks } from './choose-employees.ts';

const makeEmployee = (employeeId: string, changes: Partial<Employee> = {}): Employee => ({
  employeeId,
  name: employeeId,
  email: null,
  active: true,
  startsOn: null,
  endsOn: null,
  link: null,
  suggestion: null,
  parked: 0,
  ...changes,
});

const ana = makeEmployee('ana', { name: 'Ána Núñez', email: 'ana@acme.example' });
const bea = makeEmployee('bea', { link: { profileId: '7', name: 'Zoe' }, parked: 2 });
const carl = makeEmployee('carl', { link: { profileId: '8', name: 'Álex' }, parked: 5 });
const dora = makeEmployee('dora', { suggestion: { profileId: '9', name: 'Dora' } });
const everybody = [ana, bea, carl, dora];

const idsOf = (choice: Partial<Parameters<typeof chooseEmployees>[1]>): string[] =>
  chooseEmployees(everybody, { search: '', filter: 'all', sort: 'name', ...choice }).map(
    ({ employeeId }) => employeeId,
  );

it.each([
  ['nunez ana', ['ana']],
  ['ACME.example', ['ana']],
  ['  alex ', ['carl']],
  ['nobody', []],
  ['', ['ana', 'bea', 'carl', 'dora']],
])('finds %j by every word, whatever its case and accents', (search, expected) => {
  expect(idsOf({ search })).toEqual(expected);
});

it.each([
  ['linked', ['bea', 'carl']],
  ['unlinked', ['ana', 'dora']],
  ['suggested', ['dora']],
  ['parked', ['bea', 'carl']],
] as const)('shows only those that are %s', (filter, expected) => {
  expect(idsOf({ filter })).toEqual(expected);
  expect(countEmployees(everybody)[filter]).toBe(expected.length);
});

it.each([
  ['name', ['ana', 'bea', 'carl', 'dora']],
  ['parked', ['carl', 'bea', 'ana', 'dora']],
  ['profile', ['carl', 'bea', 'ana', 'dora']],
] as const)('sorts by %s, those without one last', (sort, expected) => {
  expect(idsOf({ sort })).toEqual(expected);
});

it('links only whom a profile was suggested for', () => {
  expect(suggestedLinks(everybody)).toEqual([{ employeeId: 'dora', profileId: '9' }]);
});
