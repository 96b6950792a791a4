import { addDays, daysBetween, earlier, later, type CivilDate } from './civil-date.ts';
import type { DateRange } from './horizon.ts';
import { stableHash } from './stable-hash.ts';

/**
 * Which planned minutes a night reads (rule 1 of design.md 5): the whole window of everybody (`planWindow`) where that fits the
 * night's budget of requests. Otherwise every person's next two weeks, the newest days of the window, and all of it of those
 * whose turn it is.
 */

/** People named in one request. Their days come by the page: more would only hold more in memory. */
export const profilesPerRequest = 50;
const rowsPerPage = 100;
/** What is read of everybody every night, from today on. */
const nearDays = 14;
/** The end of the window is new every night: a week of it, so that a few nights may fail. */
const newDays = 7;
/** Turns are never further apart, whatever the budget. */
const longestCycle = 28;

type Window = DateRange & { readonly today: CivilDate };

/** People and dates that are asked for together. */
export interface PlanPart {
  readonly profileIds: readonly string[];
  readonly range: DateRange;
  /** The range is the whole window: only that answers a wish for somebody's plan. */
  readonly spansWindow: boolean;
}

/**
 * In how many nights everybody's whole window is read once: 1 where a night's budget is enough for all, otherwise the
 * fewest that keep to it. Above 7 the tenant is too large for its budget.
 */
export function planCycle(profileIds: readonly string[], window: Window, budget: number): number {
  for (let cycle = 1; cycle < longestCycle; cycle += 1) {
    if (requestsTonight(profileIds, window, cycle) <= budget) return cycle;
  }
  return longestCycle;
}

/** What is read of some people tonight. */
export function planParts(profileIds: readonly string[], window: Window, cycle: number): PlanPart[] {
  const { from, to, today } = window;
  const near: DateRange = { from: later(from, today), to: earlier(to, addDays(today, nearDays - 1)) };
  const newest: DateRange = { from: later(addDays(near.to, 1), addDays(to, 1 - newDays)), to };
  const isTurn = (id: string): boolean => (stableHash(id) + dayNumber(today)) % cycle === 0;
  const others = profileIds.filter((id) => !isTurn(id));
  const parts: PlanPart[] = [
    { profileIds: profileIds.filter(isTurn), range: { from, to }, spansWindow: true },
    { profileIds: others, range: near, spansWindow: false },
    { profileIds: others, range: newest, spansWindow: false },
  ];
  return parts.filter((part) => part.profileIds.length > 0 && part.range.from <= part.range.to);
}

/** Pages that a part takes when every day of everybody has a row. */
export function requestsOf({ profileIds, range }: PlanPart): number {
  const days = daysBetween(range.from, range.to) + 1;
  return Math.ceil((profileIds.length * days) / rowsPerPage);
}

function requestsTonight(profileIds: readonly string[], window: Window, cycle: number): number {
  let requests = 0;
  for (let start = 0; start < profileIds.length; start += profilesPerRequest) {
    const group = profileIds.slice(start, start + profilesPerRequest);
    for (const part of planParts(group, window, cycle)) requests += requestsOf(part);
  }
  return requests;
}

const dayNumber = (date: CivilDate): number => Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
