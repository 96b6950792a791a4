import { createLeaveRow } from '../actions/leaves.ts';
import type { Company } from '../company.ts';
import { addDays, startOfDayMs, weekdayOf, type Day } from '../dates.ts';
import type { Random } from '../random.ts';
import type { EmployeeRow, LeaveRow } from '../rows.ts';
import type { World } from '../world.ts';

const FIRST_DAY_BACK = 700; // about 23 months
const LAST_DAY_AHEAD = 92; // about 3 months
const LONGEST_DAYS = 15;
const LATEST_OPEN_START = -5;
const PLACING_ATTEMPTS = 12;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How one kind of absence looks, and how often it comes. */
interface Recipe {
  weight: number;
  type: string;
  /** Longest length in days, at most LONGEST_DAYS; null is open-ended. */
  days: number | null;
  shape?: Partial<Pick<LeaveRow, 'half_day' | 'start_time' | 'hours_amount_in_cents'>>;
  approved?: boolean | null;
  deleted?: boolean;
  edited?: boolean;
  /** Earliest day, relative to today. */
  from?: number;
}

const recipes: readonly Recipe[] = [
  { weight: 30, type: 'holiday', days: 12 },
  { weight: 8, type: 'holiday', days: 5, approved: null, from: -14 },
  { weight: 4, type: 'holiday', days: 5, approved: false },
  { weight: 4, type: 'holiday', days: 3, deleted: true },
  { weight: 2, type: 'holiday', days: 3, approved: null, deleted: true },
  { weight: 4, type: 'holiday', days: 4, edited: true },
  { weight: 4, type: 'holiday', days: 1, shape: { half_day: 'beginning_of_day' } },
  { weight: 4, type: 'holiday', days: 1, shape: { half_day: 'end_of_day' } },
  { weight: 1, type: 'holiday', days: 3, shape: { half_day: 'end_of_day' } },
  { weight: 1, type: 'holiday', days: 3, shape: { half_day: 'beginning_of_day' } },
  { weight: 10, type: 'sick_leave', days: 7 },
  { weight: 1, type: 'sick_leave', days: null, from: -60 },
  { weight: 5, type: 'paid_leave', days: 2 },
  { weight: 8, type: 'medical_visit', days: 1, shape: { start_time: '09:00', hours_amount_in_cents: 250 } },
  { weight: 3, type: 'medical_visit', days: 1, shape: { hours_amount_in_cents: 150 } },
  {
    weight: 2,
    type: 'medical_visit',
    days: 1,
    approved: null,
    shape: { start_time: '16:30', hours_amount_in_cents: 200 },
  },
  { weight: 6, type: 'remote_work', days: 3 },
  { weight: 1, type: 'wedding', days: 15 },
  { weight: 1, type: 'moving', days: 1 },
  { weight: 1, type: 'personal_matters_old', days: 1 },
];

/** Adds `count` absences of all shapes and states, none overlapping another of the same person where room is found. */
export function seedLeaves(world: World, company: Company, random: Random, count: number): void {
  if (company.employees.size === 0) return;
  const context: Context = { world, company, random, calendar: createCalendar(world.clock.today()) };
  const typeIds = new Map(company.leaveTypes.all().map((type) => [type.identifier, type.id]));
  const totalWeight = recipes.reduce((sum, recipe) => sum + recipe.weight, 0);

  for (let index = 0; index < count; index += 1) {
    // Each recipe once, then by weight.
    const recipe = recipes[index] ?? pickRecipe(random.next() * totalWeight);
    const typeId = typeIds.get(recipe.type);
    if (typeId !== undefined) company.leaves.add(createSeedLeave(context, recipe, typeId));
  }
}

interface Context {
  world: World;
  company: Company;
  random: Random;
  calendar: Calendar;
}

/** The days around today by their distance from it, calculated once. */
interface Calendar {
  day(offset: number): Day;
  /** The day itself, or the Monday after a weekend. */
  workday(offset: number): number;
  ms(offset: number): number;
}

