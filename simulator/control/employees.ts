import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { changeEmployee, hire, vanish, type EmployeeEdit } from '../actions/employees.ts';
import type { Company } from '../company.ts';
import type { World } from '../world.ts';
import {
  checkReference,
  companyOf,
  day,
  defined,
  id,
  read,
  requireRow,
  tellingOf,
  withLocation,
} from './body.ts';

const text = z.string().nullable().optional();
const edit = {
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  email: text,
  login_email: text,
  personal_email: text,
  communications_email: text,
  company_identifier: text,
  location_id: id.nullable().optional(),
  /** Instead of location_id: the name of the location. */
  location: z.string().optional(),
  manager_id: id.nullable().optional(),
  timeoff_manager_id: id.nullable().optional(),
  schedule_id: id.nullable().optional(),
  attendable: z.boolean().optional(),
  seniority_calculation_date: day.nullable().optional(),
  terminated_on: day.nullable().optional(),
  personal: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
};

export function addEmployeeControl(app: FastifyInstance, world: World): void {
  app.post('/control/employees', (request, reply) => {
    const company = companyOf(world, request);
    return reply
      .code(201)
      .send(hire(world, company, toEdit(company, read(edit, request)), tellingOf(request)));
  });

  app.put('/control/employees/:id', (request) => {
    const company = companyOf(world, request);
    const change = toEdit(company, read(edit, request));
    // The address for company mail falls back to that of the login, so they move together unless said otherwise.
    const loginEmail =
      change.email !== undefined && change.login_email === undefined ? { login_email: change.email } : {};
    return changeEmployee(
      world,
      company,
      requireRow(company.employees, request),
      { ...change, ...loginEmail },
      'update',
      tellingOf(request),
    );
  });

  app.post('/control/employees/:id/terminate', (request) => {
    const company = companyOf(world, request);
    const { terminated_on, termination_reason = 'PLANTED-TERMINATION' } = read(
      { terminated_on: day, termination_reason: z.string().optional() },
      request,
    );
    const change = { terminated_on, termination_reason, termination_reason_type: 'others' };
    return changeEmployee(
      world,
      company,
      requireRow(company.employees, request),
      change,
      'terminate',
      tellingOf(request),
    );
  });

  app.post('/control/employees/:id/unterminate', (request) => {
    const company = companyOf(world, request);
    const change = { terminated_on: null, termination_reason: null, termination_reason_type: null };
    return changeEmployee(
      world,
      company,
      requireRow(company.employees, request),
      change,
      'unterminate',
      tellingOf(request),
    );
  });

  app.post('/control/employees/:id/invite', (request) => {
    const company = companyOf(world, request);
    return changeEmployee(
      world,
      company,
      requireRow(company.employees, request),
      {},
      'invite',
      tellingOf(request),
    );
  });

  app.post('/control/employees/:id/set_regular_access_start_date', (request) => {
    const company = companyOf(world, request);
    read({ starts_on: day.optional() }, request);
    return changeEmployee(
      world,
      company,
      requireRow(company.employees, request),
      {},
      'set_regular_access_start_date',
      tellingOf(request),
    );
  });

  app.delete('/control/employees/:id', (request) => {
    const company = companyOf(world, request);
    const row = requireRow(company.employees, request);
    vanish(company, row);
    return row;
  });

  app.put('/control/permissions', (request) => {
    const { permissions } = companyOf(world, request);
    const ids = z.array(id).optional();
    const { null_fields, hidden_employee_ids } = read(
      { null_fields: z.array(z.string()).optional(), hidden_employee_ids: ids },
      request,
    );
    if (null_fields !== undefined) permissions.nullFields = null_fields;
    if (hidden_employee_ids !== undefined) permissions.hiddenEmployeeIds = new Set(hidden_employee_ids);
    permissions.revision += 1;
    return { null_fields: permissions.nullFields, hidden_employee_ids: [...permissions.hiddenEmployeeIds] };
  });
}

function toEdit(company: Company, input: z.infer<z.ZodObject<typeof edit>>): EmployeeEdit {
  checkReference(company.schedules, 'schedule_id', input.schedule_id);
  return defined(withLocation(company, input));
}
