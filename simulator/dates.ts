const DAY_MS = 86_400_000;

/** A civil day, `YYYY-MM-DD`. Days are calculated in UTC, where each has 24 hours. */
export type Day = string;

export function toDay(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10);
}

export function startOfDayMs(day: Day): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = startOfDayMs(text);
  return !Number.isNaN(ms) && toDay(ms) === text;
}

export function addDays(day: Day, days: number): Day {
  return toDay(startOfDayMs(day) + days * DAY_MS);
}

/** Days from `from` to `to`; 0 for the same day, negative when `to` lies before. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((startOfDayMs(to) - startOfDayMs(from)) / DAY_MS);
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOf(day: Day): number {
  return (new Date(startOfDayMs(day)).getUTCDay() + 6) % 7;
}

/** Easter Sunday of a year in the Gregorian calendar (anonymous algorithm, Meeus). */
export function easterSunday(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  const month = String(Math.floor(f / 31)).padStart(2, '0');
  return `${year}-${month}-${String((f % 31) + 1).padStart(2, '0')}`;
}
