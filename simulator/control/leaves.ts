import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  approveLeave,
  bulkDeleteLeaves,
  createLeave,
  deleteLeave,
  editLeave,
  rejectLeave,
  type LeaveEdit,
} from '../actions/leaves.ts';
import { badRequest } from '../api-error.ts';
import type { Company } from '../company.ts';
import type { World } from '../world.ts';
import { checkReference, companyOf, day, defined, id, read, requireRow, tellingOf } from './body.ts';

const edit = {
  leave_type_id: id.optional(),
  /** Instead of leave_type_id: the identifier of the type, such as `holiday`. */
  leave_type: z.string().optional(),
  start_on: day.optional(),
  finish_on: day.nullable().optional(),
  // Any text: also values that the product has never heard of.
  half_day: z.string().nullable().optional(),
  start_time: z.string().nullable().optional(),
  hours_amount_in_cents: z.number().int().nullable().optional(),
  /** Instead of hours_amount_in_cents. */
  hours: z.number().nullable().optional(),
  approved: z.boolean().nullable().optional(),
  description: z.string().nullable().optional(),
  reason: z.string().nullable().optional(),
};
type Edit = z.infer<z.ZodObject<typeof edit>>;

export function addLeaveControl(app: FastifyInstance, world: World): void {
  app.post('/control/leaves', (request, reply) => {
    const company = companyOf(world, request);
    const { employee_id, start_on, ...input } = read({ ...edit, employee_id: id, start_on: day }, request);
    checkReference(company.employees, 'employee_id', employee_id);
    const change = toEdit(company, input);
    const leaveTypeId = change.leave_type_id ?? company.leaveTypes.all()[0]?.id;
    if (leaveTypeId === undefined) throw badRequest('there is no leave type');
    const row = createLeave(
      world,
      company,
      { ...change, employee_id, start_on, leave_type_id: leaveTypeId },
      tellingOf(request),
    );
    return reply.code(201).send(row);
  });

  app.put('/control/leaves/:id', (request) => {
    const company = companyOf(world, request);
    return editLeave(
      world,
      company,
      requireRow(company.leaves, request),
      toEdit(company, read(edit, request)),
      tellingOf(request),
    );
  });

  app.post('/control/leaves/:id/approve', (request) => {
    const company = companyOf(world, request);
    return approveLeave(world, company, requireRow(company.leaves, request), tellingOf(request));
  });

  app.post('/control/leaves/:id/reject', (request) => {
    const company = companyOf(world, request);
    const { reason = null } = read({ reason: z.string().optional() }, request);
    return rejectLeave(world, company, requireRow(company.leaves, request), reason, tellingOf(request));
  });

  app.delete('/control/leaves/:id', (request) => {
    const company = companyOf(world, request);
    const row = requireRow(company.leaves, request);
    if ((request.query as { vanish?: string }).vanish !== 'true')
      return deleteLeave(world, company, row, tellingOf(request));
    company.leaves.remove(row.id);
    return row;
  });

  app.post('/control/leaves/bulk_delete', (request) => {
    const { ids } = read({ ids: z.array(id).min(1) }, request);
    return bulkDeleteLeaves(world, companyOf(world, request), ids, tellingOf(request));
  });
}

function toEdit(company: Company, { hours, leave_type: identifier, ...fields }: Edit): LeaveEdit {
  const change: LeaveEdit = defined(fields);
  checkReference(company.leaveTypes, 'leave_type_id', change.leave_type_id);
  if (hours !== undefined) change.hours_amount_in_cents = hours === null ? null : Math.round(hours * 100);
  if (identifier === undefined) return change;

  const found = company.leaveTypes.all().find((type) => type.identifier === identifier);
  if (found === undefined) throw badRequest(`there is no leave type ${identifier}`);
  return { ...change, leave_type_id: found.id };
}
