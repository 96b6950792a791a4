import { addDays, civilDateAt, type CivilDate } from './civil-date.ts';

/** Changes to days at most this many days back are still computed into stored days (design.md 5). */
export const historyDays = 400;

/** An inclusive range of civil dates. */
export interface DateRange {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/** What of a tenant decides which days are stored and what "today" means. */
export interface HorizonSettings {
  readonly timeZone: string;
  readonly horizonDaysBack: number;
  readonly horizonDaysAhead: number;
}

/** The days that are stored for every employee, as seen at the instant `nowMs`. */
export function horizonAt(
  nowMs: number,
  settings: HorizonSettings,
): DateRange & { readonly today: CivilDate } {
  const today = civilDateAt(nowMs, settings.timeZone);
  return {
    today,
    from: addDays(today, -settings.horizonDaysBack),
    to: addDays(today, settings.horizonDaysAhead),
  };
}

/**
 * Days that are read before they come into the horizon: it moves at midnight, the next night reads hours later, and one night
 * may fail. Days of which nothing is known would count as days off until then.
 */
const comingDays = 2;

/** The days whose plans are read: the horizon, and what comes into it next. */
export function planWindow<H extends DateRange>(horizon: H): H {
  return { ...horizon, to: addDays(horizon.to, comingDays) };
}

/** The days whose facts are read: from the oldest day that is still recomputed to what comes into the horizon next. */
export function readWindow(horizon: DateRange & { readonly today: CivilDate }): DateRange {
  const oldest = addDays(horizon.today, -historyDays);
  return { from: oldest < horizon.from ? oldest : horizon.from, to: planWindow(horizon).to };
}
