import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { errorCodes, troubleCodes } from '../../domain/errors.ts';
import { warningCodes } from '../../domain/warnings.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** Sections of the runbook by their headings, of either level. */
const sections = read('docs/runbook.md')
  .split(/^(?=#{2,3} )/m)
  .map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const [marks = '', ...words] = heading.split(' ');
    return { level: marks.length, name: words.join(' ').trim(), text: lines.join('\n') };
  });
const pages = new Map(sections.map(({ name, text }) => [name, text]));

const alerts = (parse(read('ops/alerts.yml')) as { groups: { rules: { alert: string }[] }[] }).groups.flatMap(
  ({ rules }) => rules.map(({ alert }) => alert),
);

describe('the runbook', () => {
  it.each([...new Set<string>([...warningCodes, ...troubleCodes, ...alerts])])(
    'has a page for %s: what it means and what to do',
    (name) => {
      const page = pages.get(name);

      expect(page).toBeDefined();
      expect(page).toMatch(/^Means: \w/m);
      expect(page).toMatch(/^Do: [\w`]/m);
    },
  );

  it('says of each alert and code how to see it and what not to do', () => {
    const codes = [...troubleCodes, ...alerts].filter((name) => !warningCodes.some((code) => code === name));

    for (const name of codes) {
      expect(pages.get(name)).toMatch(/^See: [\w`*]/m);
      expect(pages.get(name)).toMatch(/^Don't: \w/m);
    }
  });

  it('has no page of what is not there any more', () => {
    const known: string[] = [...warningCodes, ...errorCodes, ...alerts];

    const named = sections.filter(({ level }) => level === 3).map(({ name }) => name);

    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each([
    "ConnectionStatus = 'expired'",
    'OpenFailures > 0',
    "OldestPendingAt < '",
    'LastVerifiedAt IS NULL OR LastVerifiedAt <',
    "TroubleCodes = 'subscription_conflict'",
  ])('has the saved view %s', (query) => {
    expect(read('docs/runbook.md')).toContain(query);
  });

  it('leads to pages that are there', () => {
    const text = read('docs/runbook.md');
    const anchors = [...text.matchAll(/^#{2,3} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replace(/\s/g, '-'),
    );

    for (const [, anchor = ''] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});
