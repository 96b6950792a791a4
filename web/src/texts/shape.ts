import type { en } from './en/index.ts';

/** The shape of a translation: every key of English, with any text. */
export type Texts = Translated<typeof en>;
type Translated<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Translated<T[Key]> };
