import type { Company } from '../company.ts';
import { ID, IDS, PLAIN, present, type FieldTable, type Presented } from '../fields.ts';
import type { ScheduleRow } from '../rows.ts';
import type { ApiVersion } from '../versions.ts';

export const scheduleFields: FieldTable = {
  id: ID,
  name: PLAIN,
  company_id: ID,
  created_at: PLAIN,
  updated_at: PLAIN,
  archived_at: PLAIN,
  employee_ids: IDS,
  periods: PLAIN,
};

export const periodFields: FieldTable = {
  id: ID,
  default: PLAIN,
  schedule_id: ID,
  start_month: PLAIN,
  start_day: PLAIN,
  end_month: PLAIN,
  end_day: PLAIN,
  start_date: PLAIN,
  end_date: PLAIN,
  schedule_type: PLAIN,
};

/** One period that covers the whole year, and so repeats without a gap. */
export function periodOf(schedule: ScheduleRow) {
  return {
    id: schedule.period_id,
    default: true,
    schedule_id: schedule.id,
    start_month: 1,
    start_day: 1,
    end_month: 12,
    end_day: 31,
    schedule_type: 'flexible',
  };
}

export interface ScheduleOptions {
  employeeIds: boolean;
  periods: boolean;
}

export function presentSchedule(
  company: Company,
  row: ScheduleRow,
  version: ApiVersion,
  options: ScheduleOptions = { employeeIds: true, periods: true },
): Presented {
  const employees = options.employeeIds
    ? company.employees.all().filter((employee) => employee.schedule_id === row.id)
    : [];
  const computed = {
    employee_ids: employees.map((employee) => employee.id),
    periods: options.periods ? [present(periodOf(row), periodFields, version)] : [],
  };
  return present([computed, row], scheduleFields, version);
}