function createCalendar(today: Day): Calendar {
  const days = new Map<number, Day>();
  for (let offset = -FIRST_DAY_BACK; offset <= LAST_DAY_AHEAD + LONGEST_DAYS + 2; offset += 1) {
    days.set(offset, addDays(today, offset));
  }
  const todayMs = startOfDayMs(today);
  const todayWeekday = weekdayOf(today);
  return {
    day: (offset) => days.get(offset) ?? addDays(today, offset),
    workday(offset) {
      const weekday = (((todayWeekday + offset) % 7) + 7) % 7;
      return weekday > 4 ? offset + 7 - weekday : offset;
    },
    ms: (offset) => todayMs + offset * DAY_MS,
  };
}

function pickRecipe(mark: number): Recipe {
  let passed = 0;
  for (const recipe of recipes) {
    passed += recipe.weight;
    if (passed > mark) return recipe;
  }
  throw new Error('the mark lies beyond all weights');
}

function createSeedLeave(context: Context, recipe: Recipe, typeId: string): LeaveRow {
  const { world, company, random, calendar } = context;
  const { employee, start, finishOn } = findRoom(context, recipe);
  const nowMs = world.clock.now();
  const askedMs = calendar.ms(start) - random.between(1, 40) * DAY_MS;
  const createdMs =
    Math.min(askedMs, nowMs - random.between(2, 20) * DAY_MS) + random.between(7, 18) * HOUR_MS;
  const changedMs = Math.min(createdMs + random.between(1, 40) * HOUR_MS, nowMs - 60_000);
  const createdAt = new Date(createdMs).toISOString();
  const changedAt = new Date(changedMs).toISOString();
  const settled = recipe.approved !== null || recipe.deleted === true || recipe.edited === true;
  const place = { employee_id: employee.id, start_on: calendar.day(start), finish_on: finishOn };
  const row = createLeaveRow(world, company, { ...place, leave_type_id: typeId, ...recipe.shape }, createdAt);
  row.approved = recipe.approved === undefined ? true : recipe.approved;
  row.updated_at = settled ? changedAt : createdAt;
  row.deleted_at = recipe.deleted === true ? changedAt : null;
  return row;
}

function findRoom(
  { company, random, calendar }: Context,
  recipe: Recipe,
): { employee: EmployeeRow; start: number; finishOn: Day | null } {
  const people = company.employees.all();
  const earliest = recipe.from ?? -FIRST_DAY_BACK;
  const latest = recipe.days === null ? LATEST_OPEN_START : LAST_DAY_AHEAD;
  const shortest = recipe.shape?.half_day !== undefined && recipe.days !== 1 ? 2 : 1;
  for (let attempt = 1; ; attempt += 1) {
    const employee = random.pick(people);
    const start = calendar.workday(random.between(earliest, latest));
    const startOn = calendar.day(start);
    const finishOn =
      recipe.days === null ? null : calendar.day(start + random.between(shortest, recipe.days) - 1);
    const fits = isEmployed(employee, startOn, finishOn) && isFree(company, employee, startOn, finishOn);
    if (fits || attempt === PLACING_ATTEMPTS) return { employee, start, finishOn };
  }
}

function isEmployed(employee: EmployeeRow, startOn: Day, finishOn: Day | null): boolean {
  if (startOn < (employee.seniority_calculation_date ?? '')) return false;
  return employee.terminated_on === null || (finishOn !== null && finishOn <= employee.terminated_on);
}

function isFree(company: Company, employee: EmployeeRow, startOn: Day, finishOn: Day | null): boolean {
  for (const leave of company.leaves.ofEmployee(employee.id)) {
    const before = leave.finish_on !== null && leave.finish_on < startOn;
    const after = finishOn !== null && leave.start_on > finishOn;
    if (!before && !after) return false;
  }
  return true;
}
