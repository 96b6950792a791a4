import { expect, it } from '@jest/globals';
import { driftOf, progressOf } from './drift.ts';

const none = { created: 0, updated: 0, deleted: 0 };

it('names only the kinds in which something was different', () => {
  const drift = {
    employees: none,
    absences: { created: 2, updated: 0, deleted: 1 },
    absence_types: none,
    holidays: { created: 0, updated: 1, deleted: 0 },
    planned_minutes: none,
  };

  expect(driftOf({ drift }).map(({ kind }) => kind)).toEqual(['absences', 'holidays']);
});

it.each([
  [{ read: 0, total: null }, null],
  [{ read: 40, total: null }, null],
  [{ read: 0, total: 0 }, 100],
  [{ read: 1, total: 3 }, 33],
  [{ read: 299, total: 300 }, 99],
  [{ read: 4, total: 3 }, 100], // one was added meanwhile
])('does not say more than is known: %j', (count, percent) => {
  expect(progressOf(count).percent).toBe(percent);
});
