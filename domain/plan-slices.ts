import { addDays, daysBetween, earlier, later, type CivilDate } from './civil-date.ts';
import type { DateRange } from './horizon.ts';
import { stableHash } from './stable-hash.ts';

/**
 * Which planned minutes a night reads (rule 1 of design.md 5): everything where that fits the night's budget of requests.
 * Otherwise every person's next two weeks, the days that have just come into the horizon, and the whole horizon of those
 * whose turn it is.
 */

/** People named in one request. Their days come by the page: more would only hold more in memory. */
export const profilesPerRequest = 50;
const rowsPerPage = 100;
/** What is read of everybody every night, from today on. */
const nearDays = 14;
/** The end of the horizon is new every night: a week of it, so that a few nights may fail. */
const newDays = 7;
/** Turns are never further apart, whatever the budget. */
const longestCycle = 28;

type Horizon = DateRange & { readonly today: CivilDate };

/** People and dates that are asked for together. */
export interface PlanPart {
  readonly profileIds: readonly string[];
  readonly range: DateRange;
  /** The whole horizon: only that answers a wish for somebody's plan. */
  readonly isWhole: boolean;
}

/**
 * In how many nights everybody's whole horizon is read once: 1 where a night's budget is enough for all, otherwise the
 * fewest that keep to it. Above 7 the tenant is too large for its budget.
 */
export function planCycle(profileIds: readonly string[], horizon: Horizon, budget: number): number {
  for (let cycle = 1; cycle < longestCycle; cycle += 1) {
    if (requestsTonight(profileIds, horizon, cycle) <= budget) return cycle;
  }
  return longestCycle;
}

/** What is read of some people tonight. */
export function planParts(profileIds: readonly string[], horizon: Horizon, cycle: number): PlanPart[] {
  const { from, to, today } = horizon;
  const near: DateRange = { from: later(from, today), to: earlier(to, addDays(today, nearDays - 1)) };
  const newest: DateRange = { from: later(addDays(near.to, 1), addDays(to, 1 - newDays)), to };
  const isTurn = (id: string): boolean => (stableHash(id) + dayNumber(today)) % cycle === 0;
  const others = profileIds.filter((id) => !isTurn(id));
  const parts: PlanPart[] = [
    { profileIds: profileIds.filter(isTurn), range: { from, to }, isWhole: true },
    { profileIds: others, range: near, isWhole: false },
    { profileIds: others, range: newest, isWhole: false },
  ];
  return parts.filter((part) => part.profileIds.length > 0 && part.range.from <= part.range.to);
}

/** Pages that a part takes when every day of everybody has a row. */
export function requestsOf({ profileIds, range }: PlanPart): number {
  const days = daysBetween(range.from, range.to) + 1;
  return Math.ceil((profileIds.length * days) / rowsPerPage);
}

function requestsTonight(profileIds: readonly string[], horizon: Horizon, cycle: number): number {
  let requests = 0;
  for (let start = 0; start < profileIds.length; start += profilesPerRequest) {
    const group = profileIds.slice(start, start + profilesPerRequest);
    for (const part of planParts(group, horizon, cycle)) requests += requestsOf(part);
  }
  return requests;
}

const dayNumber = (date: CivilDate): number => Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
