import { overrideKey, type Company } from '../company.ts';
import { weekdayOf, type Day } from '../dates.ts';
import { ID, PLAIN, type FieldTable } from '../fields.ts';
import type { DayOverride, EmployeeRow, LeaveRow } from '../rows.ts';
import type { World } from '../world.ts';
import { isEmployedOn } from './employee.ts';

export const estimatedTimeFields: FieldTable = {
  id: PLAIN,
  employee_id: ID,
  company_id: ID,
  date: PLAIN,
  expected_minutes: PLAIN,
  minutes: PLAIN,
  regular_minutes: PLAIN,
  overtime_minutes: PLAIN,
  time_unit: PLAIN,
  estimated_half_days: PLAIN,
  source: PLAIN,
  shifts: PLAIN,
  breaks: PLAIN,
};

export interface EstimatedTime {
  id: string;
  employee_id: string;
  company_id: string;
  date: Day;
  /** Before leaves and holidays; null where nothing is planned. */
  expected_minutes: number | null;
  /** What remains of it after leaves and holidays. */
  minutes: number | null;
  regular_minutes: number | null;
  overtime_minutes: number;
  time_unit: string;
  estimated_half_days: number | null;
  source: string;
  shifts: never[];
  breaks: never[];
}

export function toEstimatedTime(
  world: Pick<World, 'switches'>,
  company: Company,
  employee: EmployeeRow,
  date: Day,
): EstimatedTime {
  const { expected_minutes: expected, source } = planOf(world, company, employee, date);
  const remaining =
    expected === null ? null : Math.max(0, expected - absentMinutes(company, employee, date, expected));
  return {
    id: `${employee.id}-${date}`,
    employee_id: employee.id,
    company_id: company.id,
    date,
    expected_minutes: expected,
    minutes: remaining,
    regular_minutes: remaining,
    overtime_minutes: 0,
    time_unit: source === 'none' ? 'none' : 'minute',
    estimated_half_days: expected === null ? null : expected === 0 ? 0 : 2,
    source,
    shifts: [],
    breaks: [],
  };
}

/** What this person should work on this day, before holidays and leaves; source `none` where nobody has planned anything. */
export function planOf(
  world: Pick<World, 'switches'>,
  company: Company,
  employee: EmployeeRow,
  date: Day,
): DayOverride {
  const override = company.dayOverrides.get(overrideKey(employee.id, date));
  if (override !== undefined) return override;

  const schedule = company.schedules.get(employee.schedule_id ?? '');
  const started = employee.seniority_calculation_date === null || date >= employee.seniority_calculation_date;
  const isEmployed = started && isEmployedOn(world, employee, date);
  if (schedule === undefined || schedule.archived_at !== null || !isEmployed)
    return { expected_minutes: world.switches.unplannedDays === 'zero' ? 0 : null, source: 'none' };
  return { expected_minutes: schedule.weekly_minutes[weekdayOf(date)] ?? 0, source: 'work_schedule' };
}

function absentMinutes(company: Company, employee: EmployeeRow, date: Day, expected: number): number {
  const holidays = company.holidays
    .all()
    .filter((holiday) => holiday.date === date && holiday.location_id === employee.location_id);
  const leaves = company.leaves.ofEmployee(employee.id).filter((leave) => takesTimeOff(company, leave, date));
  const minutes = [
    ...holidays.map((holiday) => (holiday.half_day === null ? expected : expected / 2)),
    ...leaves.map((leave) => leaveMinutes(leave, expected)),
  ];
  return minutes.reduce((sum, part) => sum + part, 0);
}

function takesTimeOff(company: Company, leave: LeaveRow, date: Day): boolean {
  const covers = leave.start_on <= date && (leave.finish_on === null || leave.finish_on >= date);
  const workable = company.leaveTypes.get(leave.leave_type_id ?? '')?.workable ?? false;
  return covers && leave.approved === true && leave.deleted_at === null && !workable;
}

function leaveMinutes(leave: LeaveRow, expected: number): number {
  if (leave.hours_amount_in_cents !== null) return (leave.hours_amount_in_cents * 60) / 100;
  return leave.half_day === null ? expected : expected / 2;
}
