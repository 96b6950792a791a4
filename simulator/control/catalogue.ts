import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  createHoliday,
  createLeaveType,
  createLocation,
  createSchedule,
  deleteLocation,
  editHoliday,
  editLeaveType,
  editLocation,
  editSchedule,
} from '../actions/catalogue.ts';
import { badRequest } from '../api-error.ts';
import { overrideKey } from '../company.ts';
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

const leaveType = {
  name: z.string().optional(),
  translated_name: z.string().nullable().optional(),
  identifier: z.string().optional(),
  color: z.string().optional(),
  active: z.boolean().optional(),
  workable: z.boolean().optional(),
  payable: z.boolean().optional(),
  accrues: z.boolean().optional(),
  approval_required: z.boolean().optional(),
  allow_endless: z.boolean().optional(),
  description: z.string().nullable().optional(),
  editable: z.boolean().optional(),
  restricted: z.boolean().optional(),
  visibility: z.boolean().optional(),
  attachment: z.boolean().optional(),
  details_required: z.boolean().optional(),
  is_attachment_mandatory: z.boolean().optional(),
  half_days_units_enabled: z.boolean().optional(),
  min_days_in_cents: z.number().int().nullable().optional(),
  max_days_in_cents: z.number().int().nullable().optional(),
};

const holiday = {
  location_id: id.optional(),
  /** Instead of location_id: the name of the location. */
  location: z.string().optional(),
  date: day.optional(),
  summary: z.string().optional(),
  description: z.string().nullable().optional(),
  half_day: z.string().nullable().optional(),
};

const weeklyMinutes = z.array(z.number().min(0)).length(7);

export function addCatalogueControl(app: FastifyInstance, world: World): void {
  addLeaveTypeControl(app, world);
  addHolidayControl(app, world);
  addPlanControl(app, world);
  addLocationControl(app, world);
}

function addLeaveTypeControl(app: FastifyInstance, world: World): void {
  app.post('/control/leave_types', (request, reply) => {
    const input = read({ ...leaveType, name: z.string() }, request);
    return reply
      .code(201)
      .send(createLeaveType(world, companyOf(world, request), defined(input), tellingOf(request)));
  });

  app.put('/control/leave_types/:id', (request) => {
    const company = companyOf(world, request);
    return editLeaveType(
      world,
      company,
      requireRow(company.leaveTypes, request),
      defined(read(leaveType, request)),
      tellingOf(request),
    );
  });
}

function addHolidayControl(app: FastifyInstance, world: World): void {
  app.post('/control/holidays', (request, reply) => {
    const company = companyOf(world, request);
    const { date, summary, ...rest } = withLocation(
      company,
      read({ ...holiday, date: day, summary: z.string() }, request),
    );
    if (rest.location_id === undefined) throw badRequest('location_id is missing');
    return reply
      .code(201)
      .send(createHoliday(world, company, { ...rest, location_id: rest.location_id, date, summary }));
  });

  app.put('/control/holidays/:id', (request) => {
    const company = companyOf(world, request);
    return editHoliday(
      world,
      company,
      requireRow(company.holidays, request),
      defined(withLocation(company, read(holiday, request))),
    );
  });

  app.delete('/control/holidays/:id', (request) => {
    const { holidays } = companyOf(world, request);
    const row = requireRow(holidays, request);
    holidays.remove(row.id);
    return row;
  });
}

function addPlanControl(app: FastifyInstance, world: World): void {
  app.post('/control/schedules', (request, reply) => {
    const input = read({ name: z.string(), weekly_minutes: weeklyMinutes }, request);
    return reply.code(201).send(createSchedule(world, companyOf(world, request), input, tellingOf(request)));
  });

  app.put('/control/schedules/:id', (request) => {
    const company = companyOf(world, request);
    const shape = {
      name: z.string().optional(),
      weekly_minutes: weeklyMinutes.optional(),
      archived: z.boolean().optional(),
    };
    return editSchedule(
      world,
      company,
      requireRow(company.schedules, request),
      defined(read(shape, request)),
      tellingOf(request),
    );
  });

  app.put('/control/estimated_times', (request) => {
    const company = companyOf(world, request);
    const shape = {
      employee_id: id,
      date: day,
      expected_minutes: z.number().min(0).nullable(),
      source: z.string().optional(),
    };
    const { employee_id, date, expected_minutes, source } = read(shape, request);
    checkReference(company.employees, 'employee_id', employee_id);
    const override = {
      expected_minutes,
      source: source ?? (expected_minutes === null ? 'none' : 'shift_management'),
    };
    company.dayOverrides.set(overrideKey(employee_id, date), override);
    return { employee_id, date, ...override };
  });

  app.delete('/control/estimated_times', (request) => {
    const company = companyOf(world, request);
    company.dayOverrides.clear();
    return {};
  });
}

function addLocationControl(app: FastifyInstance, world: World): void {
  app.post('/control/locations', (request, reply) => {
    const { name } = read({ name: z.string() }, request);
    return reply.code(201).send(createLocation(world, companyOf(world, request), name, tellingOf(request)));
  });

  app.put('/control/locations/:id', (request) => {
    const company = companyOf(world, request);
    const text = z.string().optional();
    const input = read({ name: text, timezone: text, country: text, city: text }, request);
    return editLocation(
      world,
      company,
      requireRow(company.locations, request),
      defined(input),
      tellingOf(request),
    );
  });

  app.delete('/control/locations/:id', (request) => {
    const company = companyOf(world, request);
    const row = requireRow(company.locations, request);
    deleteLocation(world, company, row, tellingOf(request));
    return row;
  });
}
