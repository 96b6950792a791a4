import { eachDay, earlier, later, type CivilDate } from './civil-date.ts';
import { expectedDay, isEmployed, locationOn, type ComputedDay, type EmployeeFacts } from './day.ts';
import type { DateRange } from './horizon.ts';

/**
 * `expectedDay` for many employees of one tenant: holidays, meanings and the default week must be the same for all of them.
 * On nearly every day nothing of somebody's own happens: such a day is the same, and the same object, for everybody at that
 * place with that plan. Each is worked out once. Answers for dates of the range.
 */
export function createSharedDays(
  range: DateRange,
): (facts: EmployeeFacts) => (date: CivilDate) => ComputedDay | null {
  const known = new Map<string, Map<string, ComputedDay | null>>();
  const daysAt = (place: string): Map<string, ComputedDay | null> => {
    const days = known.get(place) ?? new Map<string, ComputedDay | null>();
    known.set(place, days);
    return days;
  };
  return (facts) => {
    const own = ownDates(facts, range);
    const ownDays = new Map<CivilDate, ComputedDay | null>();
    const isSettled = facts.profile === null || facts.profile.locations.length <= 1;
    const days = isSettled ? daysAt(placeOf(facts, range.from)) : null;
    return (date) => {
      const isOwn = own.has(date);
      if (!isOwn && !isEmployed(facts, date)) return null;
      const there = isOwn ? ownDays : (days ?? daysAt(placeOf(facts, date)));
      const key = isOwn ? date : dateAndPlan(facts, date);
      let day = there.get(key);
      if (day === undefined) there.set(key, (day = expectedDay(facts, date)));
      return day;
    };
  };
}

/** Dates on which somebody's own absence lies, or a manual edit. */
function ownDates({ absences, edits }: EmployeeFacts, { from, to }: DateRange): Set<CivilDate> {
  const dates = new Set<CivilDate>(edits.keys());
  for (const { startOn, finishOn } of absences)
    for (const date of eachDay(later(startOn, from), earlier(finishOn ?? to, to))) dates.add(date);
  return dates;
}

/** Where somebody works on a date, and whether their plan is known. Ids have no white space. */
function placeOf({ profile, planKnown }: EmployeeFacts, date: CivilDate): string {
  if (profile === null) return 'unlinked';
  const location = locationOn(profile.locations, date);
  return `${planKnown} ${location === null ? 'nowhere' : `at ${location}`}`;
}

function dateAndPlan({ planned }: EmployeeFacts, date: CivilDate): string {
  const plan = planned.get(date);
  return plan === undefined ? date : `${date} ${plan.readNumber} ${plan.minutes} ${plan.source}`;
}
