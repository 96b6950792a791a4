import type { FastifyInstance } from 'fastify';
import type { Presented } from '../fields.ts';
import type { EmployeeRow } from '../rows.ts';
import { fullName, presentEmployee } from '../shapes/employee.ts';
import type { World } from '../world.ts';
import { maySee, visibleEmployees, type Call } from './call.ts';
import { addList, addRead } from './routes.ts';

const resource = { path: 'employees/employees', scope: 'employees', present: presentFor };

export function addEmployees(app: FastifyInstance, world: World): void {
  addList<EmployeeRow>(app, world, {
    ...resource,
    params: [
      'ids[]',
      'access_ids[]',
      'emails[]',
      'company_identifier',
      'full_text_name',
      'name_starts_with',
      'legal_entity_ids[]',
      'team_ids[]',
      'location_ids[]',
      'updated_at_gteq',
      'only_active',
      'only_managers',
    ],
    required: ['only_active', 'only_managers'],
    filter: filterEmployees,
  });
  addRead<EmployeeRow>(app, world, {
    ...resource,
    find: (call, id) =>
      world.switches.employeeById === 200 && maySee(call, id) ? call.company.employees.get(id) : undefined,
  });
}

function presentFor(call: Call, row: EmployeeRow): Presented {
  const presented = presentEmployee(call.world, row, call.version);
  if (call.token.owner.employeeId === null) return presented;
  for (const field of call.company.permissions.nullFields)
    if (field in presented && field !== 'id') presented[field] = null;
  return presented;
}

function filterEmployees(call: Call): readonly EmployeeRow[] {
  const { company, query, world } = call;
  const ids = query.list('ids[]');
  const candidates = visibleEmployees(
    call,
    ids === undefined ? company.employees.all() : company.employees.pick(ids),
  );

  const accessIds = query.set('access_ids[]');
  const emails = query.set('emails[]');
  const legalEntityIds = query.set('legal_entity_ids[]');
  const locationIds = query.set('location_ids[]');
  const companyIdentifier = query.text('company_identifier');
  const nameContains = query.text('full_text_name')?.toLowerCase();
  const nameStart = query.text('name_starts_with')?.toLowerCase();
  const updatedFrom = query.day('updated_at_gteq');
  const today = world.clock.today();
  const onlyActive = query.flag('only_active') === true;
  const managerIds = query.flag('only_managers') === true ? managersOf(company.employees.all()) : undefined;
  // Teams are not modelled: nobody is in one.
  const inTeam = query.has('team_ids[]');

  return candidates.filter(
    (row) =>
      !inTeam &&
      (accessIds === undefined || accessIds.has(row.access_id)) &&
      (emails === undefined || emails.has(row.email ?? '')) &&
      (legalEntityIds === undefined || legalEntityIds.has(row.legal_entity_id ?? '')) &&
      (locationIds === undefined || locationIds.has(row.location_id ?? '')) &&
      (companyIdentifier === undefined || row.company_identifier === companyIdentifier) &&
      (nameContains === undefined || fullName(row).toLowerCase().includes(nameContains)) &&
      (nameStart === undefined || fullName(row).toLowerCase().startsWith(nameStart)) &&
      (updatedFrom === undefined || row.updated_at.slice(0, 10) >= updatedFrom) &&
      (!onlyActive || row.terminated_on === null || row.terminated_on > today) &&
      (managerIds === undefined || managerIds.has(row.id)),
  );
}

function managersOf(rows: readonly EmployeeRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => (row.manager_id === null ? [] : [row.manager_id])));
}
