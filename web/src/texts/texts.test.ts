import { describe, expect, it } from '@jest/globals';
import { ca } from './ca/index.ts';
import { en } from './en/index.ts';
import { es } from './es/index.ts';

type Tree = { readonly [key: string]: string | Tree };

/** `wizard.connect.url` → its text. */
function flatten(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : flatten(value, `${path}${key}.`),
  );
}

const placeholdersOf = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();
const english = flatten(en);

describe.each([
  ['es', es],
  ['ca', ca],
])('the texts in %s', (_language, texts) => {
  const translated = new Map(flatten(texts));

  it('are as many as the English ones, none empty', () => {
    expect([...translated.keys()].toSorted()).toEqual(english.map(([key]) => key).toSorted());
    expect([...translated].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('have the same placeholders', () => {
    const wrong = english.filter(
      ([key, text]) => placeholdersOf(text).join() !== placeholdersOf(translated.get(key) ?? '').join(),
    );

    expect(wrong).toEqual([]);
  });
});

it('the words of the guide are there to the letter', () => {
  const texts = english.map(([, text]) => text);

  expect(texts).toEqual(
    expect.arrayContaining([
      'The Factorial URL is not valid',
      'Factorial is already connected. Disconnect first to start a new connection.',
      'The browser blocked the popup',
      'Open the authorization page',
      'The authorization has expired',
      'The window was closed before completion',
      'Token: Correct',
      'Token: Refresh recommended',
      'Token: Invalid or expired',
      'The connection with Factorial has expired',
      'Errors (7d): {{count}}',
      'Pending',
      'Connected',
      'Employees',
      'Time off',
      'Time tracking',
      'Company holidays',
    ]),
  );
});
