import type { Meaning } from '../../client/day-types.ts';
import type { AbsenceType } from '../../client/types.ts';
import { parseHours } from '../../components/hours.ts';

export const choices = ['existing', 'create', 'ignored', 'to_be_mapped'] as const;
export type Choice = (typeof choices)[number];

/** What is being decided about an absence type. What was typed for one choice is kept while another is looked at. */
export interface MeaningDraft {
  readonly choice: Choice;
  readonly dayTypeId: string;
  readonly name: string;
  readonly color: string;
  readonly hours: string;
}

const neutralColor = '#5B8DB8';

/** Where the dialog begins: what holds now, and a new day type after the absence type. */
export function draftOf({ status, dayType, name, color }: AbsenceType): MeaningDraft {
  return {
    choice: status === 'ignored' ? 'ignored' : 'existing',
    dayTypeId: dayType?.id ?? '',
    name,
    color: color !== null && /^#[0-9a-f]{6}$/i.test(color) ? color.toUpperCase() : neutralColor,
    hours: '0',
  };
}

/** The body to send; null while something is missing, and where the choice has none. */
export function meaningOf({ choice, dayTypeId, name, color, hours }: MeaningDraft): Meaning | null {
  if (choice === 'ignored') return { ignored: true };
  if (choice === 'existing') return dayTypeId === '' ? null : { dayTypeId };
  const expectedMinutes = parseHours(hours);
  if (choice !== 'create' || name.trim() === '' || expectedMinutes === null) return null;
  return { create: { name: name.trim(), color, expectedMinutes } };
}
