import type { FastifyInstance } from 'fastify';
import { badRequest } from '../api-error.ts';
import type { LeaveRow } from '../rows.ts';
import { presentLeave, type LeaveOptions } from '../shapes/leave.ts';
import type { World } from '../world.ts';
import { compareIds } from '../ids.ts';
import { maySee, type Call } from './call.ts';
import { addList, addRead } from './routes.ts';

const resource = {
  path: 'timeoff/leaves',
  scope: 'time_off',
  present: (call: Call, row: LeaveRow) =>
    presentLeave(call.world, call.company, row, call.version, optionsOf(call)),
};

export function addLeaves(app: FastifyInstance, world: World): void {
  addList<LeaveRow>(app, world, {
    ...resource,
    params: [
      'ids[]',
      'employee_ids[]',
      'leave_type_id[]',
      'from',
      'to',
      'approved',
      'include_pending',
      'include_deleted_leaves',
      'include_leave_type',
      'include_duration',
      'include_duration_by_day',
      'forced_finish_on',
      'only_active',
      'type_is_workable',
      'type_is_payable',
    ],
    required: ['include_deleted_leaves'],
    filter: filterLeaves,
  });
  addRead<LeaveRow>(app, world, {
    ...resource,
    find: (call, id) => {
      const row = call.company.leaves.get(id);
      const hidden = row?.deleted_at !== null && world.switches.deletedLeaveGet === 404;
      return row === undefined || hidden || !maySee(call, row.employee_id) ? undefined : row;
    },
  });
}

function optionsOf({ query }: Call): LeaveOptions {
  return {
    leaveTypeName: query.flag('include_leave_type') === true,
    duration: query.flag('include_duration') === true,
    durationByDay: query.flag('include_duration_by_day') === true,
    forcedFinishOn: query.day('forced_finish_on'),
  };
}

function filterLeaves(call: Call): readonly LeaveRow[] {
  const { company, query, world } = call;
  const leaveTypeIds = query.set('leave_type_id[]');
  const from = query.day('from');
  const to = query.day('to');
  const includeDeleted = query.flag('include_deleted_leaves') === true;
  const onlyActive = query.flag('only_active') === true;
  const workable = query.flag('type_is_workable');
  const payable = query.flag('type_is_payable');
  const stateMatches = approvalFilter(query.flag('approved'), query.flag('include_pending') === true);
  const today = world.clock.today();
  checkForcedFinish(call, from, to);

  const typeOf = (row: LeaveRow) => company.leaveTypes.get(row.leave_type_id ?? '');
  return candidatesOf(call).filter(
    (row) =>
      (includeDeleted || row.deleted_at === null) &&
      (from === undefined || row.finish_on === null || row.finish_on >= from) &&
      (to === undefined || row.start_on <= to) &&
      stateMatches(row.approved) &&
      (leaveTypeIds === undefined || leaveTypeIds.has(row.leave_type_id ?? '')) &&
      (!onlyActive || (row.start_on <= today && (row.finish_on === null || row.finish_on >= today))) &&
      (workable === undefined || typeOf(row)?.workable === workable) &&
      (payable === undefined || typeOf(row)?.payable === payable) &&
      maySee(call, row.employee_id),
  );
}

function candidatesOf({ company, query }: Call): readonly LeaveRow[] {
  const ids = query.list('ids[]');
  const employeeIds = query.set('employee_ids[]');
  if (ids !== undefined) {
    return company.leaves
      .pick(ids)
      .filter((row) => employeeIds === undefined || employeeIds.has(row.employee_id));
  }
  if (employeeIds === undefined) return company.leaves.all();
  const rows = [...employeeIds].flatMap((employeeId) => company.leaves.ofEmployee(employeeId));
  return rows.sort((left, right) => compareIds(left.id, right.id));
}

/** `include_pending` alone shows pending leaves only; beside `approved` it adds them. */
function approvalFilter(
  approved: boolean | undefined,
  includePending: boolean,
): (state: boolean | null) => boolean {
  if (approved === undefined) return includePending ? (state) => state === null : () => true;
  return (state) => state === approved || (includePending && state === null);
}

function checkForcedFinish({ query }: Call, from: string | undefined, to: string | undefined): void {
  const forced = query.day('forced_finish_on');
  if (forced === undefined) return;
  if ((from !== undefined && forced < from) || (to !== undefined && forced > to)) {
    throw badRequest('forced_finish_on must lie between from and to');
  }
}
