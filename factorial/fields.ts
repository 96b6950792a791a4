import { LosslessNumber } from 'lossless-json';
import { z } from 'zod';
import { firstInstantMs } from '../domain/civil-date.ts';

/**
 * The kinds of value in Factorial's resources. The live API sends null for fields that its specification calls required, so every
 * field but those named `required…` may be null or missing, and reads as null.
 */

/** Letters, digits or signs without white space: opaque, never compared as a number. 255 keeps it below what an index can hold. */
const opaqueText = /^[^\s\p{Cc}\p{Surrogate}]{1,255}$/u;
const digits = /^\d{1,255}$/;

/** An id as text, whether it came as text or (versions up to 2026-04-01) as a number of any size. */
export const requiredId = z.union([
  z.string().regex(opaqueText),
  z.int().nonnegative().transform(String),
  z.instanceof(LosslessNumber).transform(String).pipe(z.string().regex(digits)),
]);
export const id = orNull(z.union([requiredId, z.literal('').transform(() => null)]));

/** A day `YYYY-MM-DD` that exists; PostgreSQL has no year 0. */
export const requiredDay = z.iso.date().refine((day) => !day.startsWith('0000'));
export const day = orNull(requiredDay);

/** An instant in ISO 8601 with `Z` or an offset. */
export const instant = orNull(
  z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((at) => at.getTime() >= firstInstantMs),
);

/** Text for people, without what PostgreSQL refuses: NUL, and halves of characters that take two (lone surrogates). */
export const requiredText = z.string().transform((value) => value.replaceAll(/[\0\p{Surrogate}]/gu, ''));
/** The same; blank reads as null. */
export const text = orNull(requiredText.transform((value) => (value.trim() === '' ? null : value)));

export const flag = orNull(z.boolean());
/** Of 32 bits, as it is stored: one that is larger must not fail the write of its whole page. */
export const wholeNumber = orNull(z.int32());

/**
 * An amount from zero to below ten million as decimal text, exact to the digit: "480", "462.5". Rails may send it as a number
 * or as text. What is larger cannot be stored.
 */
export const decimalText = orNull(
  z
    .union([z.number().transform(String), z.instanceof(LosslessNumber).transform(String), z.string()])
    .pipe(z.string().regex(/^\d{1,7}(\.\d{1,100})?$/))
    .transform(withoutTrailingZeros),
);

export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? null);
}

function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
