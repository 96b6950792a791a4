import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { defaultSwitches, switchesSchema } from './switches.ts';

const reference = readFileSync(new URL('../docs/factorial-api.md', import.meta.url), 'utf8');
const notModelled = readFileSync(new URL('NOT-MODELLED.md', import.meta.url), 'utf8');

/** The rows of section 14: the number of a question, and the switch with its values where one is asked for by name. */
const questions = reference
  .slice(reference.indexOf('## 14.'), reference.indexOf('## 15.'))
  .split('\n')
  .flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, number = '', , , , wanted = ''] = cells;
    return /^\d+$/.test(number) ? [{ number, wanted }] : [];
  });
const named = questions.flatMap(({ number, wanted }) => {
  const [, name, values] = /^`(\w+): ([^`]+)`/.exec(wanted) ?? [];
  return name === undefined || values === undefined ? [] : [{ number, name, values: values.split(', ') }];
});

/** Words of the table that stand for a figure. */
const figures: Record<string, number> = { '7d': 7 * 86_400, 'n/min': 60 };

describe('the questions of the reference', () => {
  it.each(named)('$number: $name takes $values, the first by default', ({ name, values }) => {
    const accepts = (value: unknown) => switchesSchema.safeParse({ [name]: value }).success;
    const known = values.map((text) => [text, figures[text] ?? Number(text)].find(accepts));

    expect(known).not.toContain(undefined);
    expect(Object.entries(defaultSwitches()).find(([one]) => one === name)?.[1]).toBe(known[0]);
  });

  it('each have a switch by their number, or are named as not modelled', () => {
    const source = readFileSync(new URL('switches.ts', import.meta.url), 'utf8');
    const comments = [...source.matchAll(/\/\*\* (\d+)(?: and (\d+))?\b/g)].flatMap(([, one, two]) => [
      one,
      two,
    ]);
    const open = /\*\*Questions of the reference without a switch\*\*: (.*)/.exec(notModelled)?.[1] ?? '';
    // Those that other parts answer: versions in subscriptions and paths, and the flag `silent`.
    const elsewhere = ['29', '31'];

    const unanswered = questions
      .map(({ number }) => number)
      .filter((number) => !comments.includes(number) && !elsewhere.includes(number))
      .filter((number) => !new RegExp(`\\b${number}\\b`).test(open));

    expect(questions).toHaveLength(42);
    expect(named.length).toBeGreaterThan(15);
    expect(unanswered).toEqual([]);
  });
});
