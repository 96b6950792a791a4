import { ApiError } from '../api-error.ts';
import type { Company } from '../company.ts';
import { publish, type Telling } from '../events.ts';
import { toWireId } from '../fields.ts';
import type { LeaveRow } from '../rows.ts';
import { presentLeave } from '../shapes/leave.ts';
import type { ApiVersion } from '../versions.ts';
import { timestamp, type World } from '../world.ts';

export type LeaveEdit = Partial<
  Omit<LeaveRow, 'id' | 'company_id' | 'employee_id' | 'created_at' | 'updated_at'>
>;

export interface NewLeave extends LeaveEdit {
  employee_id: string;
  leave_type_id: string;
  start_on: string;
}

type LeaveAction = 'create' | 'update' | 'approve' | 'reject' | 'delete';

export function createLeaveRow(world: World, company: Company, input: NewLeave, createdAt: string): LeaveRow {
  const id = world.nextId('leave');
  const needsApproval = company.leaveTypes.get(input.leave_type_id)?.approval_required ?? true;
  return {
    id,
    company_id: company.id,
    finish_on: input.start_on,
    half_day: null,
    start_time: null,
    hours_amount_in_cents: null,
    approved: needsApproval ? null : true,
    description: `PLANTED-DESCRIPTION-${id.slice(-6)}`,
    reason: `PLANTED-REASON-${id.slice(-6)}`,
    created_at: createdAt,
    updated_at: createdAt,
    deleted_at: null,
    ...input,
  };
}

export function createLeave(world: World, company: Company, input: NewLeave, telling: Telling): LeaveRow {
  const row = company.leaves.add(createLeaveRow(world, company, input, timestamp(world)));
  tellLeave(world, company, row, 'create', telling);
  if (row.approved === true) tellImplicitApproval(world, company, row, telling);
  return row;
}

export function editLeave(
  world: World,
  company: Company,
  row: LeaveRow,
  edit: LeaveEdit,
  telling: Telling,
): LeaveRow {
  const wasApproved = row.approved;
  change(world, company, row, edit);
  tellLeave(world, company, row, 'update', telling);
  if (row.approved === true && wasApproved !== true) tellImplicitApproval(world, company, row, telling);
  return row;
}

export function approveLeave(world: World, company: Company, row: LeaveRow, telling: Telling): LeaveRow {
  change(world, company, row, { approved: true });
  tellLeave(world, company, row, 'approve', telling);
  return row;
}

export function rejectLeave(
  world: World,
  company: Company,
  row: LeaveRow,
  reason: string | null,
  telling: Telling,
): LeaveRow {
  const action = row.approved === true ? world.switches.rejectAfterApprovalEvent : 'reject';
  change(world, company, row, { approved: false, ...(reason === null ? {} : { reason }) });
  tellLeave(world, company, row, action, telling);
  return row;
}

/** Marks the leave as deleted; it stays in the table. */
export function deleteLeave(world: World, company: Company, row: LeaveRow, telling: Telling): LeaveRow {
  markDeleted(world, company, row);
  tellLeave(world, company, row, 'delete', telling);
  return row;
}

/** All or nothing: one unknown or already deleted id, and no leave is touched. */
export function bulkDeleteLeaves(
  world: World,
  company: Company,
  ids: string[],
  telling: Telling,
): LeaveRow[] {
  const rows = company.leaves.pick(ids).filter((row) => row.deleted_at === null);
  if (rows.length !== new Set(ids).size) throw new ApiError(404, ['some leaves were not found']);
  for (const row of rows) markDeleted(world, company, row);

  const type = 'timeoff/leave/bulk_delete';
  const shown = (row: LeaveRow, version: ApiVersion) => deletedPayload(world, company, row, version);
  if (world.switches.bulkDeletePayload === 'perLeave') {
    for (const row of rows)
      publish(world, company, { type, ids: [row.id], payload: (version) => shown(row, version) }, telling);
    return rows;
  }
  const payload = (version: ApiVersion) =>
    world.switches.bulkDeletePayload === 'array'
      ? rows.map((row) => shown(row, version))
      : { ids: toWireId(ids, version) };
  publish(world, company, { type, ids, payload }, telling);
  return rows;
}

function change(world: World, company: Company, row: LeaveRow, edit: LeaveEdit): void {
  company.leaves.update(row, { ...edit, updated_at: timestamp(world, row.updated_at) });
}

function markDeleted(world: World, company: Company, row: LeaveRow): void {
  const deletedAt = timestamp(world, row.updated_at);
  company.leaves.update(row, { deleted_at: deletedAt, updated_at: deletedAt });
}

function tellLeave(
  world: World,
  company: Company,
  row: LeaveRow,
  action: LeaveAction,
  telling: Telling,
): void {
  const payload = (version: ApiVersion) =>
    action === 'delete'
      ? deletedPayload(world, company, row, version)
      : presentLeave(world, company, row, version);
  publish(world, company, { type: `timeoff/leave/${action}`, ids: [row.id], payload }, telling);
}

function tellImplicitApproval(world: World, company: Company, row: LeaveRow, telling: Telling): void {
  if (world.switches.autoApproveEvents === 'withApprove') tellLeave(world, company, row, 'approve', telling);
}

function deletedPayload(world: World, company: Company, row: LeaveRow, version: ApiVersion): unknown {
  switch (world.switches.deletePayload) {
    case 'full':
      return presentLeave(world, company, row, version);
    case 'nullDeletedAt':
      return presentLeave(world, company, { ...row, deleted_at: null }, version);
    case 'idOnly':
      return { id: toWireId(row.id, version) };
  }
}
