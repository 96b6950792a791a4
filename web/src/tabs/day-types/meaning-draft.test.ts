import { expect, it } from '@jest/globals';
import type { AbsenceType } from '../../client/types.ts';
import { draftOf, meaningOf, type MeaningDraft } from './meaning-draft.ts';

const vacation: AbsenceType = {
  absenceTypeId: '1',
  name: 'Vacaciones',
  color: '#07a2ad',
  active: true,
  workable: false,
  status: 'to_be_mapped',
  dayType: null,
  parked: { absences: 2, employees: 1 },
};

const draft = (changes: Partial<MeaningDraft>): MeaningDraft => ({ ...draftOf(vacation), ...changes });

it('offers a new day type after the absence type, with no expected hours', () => {
  expect(meaningOf(draft({ choice: 'create' }))).toEqual({
    create: { name: 'Vacaciones', color: '#07A2AD', expectedMinutes: 0 },
  });
});

it.each([null, 'red', '#12345'])('takes a neutral color where Factorial says %j', (color) => {
  expect(draftOf({ ...vacation, color }).color).toMatch(/^#[0-9A-F]{6}$/);
});

it('sends hours as minutes', () => {
  expect(meaningOf(draft({ choice: 'create', hours: '7,5' }))).toMatchObject({
    create: { expectedMinutes: 450 },
  });
});

it.each<Partial<MeaningDraft>>([
  { choice: 'existing' },
  { choice: 'create', name: '  ' },
  { choice: 'create', hours: '25' },
  { choice: 'to_be_mapped' },
])('has nothing to send for %j', (changes) => {
  expect(meaningOf(draft(changes))).toBeNull();
});

it('begins with what holds now', () => {
  const ignored = draftOf({ ...vacation, status: 'ignored' });

  expect(meaningOf(ignored)).toEqual({ ignored: true });
  expect(meaningOf(draft({ dayTypeId: 'remote' }))).toEqual({ dayTypeId: 'remote' });
});
