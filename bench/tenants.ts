import { wantedSubscriptionTypes } from '../domain/subscription-types.ts';
import type { BenchStack } from './bench-stack.ts';
import { callJson, F, inParallel, until } from './http.ts';
import { tell } from './progress.ts';

/** A tenant that is connected with a company of its own in the simulator, everybody linked, vacation mapped. */
export interface BenchTenant {
  readonly tenantId: string;
  readonly companyId: string;
  readonly people: readonly { readonly employeeId: string; readonly profileId: string }[];
  /** Factorial's id of the absence type that is mapped. */
  readonly vacationId: string;
  /** Where Factorial delivers each subscription type, and the challenge that it sends along. */
  readonly targets: ReadonlyMap<string, { readonly url: string; readonly challenge: string }>;
}

/** Connecting is mostly waiting; more at a time only slows down each. */
const width = 4;

interface Person {
  readonly id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
}
interface Subscription {
  readonly type: string;
  readonly target_url: string;
  readonly challenge: string;
  readonly enabled: boolean;
}

/** Connects tenants `<prefix>-1`, `<prefix>-2`, … with companies of so many people. */
export async function connectTenants(
  stack: BenchStack,
  prefix: string,
  count: number,
  people: number,
): Promise<BenchTenant[]> {
  tell(`connecting ${count} tenants of ${people} people`);
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  const tenants = await inParallel(ids, width, (tenantId) => connectTenant(stack, tenantId, people));
  tell(`connected: ${tenants.length}`);
  return tenants;
}

async function connectTenant(stack: BenchStack, tenantId: string, size: number): Promise<BenchTenant> {
  const { apiUrl, simulatorUrl, tokens, application, db } = stack;
  const [admin, service] = await Promise.all([tokens.admin(tenantId), tokens.service(tenantId)]);
  const { company } = await callJson<{ company: { id: string } }>(
    'POST',
    `${simulatorUrl}/control/companies`,
    {
      body: { name: tenantId, people: size, absences: 0, locations: 1 },
    },
  );
  const ofCompany = `company_id=${company.id}`;
  const persons = await callJson<Person[]>('GET', `${simulatorUrl}/control/employees?${ofCompany}`);

  const put = (path: string, body: object) => callJson('PUT', `${apiUrl}${path}`, { body, token: service });
  await put('/api/tenant', { name: tenantId, timeZone: 'Europe/Madrid', locale: 'es' });
  await put('/api/day-types/vacation', { name: 'Vacation', color: '#2E9E6B', expectedMinutes: 0 });
  const people = persons.map((person, index) => ({
    employeeId: `e${index + 1}`,
    profileId: person.id,
    person,
  }));
  await inParallel(people, 4, ({ employeeId, person }) =>
    put(`/api/employees/${employeeId}`, {
      name: `${person.first_name} ${person.last_name}`,
      email: person.email,
      startsOn: '2020-01-01',
      endsOn: null,
    }),
  );

  const ask = <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
    callJson<T>(method, `${apiUrl}${F}${path}`, { token: admin, ...(body === undefined ? {} : { body }) });
  await ask('PUT', '/credentials', application);
  const { authorizationUrl } = await ask<{ authorizationUrl: string }>('POST', '/authorization', {
    apiHost: simulatorUrl,
  });
  const consent = Object.fromEntries(new URL(authorizationUrl).searchParams);
  const { location } = await callJson<{ location: string }>('POST', `${simulatorUrl}/control/consent`, {
    body: { ...consent, company_id: company.id },
  });
  await (await fetch(location)).arrayBuffer();
  await until(`the first synchronisation of ${tenantId}`, 120_000, async () => {
    const { items } = await ask<{ items: { status: string }[] }>('GET', '/reconciliations');
    return items.at(-1)?.status === 'completed' ? true : null;
  });

  const links = people.map(({ employeeId, profileId }) => ({ employeeId, profileId }));
  await ask('POST', '/employees/links', { links });
  const { items: types } = await ask<{ items: { absenceTypeId: string; name: string }[] }>(
    'GET',
    '/day-types?limit=200',
  );
  const vacation = types.find((type) => type.name === 'Vacaciones');
  if (vacation === undefined) throw new Error('the simulated company has no vacations');
  await ask('PUT', `/day-types/${vacation.absenceTypeId}`, { dayTypeId: 'vacation' });
  await until(`the calendars of ${tenantId}`, 120_000, async () => {
    const { rows } = await db.query<{ left: number }>(
      `SELECT (SELECT count(*) FROM recompute_marks WHERE tenant_id = $1)::int
            + (SELECT count(*) FROM employee_links WHERE tenant_id = $1 AND planned_read_number IS NULL)::int AS left`,
      [tenantId],
    );
    return rows[0]?.left === 0 ? true : null;
  });
  const subscriptions = await until(`the subscriptions of ${tenantId}`, 60_000, async () => {
    const rows = await callJson<Subscription[]>('GET', `${simulatorUrl}/control/subscriptions?${ofCompany}`);
    return rows.length === wantedSubscriptionTypes.length && rows.every(({ enabled }) => enabled)
      ? rows
      : null;
  });
  const targets = subscriptions.map(
    ({ type, target_url: url, challenge }) =>
      [type, { url: url.replace('localhost', '127.0.0.1'), challenge }] as const,
  );
  const vacationId = vacation.absenceTypeId;
  return { tenantId, companyId: company.id, people: links, vacationId, targets: new Map(targets) };
}

/** Where deliveries of one type go, as the options of a request. */
export function targetOf({ tenantId, targets }: BenchTenant, type: string) {
  const target = targets.get(type);
  if (target === undefined) throw new Error(`${tenantId} has no subscription ${type}`);
  return { url: target.url, headers: { 'x-factorial-wh-challenge': target.challenge } };
}
