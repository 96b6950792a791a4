import { readFileSync } from 'node:fs';

/** One field as the reference describes it. */
export interface DocumentedField {
  name: string;
  /** In the words of the reference: `string`, `date`, `string[]` …; null where it says nothing. */
  type: string | null;
  required: boolean;
  /** The first version that has it; null: all of them. */
  since: string | null;
}

const reference = readFileSync(new URL('../../docs/factorial-api.md', import.meta.url), 'utf8');

/** The table of fields in a section, such as `9.4`. */
export function fieldTable(section: string): DocumentedField[] {
  const rows = sectionText(section)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const header = rows.findIndex((line) => /^\| (Field|Response field) \|/.test(line));
  if (header < 0) throw new Error(`section ${section} has no table of fields`);
  const columns = cellsOf(rows[header] ?? '');
  return rows.slice(header + 2).flatMap((line) => {
    const cells = cellsOf(line);
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    return names(cells[0] ?? '').map(({ name, hint }, index) => ({
      name: name.replace(/\[\]$/, ''),
      type: name.endsWith('[]') ? 'object[]' : (typeOf(hint) ?? cell('Type')),
      required: cell('R') === 'R',
      since:
        cell('Note').includes('the latter two') && index === 0 ? null : sinceOf(name, cell('Note') + hint),
    }));
  });
}

/** The fields that a sentence lists behind `start`, up to its full stop. */
export function fieldsInSentence(section: string, start: string): DocumentedField[] {
  const text = sectionText(section).replace(/\s+/g, ' ');
  const from = text.indexOf(start);
  if (from < 0) throw new Error(`section ${section} does not say "${start}"`);
  const rest = text.slice(from + start.length);
  let depth = 0;
  const end = rest.split('').findIndex((letter) => {
    if (letter === '(' || letter === '{') depth += 1;
    if (letter === ')' || letter === '}') depth -= 1;
    return letter === '.' && depth === 0;
  });
  return names(rest.slice(0, end)).map(({ name, hint }) => ({
    name: name.replace(/ R$|\[\]|\?$/g, ''),
    type: name.includes('[]') ? 'array' : typeOf(hint),
    required: name.endsWith(' R'),
    since: sinceOf(name, hint),
  }));
}

/** What is wrong with this row by the reference; nothing where it is right. */
export function violations(
  row: Record<string, unknown>,
  fields: readonly DocumentedField[],
  { version, nullable = [] }: { version: string; nullable?: readonly string[] },
): string[] {
  const known = fields.filter(({ since }) => since === null || version >= since);
  const unknown = Object.keys(row).filter((name) => !known.some((field) => field.name === name));
  return [
    ...unknown.map((name) => `${name} is not documented`),
    ...known.flatMap(({ name, type, required }) => {
      if (!(name in row)) return [`${name} is missing`];
      const value = row[name];
      if (value === null) return required && !nullable.includes(name) ? [`${name} is null`] : [];
      return hasType(name, value, type, version) ? [] : [`${name} is no ${type}: ${JSON.stringify(value)}`];
    }),
  ];
}

/** From the note beside the field, else from the list of changes by version. */
function sinceOf(name: string, note: string): string | null {
  const noted = /since (\d{4}-\d{2}-\d{2})/i.exec(note)?.[1];
  if (noted !== undefined) return noted;
  const changes = reference.slice(reference.indexOf('## 12.'), reference.indexOf('## 13.')).split('\n');
  const added = changes.find((line) => name.includes('_') && new RegExp(`\\b${name}\\b`).test(line));
  return /^\| (\d{4}-\d{2}-\d{2}) \|/.exec(added ?? '')?.[1] ?? null;
}

function hasType(name: string, value: unknown, type: string | null, version: string): boolean {
  if (/(^|_)ids?$/.test(name)) {
    return [value].flat().every((id) => isId(id, version));
  }
  switch (type) {
    case null:
      return typeof value !== 'object' || Array.isArray(value);
    case 'string':
    case 'enum':
    case 'enum string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case 'timestamp':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    case 'array':
    case 'string[]':
    case 'object[]':
      return Array.isArray(value);
    default:
      throw new Error(`the reference has a type that this test does not know: ${name} ${type}`);
  }
}

/** Up to 2026-04-01 ids are numbers; what is made of words, such as `access-1`, is text in every version. */
function isId(id: unknown, version: string): boolean {
  if (typeof id === 'string') return version >= '2026-07-01' || !/^\d+$/.test(id);
  return typeof id === 'number' && version < '2026-07-01';
}

function sectionText(section: string): string {
  const start = reference.indexOf(`### ${section} `);
  if (start < 0) throw new Error(`the reference has no section ${section}`);
  const next = reference.slice(start + 4).search(/\n##+ /);
  return reference.slice(start, start + 4 + next);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('**', ''));
}

/** Splits at commas; what stands in brackets explains the name before it. */
function names(list: string): { name: string; hint: string }[] {
  const found: { name: string; hint: string }[] = [];
  let current = { name: '', hint: '' };
  let depth = 0;
  for (const letter of `${list.replaceAll('`', '')},`) {
    const isInside = depth > 0;
    if (letter === '(' || letter === '{') depth += 1;
    else if (letter === ')' || letter === '}') depth -= 1;
    else if (isInside) current.hint += letter;
    else if (letter === ',') {
      found.push({ ...current, name: current.name.replace(/\s+/g, ' ').trim() });
      current = { name: '', hint: '' };
    } else current.name += letter;
  }
  return found;
}

function typeOf(hint: string): string | null {
  return /\b(boolean|integer|number)s?\b/.exec(hint)?.[1] ?? null;
}
