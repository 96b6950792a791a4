import type { FastifyInstance } from 'fastify';
import { badRequest } from '../api-error.ts';
import { lowerBound } from '../collection.ts';
import type { Company } from '../company.ts';
import { addDays, daysBetween, type Day } from '../dates.ts';
import { present } from '../fields.ts';
import { compareIds } from '../ids.ts';
import { sequenceBy, type Sequence } from '../paging.ts';
import type { EmployeeRow } from '../rows.ts';
import { estimatedTimeFields, toEstimatedTime, type EstimatedTime } from '../shapes/estimated-time.ts';
import type { World } from '../world.ts';
import { visibleEmployees, type Call } from './call.ts';
import { addList } from './routes.ts';

export function addEstimatedTimes(app: FastifyInstance, world: World): void {
  addList<EstimatedTime>(app, world, {
    path: 'attendance/estimated_times',
    scope: 'time_tracking',
    params: ['start_on', 'end_on', 'employee_ids[]'],
    sequence: sequenceFor,
    present: (call, row) => present(row, estimatedTimeFields, call.version),
  });
}

function sequenceFor(call: Call): Sequence<EstimatedTime> {
  const { company, query, world } = call;
  const startOn = query.day('start_on');
  const endOn = query.day('end_on');
  const employeeIds = query.list('employee_ids[]');
  if (startOn === undefined) throw badRequest('start_on is missing');
  if (endOn === undefined) throw badRequest('end_on is missing');
  if (employeeIds === undefined) throw badRequest('employee_ids is missing');
  const employees = visibleEmployees(call, company.employees.pick(employeeIds));
  if (world.switches.unplannedDays !== 'absent') return everyDayOf(world, company, employees, startOn, endOn);
  const rows = everyDayOf(world, company, employees, startOn, endOn);
  return sequenceBy(
    rows.slice(0, rows.length).filter((row) => row.source !== 'none'),
    compareRowIds,
  );
}

/** By employee, then by day. */
function compareRowIds(left: string, right: string): number {
  const [leftEmployee = '', ...leftDay] = left.split('-');
  const [rightEmployee = '', ...rightDay] = right.split('-');
  const byEmployee = compareIds(leftEmployee, rightEmployee);
  if (byEmployee !== 0) return byEmployee;
  return leftDay.join('-') < rightDay.join('-') ? -1 : leftDay.join('-') > rightDay.join('-') ? 1 : 0;
}

/** One row per employee and day, by employee and then by day; a row is computed when its page is asked for. */
function everyDayOf(
  world: World,
  company: Company,
  employees: readonly EmployeeRow[],
  startOn: Day,
  endOn: Day,
): Sequence<EstimatedTime> {
  const days = Math.max(0, daysBetween(startOn, endOn) + 1);
  const length = employees.length * days;
  return {
    length,
    slice(from, to) {
      const rows: EstimatedTime[] = [];
      for (let index = Math.max(0, from); index < Math.min(to, length); index += 1) {
        const employee = employees[Math.floor(index / days)];
        if (employee !== undefined)
          rows.push(toEstimatedTime(world, company, employee, addDays(startOn, index % days)));
      }
      return rows;
    },
    lowerBound(id) {
      const employeeId = id.split('-')[0] ?? '';
      const date = id.slice(employeeId.length + 1);
      const position = lowerBound(employees, employeeId);
      if (employees[position]?.id !== employeeId) return position * days;
      return position * days + Math.min(Math.max(daysBetween(startOn, date || startOn), 0), days);
    },
  };
}
