import { InvalidArgumentError } from 'commander';

const minuteMs = 60_000;
const units = { m: minuteMs, h: 60 * minuteMs, d: 24 * 60 * minuteMs } as const;

/** How long ago, in the one unit that says most: "42 s", "17 min", "3 h", "12 d". */
export function ago(at: Date | null, nowMs: number): string | null {
  if (at === null) return null;
  const ms = Math.max(0, nowMs - at.getTime());
  if (ms < minuteMs) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * units.h) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 2 * units.d) return `${Math.round(ms / units.h)} h`;
  return `${Math.round(ms / units.d)} d`;
}

/** An instant with how long ago it was, for a line of its own. */
export const instant = (at: Date | null, nowMs: number): string | null =>
  at === null ? null : `${at.toISOString()} (${ago(at, nowMs)} ago)`;

/** `36h`, `7d`, `30m` before now, a date, or an instant. */
export function parseSince(text: string, nowMs: number): Date {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return new Date(nowMs - Number(count) * units[unit as keyof typeof units]);
  const at = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : null;
  if (at === null || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError(
      'Give 36h, 7d, 30m, a date (2026-11-20) or an instant (2026-11-20T08:00:00Z).',
    );
  return at;
}
