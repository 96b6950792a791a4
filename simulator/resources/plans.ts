import type { FastifyInstance } from 'fastify';
import { ID, PLAIN, present, type FieldTable } from '../fields.ts';
import type { ScheduleRow } from '../rows.ts';
import { periodFields, periodOf } from '../shapes/schedule.ts';
import type { World } from '../world.ts';
import { visibleEmployees } from './call.ts';
import { addList } from './routes.ts';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

const dayConfigurationFields: FieldTable = {
  id: ID,
  overlap_period_id: ID,
  weekday: PLAIN,
  start_at: PLAIN,
  duration_in_seconds: PLAIN,
};

const planningVersionFields: FieldTable = {
  id: ID,
  employee_id: ID,
  effective_at: PLAIN,
  planning_tool: PLAIN,
  work_schedule_schedule_id: ID,
  number_of_rest_days_in_cents: PLAIN,
};

/** What lies between a schedule and a working day. All of it follows from the weekly minutes of the schedules. */
export function addPlans(app: FastifyInstance, world: World): void {
  addList<ReturnType<typeof periodOf>>(app, world, {
    path: 'work_schedule/overlap_periods',
    scope: 'time_tracking',
    params: ['ids[]'],
    filter: ({ company, query }) => {
      const isAskedFor = query.allows('ids[]');
      return company.schedules
        .all()
        .map(periodOf)
        .filter(({ id }) => isAskedFor(id));
    },
    present: ({ version }, row) => {
      // The period alone has no dates, only the month and the day that it repeats on.
      const { start_date: _start, end_date: _end, ...fields } = periodFields;
      return present(row, fields, version);
    },
  });

  addList<DayConfiguration>(app, world, {
    path: 'work_schedule/day_configurations',
    scope: 'time_tracking',
    params: ['ids[]', 'overlap_period_id', 'schedule_id'],
    filter: ({ company, query }) => {
      const isAskedFor = query.allows('ids[]');
      const periodId = query.text('overlap_period_id');
      const scheduleId = query.text('schedule_id');
      return company.schedules
        .all()
        .filter((schedule) => scheduleId === undefined || schedule.id === scheduleId)
        .filter((schedule) => periodId === undefined || schedule.period_id === periodId)
        .flatMap(dayConfigurationsOf)
        .filter(({ id }) => isAskedFor(id));
    },
    present: ({ version }, row) => present(row, dayConfigurationFields, version),
  });

  addList<PlanningVersion>(app, world, {
    path: 'time_planning/planning_versions',
    scope: 'time_tracking',
    params: ['employee_ids[]', 'schedule_ids[]', 'planning_tool', 'for_shifts', 'only_active'],
    required: ['only_active'],
    filter: (call) => {
      const { company, query } = call;
      const [isOfEmployee, isOfSchedule] = [query.allows('employee_ids[]'), query.allows('schedule_ids[]')];
      const tool = query.text('planning_tool');
      return visibleEmployees(call, company.employees.all())
        .map((employee) => ({
          id: employee.id,
          employee_id: employee.id,
          effective_at: employee.seniority_calculation_date,
          planning_tool: employee.schedule_id === null ? 'none' : 'work_schedule',
          work_schedule_schedule_id: employee.schedule_id,
          number_of_rest_days_in_cents: 200,
        }))
        .filter(
          (row) =>
            isOfEmployee(row.employee_id) &&
            isOfSchedule(row.work_schedule_schedule_id) &&
            (tool === undefined || row.planning_tool === tool),
        );
    },
    present: ({ version }, row) => present(row, planningVersionFields, version),
  });
}

interface PlanningVersion {
  id: string;
  employee_id: string;
  effective_at: string | null;
  planning_tool: string;
  work_schedule_schedule_id: string | null;
  number_of_rest_days_in_cents: number;
}

interface DayConfiguration {
  id: string;
  overlap_period_id: string;
  weekday: string;
  start_at: string;
  duration_in_seconds: number;
}

function dayConfigurationsOf({ period_id, weekly_minutes }: ScheduleRow): DayConfiguration[] {
  return WEEKDAYS.map((weekday, index) => ({
    // Ten ids for each period: ascending with the period, and never those of another.
    id: (BigInt(period_id) * 10n + BigInt(index)).toString(),
    overlap_period_id: period_id,
    weekday,
    start_at: '09:00',
    duration_in_seconds: (weekly_minutes[index] ?? 0) * 60,
  }));
}
