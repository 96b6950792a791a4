import { addDays, civilDateAt, wallClock, type CivilDate } from './civil-date.ts';
import { stableHash } from './stable-hash.ts';

/** Nights of all tenants are spread over two hours. */
const spreadMinutes = 120;
/** A night that comes so soon after one of the same date was asked for is the same: told of again, or moved by a little. */
const sameNightMs = 2 * 3_600_000;

export interface NightSettings {
  readonly tenantId: string;
  readonly timeZone: string;
  /** Local hour, 0–23, at which the two hours begin. */
  readonly nightlyHour: number;
}

/** The next nightly reconciliation after `nowMs`: when (ms since the epoch), and which civil date names it. */
export function nextNight(nowMs: number, settings: NightSettings): { atMs: number; nightOn: CivilDate } {
  const minute = settings.nightlyHour * 60 + (stableHash(settings.tenantId) % spreadMinutes);
  const today = civilDateAt(nowMs, settings.timeZone);
  // Yesterday's night can still lie ahead when the spread passes midnight.
  for (const nightOn of [addDays(today, -1), today, addDays(today, 1)]) {
    const atMs = instantOf(nightOn, minute, settings.timeZone);
    if (atMs > nowMs) return { atMs, nightOn };
  }
  const nightOn = addDays(today, 2);
  return { atMs: instantOf(nightOn, minute, settings.timeZone), nightOn };
}

/** The civil date of the last night whose time has come by `nowMs`. */
export function lastNightOn(nowMs: number, settings: NightSettings): CivilDate {
  return addDays(nextNight(nowMs, settings).nightOn, -1);
}

/** Whether the night of a date, asked for at `askedForMs`, still serves when its time comes again under other settings. */
export function isSameNight(askedForMs: number, nowMs: number): boolean {
  return nowMs - askedForMs < sameNightMs;
}

/**
 * When a clock on the wall of `timeZone` shows `minute` minutes after the midnight that begins `date`. A time that a
 * change of clocks leaves out is moved on by the length of the gap; one that comes twice is taken the first time.
 */
export function instantOf(date: CivilDate, minute: number, timeZone: string): number {
  const wanted = Date.parse(`${date}T00:00:00Z`) + minute * 60_000;
  const offsetAt = (atMs: number): number => {
    const shown = wallClock(atMs, timeZone);
    return (
      Date.parse(`${shown.date}T00:00:00Z`) + shown.minuteOfDay * 60_000 - Math.floor(atMs / 60_000) * 60_000
    );
  };
  // The two offsets around the moment: they differ only near a change of clocks.
  const [before, after] = [offsetAt(wanted - 86_400_000), offsetAt(wanted + 86_400_000)];
  const candidates = [wanted - Math.max(before, after), wanted - Math.min(before, after)];
  return candidates.find((atMs) => atMs + offsetAt(atMs) === wanted) ?? wanted - before;
}
