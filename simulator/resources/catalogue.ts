import type { FastifyInstance } from 'fastify';
import { badRequest } from '../api-error.ts';
import { present } from '../fields.ts';
import type { HolidayRow, LeaveTypeRow, LocationRow, ScheduleRow } from '../rows.ts';
import { holidayFields } from '../shapes/holiday.ts';
import { leaveTypeFields } from '../shapes/leave-type.ts';
import { legalEntityFields, locationFields } from '../shapes/location.ts';
import { presentSchedule } from '../shapes/schedule.ts';
import type { World } from '../world.ts';
import { maySee, type Call } from './call.ts';
import { addList, addRead } from './routes.ts';
import { membersOf } from './teams.ts';

export function addLeaveTypes(app: FastifyInstance, world: World): void {
  const resource = {
    path: 'timeoff/leave_types',
    scope: 'time_off',
    present: (call: Call, row: LeaveTypeRow) => present(row, leaveTypeFields, call.version),
  };
  addList<LeaveTypeRow>(app, world, {
    ...resource,
    params: [
      'ids[]',
      'company_ids[]',
      'active',
      'payable',
      'identifier',
      'allow_endless',
      'leave_type_id',
      'employee_id',
      'reference_date',
    ],
    filter: filterLeaveTypes,
  });
  addRead<LeaveTypeRow>(app, world, { ...resource, find: ({ company }, id) => company.leaveTypes.get(id) });
}

function filterLeaveTypes({ company, query }: Call): readonly LeaveTypeRow[] {
  if (query.has('employee_id') && query.day('reference_date') === undefined)
    throw badRequest('reference_date is missing');
  const ids = query.list('ids[]');
  const companyIds = query.set('company_ids[]');
  const active = query.flag('active');
  const payable = query.flag('payable');
  const allowEndless = query.flag('allow_endless');
  const identifier = query.text('identifier');
  const leaveTypeId = query.text('leave_type_id');
  return (ids === undefined ? company.leaveTypes.all() : company.leaveTypes.pick(ids)).filter(
    (row) =>
      (companyIds === undefined || companyIds.has(row.company_id)) &&
      (active === undefined || row.active === active) &&
      (payable === undefined || row.payable === payable) &&
      (allowEndless === undefined || row.allow_endless === allowEndless) &&
      (identifier === undefined || row.identifier === identifier) &&
      (leaveTypeId === undefined || row.id === leaveTypeId),
  );
}

export function addHolidays(app: FastifyInstance, world: World): void {
  const resource = {
    path: 'holidays/company_holidays',
    scope: 'company_holidays',
    present: (call: Call, row: HolidayRow) => present(row, holidayFields, call.version),
  };
  addList<HolidayRow>(app, world, {
    ...resource,
    params: ['ids[]', 'location_ids[]', 'employee_ids[]', 'team_ids[]', 'start_at', 'end_at'],
    filter: filterHolidays,
  });
  addRead<HolidayRow>(app, world, { ...resource, find: ({ company }, id) => company.holidays.get(id) });
}

function filterHolidays(call: Call): readonly HolidayRow[] {
  const { company, query } = call;
  const ids = query.list('ids[]');
  const locationIds = query.set('location_ids[]');
  const employeeIds = query.list('employee_ids[]')?.filter((id) => maySee(call, id));
  const ofEmployees =
    employeeIds === undefined
      ? undefined
      : new Set(company.employees.pick(employeeIds).map((employee) => employee.location_id));
  const from = query.day('start_at');
  const to = query.day('end_at');
  const members = membersOf(company, query.set('team_ids[]'));
  const ofTeams =
    members === undefined
      ? undefined
      : new Set(company.employees.pick(members).map((employee) => employee.location_id));
  return (ids === undefined ? company.holidays.all() : company.holidays.pick(ids)).filter(
    (row) =>
      (ofTeams === undefined || ofTeams.has(row.location_id)) &&
      (locationIds === undefined || locationIds.has(row.location_id)) &&
      (ofEmployees === undefined || ofEmployees.has(row.location_id)) &&
      (from === undefined || row.date >= from) &&
      (to === undefined || row.date <= to),
  );
}

export function addLocations(app: FastifyInstance, world: World): void {
  const resource = {
    path: 'locations/locations',
    scope: 'company_locations',
    present: (call: Call, row: LocationRow) => present(row, locationFields, call.version),
  };
  addList<LocationRow>(app, world, {
    ...resource,
    params: ['ids[]', 'employee_ids[]', 'main'],
    filter: ({ company, query }) => {
      const ids = query.list('ids[]');
      const main = query.flag('main');
      const employeeIds = query.list('employee_ids[]');
      const ofEmployees =
        employeeIds === undefined
          ? undefined
          : new Set(company.employees.pick(employeeIds).map((employee) => employee.location_id));
      return (ids === undefined ? company.locations.all() : company.locations.pick(ids)).filter(
        (row) =>
          (main === undefined || row.main === main) && (ofEmployees === undefined || ofEmployees.has(row.id)),
      );
    },
  });
  addRead<LocationRow>(app, world, { ...resource, find: ({ company }, id) => company.locations.get(id) });
}

export function addLegalEntities(app: FastifyInstance, world: World): void {
  addList<{ id: string }>(app, world, {
    path: 'companies/legal_entities',
    scope: 'company_legal_entities',
    params: ['ids[]', 'employees_ids[]', 'companies_ids[]', 'country_ids[]'],
    filter: ({ company, query }) => {
      const isOneOf = (name: string, id: string) => query.set(name)?.has(id) ?? true;
      const employeeIds = query.list('employees_ids[]');
      const matches =
        isOneOf('ids[]', company.legalEntityId) &&
        isOneOf('companies_ids[]', company.id) &&
        isOneOf('country_ids[]', 'es') &&
        (employeeIds === undefined || company.employees.pick(employeeIds).length > 0);
      return matches ? [{ id: company.legalEntityId }] : [];
    },
    present: ({ company, version }, { id }) =>
      present(
        { id, company_id: company.id, country: 'es', legal_name: `${company.name} S.L.`, currency: 'EUR' },
        legalEntityFields,
        version,
      ),
  });
}

export function addSchedules(app: FastifyInstance, world: World): void {
  addList<ScheduleRow>(app, world, {
    path: 'work_schedule/schedules',
    scope: 'time_tracking',
    params: ['ids[]', 'with_employee_ids', 'with_periods'],
    required: ['with_employee_ids', 'with_periods'],
    filter: ({ company, query }) => {
      const ids = query.list('ids[]');
      return ids === undefined ? [...company.schedules.all()] : company.schedules.pick(ids);
    },
    present: ({ company, query, version }, row) =>
      presentSchedule(company, row, version, {
        employeeIds: query.flag('with_employee_ids') === true,
        periods: query.flag('with_periods') === true,
      }),
  });
}
