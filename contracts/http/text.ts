import { z } from 'zod';

/** PostgreSQL stores no NUL, and no half of a character that takes two (a lone surrogate). */
export const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
export const storableText = 'must be whole characters without NUL';

/** Text that people write: not blank, and only what can be stored. */
export const plainText = (max: number) =>
  z
    .string(`must be text of 1 to ${max} characters`)
    .max(max, `must have at most ${max} characters`)
    .refine((text) => text.trim() !== '', 'must not be blank')
    .refine(isStorable, storableText);

/** What a list is searched for; blank looks for everything. */
export const SearchText = z
  .string('must be text')
  .max(200, 'must have at most 200 characters')
  .refine(isStorable, storableText);

/** A value that a list is filtered by: exactly this one. */
export const FilterText = SearchText.min(1, 'must not be empty').max(100, 'must have at most 100 characters');

/** An id that Factorial gave: opaque, often a number above 2^53, always as text. */
export const FactorialId = z
  .string('must be an id of Factorial as text')
  .regex(/^[\x21-\x7e]{1,100}$/, 'must be an id of Factorial');

/** The sort keys of a list by name and id: where its next page begins. */
export const NamePosition = z.tuple([SearchText.max(2_000), SearchText]);

/** A colour as `#RRGGBB`. */
export const Color = z
  .string('must be a colour like #4F8A10')
  .regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour like #4F8A10');

const minutesText = 'must be a whole number of minutes from 0 to 1440';

/** Minutes of one day. */
export const DayMinutes = z.int(minutesText).min(0, minutesText).max(1440, minutesText);

/** The reply of what has nothing to say: 204. */
export const NoContent = z.null().describe('Nothing');
