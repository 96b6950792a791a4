import type { Company } from '../company.ts';
import { addDays, daysBetween, weekdayOf, type Day } from '../dates.ts';
import { ID, PLAIN, present, since, type FieldTable, type Presented } from '../fields.ts';
import type { LeaveRow } from '../rows.ts';
import type { ApiVersion } from '../versions.ts';
import type { World } from '../world.ts';
import { fullName } from './employee.ts';

/** An open-ended leave is counted day by day no further than this. */
const LONGEST_WALK_DAYS = 400;

export const leaveFields: FieldTable = {
  id: ID,
  company_id: ID,
  employee_id: ID,
  start_on: PLAIN,
  finish_on: PLAIN,
  half_day: PLAIN,
  start_time: PLAIN,
  hours_amount_in_cents: PLAIN,
  approved: PLAIN,
  leave_type_id: ID,
  leave_type_name: PLAIN,
  employee_full_name: PLAIN,
  description: PLAIN,
  reason: PLAIN,
  days_taken: since('2026-01-01', PLAIN),
  duration_attributes: PLAIN,
  duration_by_day_attributes: since('2026-10-01', PLAIN),
  created_at: PLAIN,
  updated_at: PLAIN,
  deleted_at: PLAIN,
};

export interface LeaveOptions {
  leaveTypeName: boolean;
  duration: boolean;
  durationByDay: boolean;
  forcedFinishOn: Day | undefined;
}

/** What a delivery carries: the optional blocks are empty. */
const BARE: LeaveOptions = {
  leaveTypeName: false,
  duration: false,
  durationByDay: false,
  forcedFinishOn: undefined,
};

export function presentLeave(
  world: World,
  company: Company,
  row: LeaveRow,
  version: ApiVersion,
  options: LeaveOptions = BARE,
): Presented {
  const { switches } = world;
  const employee = company.employees.get(row.employee_id);
  const leaveType = row.leave_type_id === null ? undefined : company.leaveTypes.get(row.leave_type_id);
  const byDay = options.durationByDay ? durationByDay(world, company, row, options.forcedFinishOn) : null;
  const computed = {
    start_time:
      row.start_time !== null && switches.startTimeFormat === 'timestamp'
        ? `${row.start_on}T${row.start_time}:00.000Z`
        : row.start_time,
    leave_type_name: options.leaveTypeName ? leaveType?.name : null,
    employee_full_name: employee === undefined ? null : fullName(employee),
    days_taken: byDay === null ? calendarDays(world, row) : sum(byDay.used_units_by_day.days),
    duration_attributes: options.duration ? asWritten(world, durationOf(world, row)) : null,
    duration_by_day_attributes: byDay,
  };
  return present([computed, row], leaveFields, version);
}

function lastDay(world: World, row: LeaveRow): Day {
  const today = world.clock.today();
  return row.finish_on ?? (today > row.start_on ? today : row.start_on);
}

function calendarDays(world: World, row: LeaveRow): number {
  const isUncounted = row.approved === null || row.hours_amount_in_cents !== null;
  if (isUncounted && world.switches.daysTaken === 'zero') return 0;
  if (row.half_day !== null && row.start_on === row.finish_on) return 0.5;
  return daysBetween(row.start_on, lastDay(world, row)) + 1;
}

function asWritten(world: World, value: object): unknown {
  return world.switches.durationAttributes === 'json' ? JSON.stringify(value) : value;
}

function durationOf(world: World, row: LeaveRow): object {
  const units = {
    year: Number(row.start_on.slice(0, 4)),
    days: calendarDays(world, row),
    hours: (row.hours_amount_in_cents ?? 0) / 100,
  };
  return {
    accrues_list: [],
    workable_units: [units],
    used_units: [units],
    french_calendar_flag_enabled: false,
    finish_on_natural: row.finish_on,
  };
}

interface ByDay {
  days: Record<Day, number>;
  hours: Record<Day, number>;
}

function sum(units: Record<Day, number>): number {
  return Object.values(units).reduce((total, unit) => total + unit, 0);
}

function durationByDay(
  world: World,
  company: Company,
  row: LeaveRow,
  forcedFinishOn: Day | undefined,
): { workable_units_by_day: ByDay; used_units_by_day: ByDay } {
  const employee = company.employees.get(row.employee_id);
  const week = company.schedules.get(employee?.schedule_id ?? '')?.weekly_minutes ?? [];
  const natural = lastDay(world, row);
  const end =
    forcedFinishOn !== undefined && (row.finish_on === null || forcedFinishOn < natural)
      ? forcedFinishOn
      : natural;

  const workable: ByDay = { days: {}, hours: {} };
  const used: ByDay = { days: {}, hours: {} };
  for (let step = 0; step < LONGEST_WALK_DAYS; step += 1) {
    const day = addDays(row.start_on, step);
    if (day > end) break;
    const minutes = week[weekdayOf(day)] ?? 0;
    const share =
      minutes === 0
        ? 0
        : row.hours_amount_in_cents === null
          ? row.half_day === null
            ? 1
            : 0.5
          : (row.hours_amount_in_cents * 0.6) / minutes;
    workable.days[day] = minutes === 0 ? 0 : 1;
    workable.hours[day] = minutes / 60;
    used.days[day] = share;
    used.hours[day] = (share * minutes) / 60;
  }
  return { workable_units_by_day: workable, used_units_by_day: used };
}
