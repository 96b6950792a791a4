import type { Company } from './company.ts';
import { addDays, daysBetween, isDay, type Day } from './dates.ts';
import { controlCallSchema, type ControlCall } from './faults.ts';

/**
 * A script: one call of the control interface a line, as JSON; blank lines and lines that begin with `#` are passed over.
 * Texts may name what has another id in each simulator, and days that move on with the calendar:
 * `$leaves[3]` is the id of the fourth leave that there is now, `$today`, `$today+7` and `$today-1` are days.
 */
export interface ScriptLine {
  number: number;
  call: ControlCall;
}

/** What was done, as a line that can be played again. */
export interface RecordedLine {
  /** null: said of no company, as the clock and the switches are */
  companyId: string | null;
  line: string;
}

const tables = {
  employees: ({ employees }: Company) => employees,
  leaves: ({ leaves }: Company) => leaves,
  leave_types: ({ leaveTypes }: Company) => leaveTypes,
  holidays: ({ holidays }: Company) => holidays,
  locations: ({ locations }: Company) => locations,
  schedules: ({ schedules }: Company) => schedules,
  subscriptions: ({ subscriptions }: Company) => subscriptions,
  teams: ({ teams }: Company) => teams,
};
type TableName = keyof typeof tables;

/** Throws, with the number of the line, where a line is no call. */
export function parseScript(text: string): ScriptLine[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const number = index + 1;
    let json: unknown;
    try {
      json = JSON.parse(trimmed);
    } catch {
      throw new Error(`line ${number} is not JSON: ${trimmed.slice(0, 80)}`);
    }
    const parsed = controlCallSchema.safeParse(json);
    if (parsed.success) return [{ number, call: parsed.data }];
    const [issue] = parsed.error.issues;
    throw new Error(`line ${number}: ${issue?.path.join('.')} ${issue?.message}`);
  });
}

/** The call with ids and days in the place of what names them. Throws where there is no such row. */
export function resolveCall(call: ControlCall, company: Company, today: Day): ControlCall {
  const resolve = (text: string): string =>
    text
      .replace(/\$([a-z_]+)\[(\d+)\]/g, (reference, name: string, index: string) => {
        const row = isTable(name) ? tables[name](company).all()[Number(index)] : undefined;
        if (row === undefined) throw new Error(`${reference} names nothing that is there`);
        return row.id;
      })
      .replace(/\$today([+-]\d+)?/g, (_reference, days: string | undefined) =>
        addDays(today, Number(days ?? 0)),
      );
  return mapTexts(call, resolve) as ControlCall;
}

/** The reverse: the call as a line that means the same in another simulator, on another day. */
export function toLine({ method, path, body }: ControlCall, company: Company, today: Day): string {
  const [route = '', query = ''] = path.split('?');
  const [table = ''] = route.split('/');
  const parts = route.split('/').map((part, index) => (index === 1 ? nameOf(company, table, part) : part));
  const named = parts.join('/') + (query === '' ? '' : `?${query}`);
  const written = body === undefined ? undefined : nameAll(company, today, table, body);
  return JSON.stringify({ ...(method === 'POST' ? {} : { method }), path: named, body: written });
}

function nameAll(company: Company, today: Day, table: string, body: object): object {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]): [string, unknown] => {
      const ofKey = tableOfKey(key) ?? table;
      const name = (one: unknown): unknown => {
        if (typeof one !== 'string') return one;
        if (isDay(one)) return dayOf(today, one);
        return key === 'ids' || tableOfKey(key) !== undefined ? nameOf(company, ofKey, one) : one;
      };
      return [key, Array.isArray(value) ? value.map(name) : name(value)];
    }),
  );
}

function dayOf(today: Day, day: Day): string {
  const days = daysBetween(today, day);
  return days === 0 ? '$today' : `$today${days > 0 ? '+' : ''}${days}`;
}

/** `leave_type_id`, `leaveTypeId` and `leave_type_ids` are ids of `leave_types`. */
function tableOfKey(key: string): TableName | undefined {
  const subject = key
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/_ids?$/, '')
    .replace(/^(hidden|lead)_employee$|^lead$|^manager$|^timeoff_manager$/, 'employee');
  const name = `${subject}s`;
  return /_?ids?$/i.test(key) && isTable(name) ? name : undefined;
}

function nameOf(company: Company, table: string, id: string): string {
  const index = isTable(table)
    ? tables[table](company)
        .all()
        .findIndex((row) => row.id === id)
    : -1;
  return index < 0 ? id : `$${table}[${index}]`;
}

function isTable(name: string): name is TableName {
  return Object.hasOwn(tables, name);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, change)]));
}
