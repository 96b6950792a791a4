import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLosslessNumber } from 'lossless-json';
import { parseJson } from './lossless.ts';

/** The text of every number in the tree, to compare digits. */
function digitsOf(value: unknown): unknown {
  if (typeof value === 'number' || isLosslessNumber(value)) return `n${String(value)}`;
  if (Array.isArray(value)) return value.map(digitsOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, digitsOf(each)]));
  return value;
}

describe('parseJson', () => {
  it.each([
    '9007199254740993',
    '18446744073709550',
    '36893488147419100',
    '-9007199254740993',
    '0.12345678901234567',
    '1e3',
    '1.5E+20',
  ])('keeps every digit of %s wherever it stands', (number) => {
    for (const around of [
      (n: string) => n,
      (n: string) => ` ${n} `,
      (n: string) => `[${n}]`,
      (n: string) => `{"id":${n}}`,
      (n: string) => `[1,\n${n}\t, 2]`,
    ]) {
      expect(JSON.stringify(digitsOf(parseJson(around(number))))).toContain(`"n${number}"`);
    }
  });

  it('reads numbers of up to fifteen digits as numbers', () => {
    expect(parseJson('{"a":800,"b":[4.0,-0.5,123456789012345]}')).toEqual({
      a: 800,
      b: [4, -0.5, 123456789012345],
    });
  });

  it('agrees with JSON.parse on everything that JSON.parse reads exactly', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom('', '9007199254740993'), (json, risky) => {
        const text = risky === '' ? json : `[${json},${risky}]`;
        const parsed = parseJson(text);
        const ours = risky === '' ? parsed : (parsed as unknown[])[0];
        const plain = JSON.parse(json, (_key, value: unknown) =>
          typeof value === 'number' ? null : value,
        ) as unknown;
        const withoutNumbers = JSON.parse(
          JSON.stringify(ours, (_key, value: unknown) =>
            typeof value === 'number' || isLosslessNumber(value) ? null : value,
          ),
        ) as unknown;

        expect(withoutNumbers).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the digits of any whole number as text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (number) => {
        expect(String((parseJson(`{"id":${number}}`) as { id: unknown }).id)).toBe(String(number));
      }),
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '{"data":[{"id":"1"',
    '<html></html>',
    '{"id":9007199254740993',
    '[1,]',
    '[9007199254740993,]',
    'undefined',
    '{"a":1}x',
    '[01]',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow();
  });

  it('gives an object from elsewhere no other prototype', () => {
    for (const text of [
      '{"__proto__":{"admin":true},"n":1}',
      '{"__proto__":{"admin":true},"n":9007199254740993}',
    ]) {
      expect((parseJson(text) as { admin?: boolean }).admin).toBeUndefined();
    }
  });

  it('takes the last of two equal keys', () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(digitsOf(parseJson('{"a":9007199254740993,"a":9007199254740995}'))).toEqual({
      a: 'n9007199254740995',
    });
  });
});
