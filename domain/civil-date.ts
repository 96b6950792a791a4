/**
 * A civil date `YYYY-MM-DD`: a day of the calendar, never an instant (rule 17).
 * Plain text compares in calendar order, so `<` and `===` work.
 */
export type CivilDate = string;

const dayMs = 86_400_000;

/** The earliest instant (ms) that can be stored: PostgreSQL knows no year 0. */
export const firstInstantMs = Date.parse('0001-01-01T00:00:00Z');

/** Whether `text` is a real day of the calendar in the form `YYYY-MM-DD`, from the year 1 on: PostgreSQL knows none before. */
export function isCivilDate(text: string): text is CivilDate {
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

export function addDays(date: CivilDate, days: number): CivilDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Days from `from` to `to`; 0 for the same day, negative backwards. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** Every day from `from` to `to`, both inclusive; none when `to` is before `from`. */
export function* eachDay(from: CivilDate, to: CivilDate): Generator<CivilDate> {
  for (let date = from; date <= to; date = addDays(date, 1)) yield date;
}

/** 0 for Monday to 6 for Sunday. */
export function weekday(date: CivilDate): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

export const earlier = (a: CivilDate, b: CivilDate): CivilDate => (a < b ? a : b);
export const later = (a: CivilDate, b: CivilDate): CivilDate => (a > b ? a : b);

/** Whether `zone` is an IANA time zone that this machine knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The civil date of an instant (ms since the epoch) in a time zone. */
export function civilDateAt(atMs: number, timeZone: string): CivilDate {
  return wallClock(atMs, timeZone).date;
}

/** Formatters by time zone: making one costs a hundred times as much as using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** The date and the minute of the day that a clock on the wall of `timeZone` shows at an instant. */
export function wallClock(atMs: number, timeZone: string): { date: CivilDate; minuteOfDay: number } {
  const parts = clockOf(timeZone).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? '';
  return {
    date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
    minuteOfDay: Number(part('hour')) * 60 + Number(part('minute')),
  };
}
