import type { FastifyInstance } from 'fastify';
import type { Company } from '../company.ts';
import type { World } from '../world.ts';
import { companyOf } from './body.ts';

/** The whole truth, for tests to compare with: deleted leaves and internal fields included. */
export function addStateControl(app: FastifyInstance, world: World): void {
  app.get('/control/state', (request) => describeWorld(world, companyOf(world, request)));

  const tables = {
    employees: (company: Company) => company.employees.all(),
    leaves: (company: Company) => company.leaves.all(),
    leave_types: (company: Company) => company.leaveTypes.all(),
    holidays: (company: Company) => company.holidays.all(),
    locations: (company: Company) => company.locations.all(),
    schedules: (company: Company) => company.schedules.all(),
    subscriptions: (company: Company) => company.subscriptions.all(),
    estimated_times: (company: Company) =>
      [...company.dayOverrides].map(([key, override]) => ({
        employee_id: key.split(' ')[0],
        date: key.split(' ')[1],
        ...override,
      })),
    teams: (company: Company) => company.teams.all(),
    notices: (company: Company) =>
      world.deliveries.notices().filter((notice) => notice.company_id === company.id),
    deliveries: (company: Company) =>
      world.deliveries.all().filter((delivery) => delivery.company_id === company.id),
  };
  for (const [name, rowsOf] of Object.entries(tables)) {
    app.get(`/control/${name}`, (request) =>
      cut(rowsOf(companyOf(world, request)), request.query as Filters),
    );
  }
}

interface Filters {
  offset?: string;
  limit?: string;
  [field: string]: string | undefined;
}

/** `?limit=…&offset=…`, and equality filters on any field: `?employee_id=…`. */
function cut(
  rows: readonly object[],
  { offset = '0', limit, company_id: _company, ...filters }: Filters,
): readonly object[] {
  const wanted = Object.entries(filters);
  const matching = rows.filter((row) =>
    wanted.every(([field, value]) => String((row as Record<string, unknown>)[field]) === value),
  );
  return matching.slice(Number(offset), limit === undefined ? undefined : Number(offset) + Number(limit));
}

export function describeWorld(world: World, company: Company): object {
  const pending = world.deliveries.all().filter((delivery) => delivery.status === 'pending').length;
  const notices = world.deliveries.notices().filter((notice) => notice.company_id === company.id);
  return {
    now: new Date(world.clock.now()).toISOString(),
    today: world.clock.today(),
    frozen: world.clock.isFrozen(),
    company: { id: company.id, name: company.name, legal_entity_id: company.legalEntityId },
    companies: [...world.companies.values()].map(({ id, name }) => ({ id, name })),
    counts: {
      employees: company.employees.size,
      leaves: company.leaves.size,
      deleted_leaves: company.leaves.all().filter((leave) => leave.deleted_at !== null).length,
      leave_types: company.leaveTypes.size,
      holidays: company.holidays.size,
      locations: company.locations.size,
      schedules: company.schedules.size,
      subscriptions: company.subscriptions.size,
      applications: world.applications.size,
      live_tokens: world.tokens.liveCount(),
      deliveries: world.deliveries.all().length,
      pending_deliveries: pending,
    },
    ids: {
      locations: Object.fromEntries(company.locations.all().map(({ id, name }) => [name, id])),
      leave_types: Object.fromEntries(company.leaveTypes.all().map(({ id, identifier }) => [identifier, id])),
      schedules: Object.fromEntries(company.schedules.all().map(({ id, name }) => [name, id])),
    },
    /** E-mails that administrators have got: their deliveries fail, or are given up. */
    notices: notices.slice(-20),
    switches: world.switches,
    faults: world.faults.all(),
  };
}
