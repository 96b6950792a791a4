import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Style sheets and screens know each other by names alone: no compiler sees one that only one of them has. */

const folder = fileURLToPath(new URL('../../web/src/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const textOf = (ending: string): string =>
  files
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');

const sheets = textOf('.css').replaceAll(/\/\*.*?\*\//gs, '');
const styled = new Set([...sheets.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = '']) => name));
/** What stands in quotes after `className`, also on both sides of a condition. */
const named = new Set(
  [...textOf('.tsx').matchAll(/className=(?:"([^"]*)"|\{([^}]*)\})/g)]
    .flatMap(
      ([, plain, computed = '']) =>
        plain ?? [...computed.matchAll(/[?:] '([^']*)'/g)].map(([, text = '']) => text),
    )
    .flatMap((names) => names.split(' ')),
);

it('every class that a screen names has a style', () => {
  expect(named.size).toBeGreaterThan(50);
  expect([...named].filter((name) => !styled.has(name))).toEqual([]);
});

it('every class that has a style is named by a screen, or is one of the component library', () => {
  const ours = [...styled].filter((name) => !name.startsWith('mantine-'));
  expect(ours.filter((name) => !named.has(name))).toEqual([]);
});
