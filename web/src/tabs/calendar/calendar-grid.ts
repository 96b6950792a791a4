import type { Day } from '../../client/types.ts';

/** Civil dates are text (`YYYY-MM-DD`), months too (`YYYY-MM`): both compare in calendar order. */
const dayMs = 86_400_000;
const atMs = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** The civil date on which an instant falls in a time zone; in that of the browser where none is given. */
export function dateIn(timeZone: string | undefined, at: Date): string {
  return at.toLocaleDateString('en-CA', timeZone === undefined ? {} : { timeZone });
}

export function addDays(date: string, days: number): string {
  return new Date(atMs(date) + days * dayMs).toISOString().slice(0, 10);
}

/** The same day of another month, or that month's last where it is shorter. */
export function addMonths(date: string, months: number): string {
  const month = shiftMonth(date.slice(0, 7), months);
  const wished = `${month}${date.slice(7)}`;
  const last = datesOf(month).at(-1) ?? wished;
  return wished < last ? wished : last;
}

export function shiftMonth(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** 0 for Monday to 6 for Sunday. */
export function weekday(date: string): number {
  return (new Date(atMs(date)).getUTCDay() + 6) % 7;
}

export function monthsOf(year: number): string[] {
  return Array.from({ length: 12 }, (_, index) => `${year}-${String(index + 1).padStart(2, '0')}`);
}

export function datesOf(month: string): string[] {
  const dates: string[] = [];
  for (let date = `${month}-01`; date.startsWith(month); date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** The weeks of a month from Monday; null before its first day and after its last. */
export function weeksOf(month: string): (string | null)[][] {
  const dates = datesOf(month);
  const before = weekday(dates[0] ?? month);
  const cells = [...Array.from({ length: before }, () => null), ...dates];
  const weeks: (string | null)[][] = [];
  for (let at = 0; at < cells.length; at += 7)
    weeks.push(Array.from({ length: 7 }, (_, column) => cells[at + column] ?? null));
  return weeks;
}

/** Where a key leads from a day of the grid; null for every other key. */
export function moveBy(date: string, key: string): string | null {
  switch (key) {
    case 'ArrowLeft':
      return addDays(date, -1);
    case 'ArrowRight':
      return addDays(date, 1);
    case 'ArrowUp':
      return addDays(date, -7);
    case 'ArrowDown':
      return addDays(date, 7);
    case 'Home':
      return addDays(date, -weekday(date));
    case 'End':
      return addDays(date, 6 - weekday(date));
    case 'PageUp':
      return addMonths(date, -1);
    case 'PageDown':
      return addMonths(date, 1);
    default:
      return null;
  }
}

/** The days that are kept in step with Factorial, both ends inclusive. */
export interface Horizon {
  readonly from: string;
  readonly to: string;
}

export function horizonAround(
  today: string,
  { horizonDaysBack, horizonDaysAhead }: { horizonDaysBack: number; horizonDaysAhead: number },
): Horizon {
  return { from: addDays(today, -horizonDaysBack), to: addDays(today, horizonDaysAhead) };
}

/** Without the days that Factorial was never asked about: nothing is known of them but what people set by hand. */
export function knownDays(
  days: ReadonlyMap<string, Day>,
  horizon: Horizon | undefined,
): ReadonlyMap<string, Day> {
  if (horizon === undefined) return days;
  const { from, to } = horizon;
  return new Map(
    [...days].filter(([date, { source }]) => source === 'manual' || (date >= from && date <= to)),
  );
}

export interface DaySums {
  readonly expectedMinutes: number;
  readonly edited: number;
  /** How many days of each type, the most frequent first. */
  readonly types: readonly { readonly dayType: Day['dayType']; readonly count: number }[];
}

export function sumDays(days: readonly Day[]): DaySums {
  const types = new Map<string, { dayType: Day['dayType']; count: number }>();
  for (const { dayType } of days) {
    const known = types.get(dayType.id) ?? { dayType, count: 0 };
    types.set(dayType.id, { dayType, count: known.count + 1 });
  }
  return {
    expectedMinutes: days.reduce((sum, { expectedMinutes }) => sum + expectedMinutes, 0),
    edited: days.filter(({ source }) => source === 'manual').length,
    types: [...types.values()].toSorted((a, b) => b.count - a.count),
  };
}
