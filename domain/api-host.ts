import { DomainError } from './errors.ts';

/** Factorial's production host: the default of the wizard's field. */
export const defaultApiHost = 'https://api.factorialhr.com';

// The raw text must have this shape before any URL parser sees it: parsers drop tabs and line breaks, turn backslashes
// into slashes and fold look-alike letters, so a text that they find harmless may not be the one that was typed.
const factorialOrigin = /^https:\/\/api\.(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)?factorialhr\.com$/;
// Checked before lower-casing: some letters outside ASCII have an ASCII lower case (U+212A, the Kelvin sign, becomes "k").
const visibleAscii = /^[\x21-\x7e]+$/;

/**
 * The origin of a Factorial API host that an admin typed: lower case, without a trailing slash, safe to prefix paths with.
 * Admits `https://api.factorialhr.com`, `https://api.<label>.factorialhr.com` with one DNS label, and the origins of
 * `extraOrigins` (the setting `FACTORIAL_EXTRA_HOSTS`; plain http is possible there only).
 * Throws `factorial_url_invalid`.
 * Source: contract.md 1.
 */
export function parseApiHost(input: string, extraOrigins: readonly string[] = []): string {
  const origin = toOrigin(input);
  if (origin === null) throw invalidUrl();
  if (factorialOrigin.test(origin)) return origin;
  if (extraOrigins.some((extra) => toOrigin(extra.trim()) === origin)) return origin;
  throw invalidUrl();
}

/** The text as an origin, or null where it is not exactly one: user info, default ports, paths, queries do not survive the comparison. */
function toOrigin(input: string): string | null {
  if (!visibleAscii.test(input)) return null;
  const text = input.toLowerCase().replace(/\/$/, '');
  return URL.canParse(text) && new URL(text).origin === text ? text : null;
}

function invalidUrl(): DomainError {
  return new DomainError('factorial_url_invalid', 'The Factorial URL is not valid');
}
