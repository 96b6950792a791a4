import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, eachDay, type CivilDate } from './civil-date.ts';
import { planCycle, planParts, profilesPerRequest, requestsOf, type PlanPart } from './plan-slices.ts';

const horizonOn = (today: CivilDate, back = 31, ahead = 92) => ({
  today,
  from: addDays(today, -back),
  to: addDays(today, ahead),
});
const people = (count: number) =>
  Array.from({ length: count }, (_, index) => `18446744073${index * 7_919}`).sort();

/** The parts of a whole night, in the groups that are asked for. */
function night(ids: readonly string[], horizon: ReturnType<typeof horizonOn>, budget: number): PlanPart[] {
  const cycle = planCycle(ids, horizon, budget);
  const groups = Array.from({ length: Math.ceil(ids.length / profilesPerRequest) }, (_, index) =>
    ids.slice(index * profilesPerRequest, (index + 1) * profilesPerRequest),
  );
  return groups.flatMap((group) => planParts(group, horizon, cycle));
}
const daysReadOf = (parts: readonly PlanPart[], id: string): CivilDate[] =>
  parts.flatMap(({ profileIds, range }) =>
    profileIds.includes(id) ? [...eachDay(range.from, range.to)] : [],
  );

const today = '2026-11-26';
const budgetOfANight = 10_000;

describe('the plans of a night', () => {
  it('are read whole while that fits the budget', () => {
    const ids = people(8_000);
    expect(planCycle(ids, horizonOn(today), budgetOfANight)).toBe(1);
    const [part, ...others] = planParts(ids.slice(0, 50), horizonOn(today), 1);
    expect(others).toEqual([]);
    expect(part).toEqual({
      profileIds: ids.slice(0, 50),
      range: { from: '2026-10-26', to: '2027-02-26' },
      spansWindow: true,
    });
  });

  it('are the next 14 days, the newest week, and the whole horizon of those whose turn it is', () => {
    const ids = people(50);
    const parts = planParts(ids, horizonOn(today), 7);
    expect(parts.map(({ range, spansWindow }) => [range.from, range.to, spansWindow])).toEqual([
      ['2026-10-26', '2027-02-26', true],
      ['2026-11-26', '2026-12-09', false],
      ['2027-02-20', '2027-02-26', false],
    ]);
    expect([...(parts[0]?.profileIds ?? []), ...(parts[1]?.profileIds ?? [])].sort()).toEqual(ids);
  });

  it('never ask for a day twice, and for nothing where the horizon is short', () => {
    for (const ahead of [0, 5, 13, 14, 16, 20, 21, 40]) {
      const days = daysReadOf(planParts(['a'], horizonOn(today, 3, ahead), 1_000), 'a');
      expect(new Set(days).size).toBe(days.length);
      expect(days.length).toBe(Math.min(ahead + 1, 21));
    }
  });

  it('keep to the budget, and come round to every day within seven nights where the budget allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 0, max: 3_000 }),
        (count, back, ahead, offset) => {
          const ids = people(count);
          const first = addDays(today, offset);
          // Enough for seven nights' turns, seldom for all at once.
          const horizon = horizonOn(first, back, ahead);
          const whole = requestsOf({ profileIds: ids, range: horizon, spansWindow: true });
          const budget = Math.ceil(whole * 0.45) + count / 10 + 60;
          const cycle = planCycle(ids, horizon, budget);
          const used = night(ids, horizon, budget).reduce((sum, part) => sum + requestsOf(part), 0);
          if (cycle < 28) expect(used).toBeLessThanOrEqual(budget);
          if (cycle > 7) return;

          const id = ids[count >> 1] ?? '';
          const read = new Set<CivilDate>();
          for (let nights = 0; nights < 7; nights += 1) {
            const tonight = horizonOn(addDays(first, nights), back, ahead);
            const days = new Set(daysReadOf(planParts([id], tonight, planCycle(ids, tonight, budget)), id));
            const near = [...eachDay(tonight.today, addDays(tonight.today, Math.min(13, ahead)))];
            expect(near.filter((day) => !days.has(day))).toEqual([]);
            for (const day of days) read.add(day);
          }
          // Whatever was in the horizon all the time, and whatever has come into it since.
          const all = [...eachDay(addDays(first, 6 - back), addDays(first, 6 + ahead))];
          expect(all.filter((day) => !read.has(day))).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of 20,000 people fit the budget within a week', () => {
    const cycle = planCycle(people(20_000), horizonOn(today), budgetOfANight);
    expect(cycle).toBeGreaterThan(1);
    expect(cycle).toBeLessThanOrEqual(7);
  });
});
