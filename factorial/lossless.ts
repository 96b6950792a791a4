import { LosslessNumber, parse } from 'lossless-json';

// A number token whose digits a JavaScript number may not keep: 16 or more digits, or an exponent. Outside of strings a
// number always follows one of : , [ white space or the start, and precedes one of , ] } white space or the end. Text inside
// a string that looks the same only costs the slower path.
const riskyNumber = /(?:^|[:,[\s])-?(?:\d[\d.]{15,}|\d+(?:\.\d+)?[eE][+-]?\d+)(?=[\s,\]}]|$)/;

/**
 * Parses JSON without changing a digit: numbers of up to 15 digits are numbers, longer ones and ones with an exponent are
 * `LosslessNumber` with the text as it was sent. Throws a `SyntaxError` (or, nested absurdly deep, a `RangeError`).
 * Needed because ids of new Factorial clusters exceed 2^53 and versions up to 2026-04-01 send them as numbers.
 */
export function parseJson(text: string): unknown {
  if (!riskyNumber.test(text)) return JSON.parse(text);
  // A repeated key: the last one wins, as in JSON.parse.
  return parse(text, undefined, { parseNumber: toExactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function toExactNumber(token: string): number | LosslessNumber {
  return riskyNumber.test(token) ? new LosslessNumber(token) : Number(token);
}
