import type { FastifyInstance } from 'fastify';
import type { EmployeeRow } from '../rows.ts';
import { emailOf, fullName, presentEmployee } from '../shapes/employee.ts';
import { BETA } from '../versions.ts';
import type { World } from '../world.ts';
import { maySee, visibleEmployees, type Call } from './call.ts';
import { addList, addRead } from './routes.ts';
import { membersOf } from './teams.ts';

const resource = {
  path: 'employees/employees',
  scope: 'employees',
  present: (call: Call, row: EmployeeRow) => presentEmployee(call.world, row, call.version),
};

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
      'identifiers[]',
      'social_security_numbers[]',
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
  const inTeams = membersOf(company, query.set('team_ids[]'));
  const hasNumber = numberFilter(call);

  return candidates.filter(
    (row) =>
      (inTeams === undefined || inTeams.has(row.id)) &&
      hasNumber(row) &&
      (accessIds === undefined || accessIds.has(row.access_id)) &&
      (emails === undefined || emails.has(emailOf(row) ?? '')) &&
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

/** Two filters that the beta has and the stable versions ignore. */
function numberFilter({ query, requestedVersion }: Call): (row: EmployeeRow) => boolean {
  if (requestedVersion !== BETA) return () => true;
  const [byIdentifier, bySocialSecurity] = [
    query.allows('identifiers[]'),
    query.allows('social_security_numbers[]'),
  ];
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
  return ({ personal }) =>
    byIdentifier(textOf(personal['identifier'])) &&
    bySocialSecurity(textOf(personal['social_security_number']));
}

function managersOf(rows: readonly EmployeeRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => (row.manager_id === null ? [] : [row.manager_id])));
}
