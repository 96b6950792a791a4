import { z } from 'zod';
import { seedPeople } from './seed-people.ts';

/** Development credentials of the OAuth application that the stack registers in the simulator. */
export const demoApplication = { clientId: 'workmeter-demo', clientSecret: 'workmeter-demo-secret' } as const;

const dayTypes = {
  vacation: { name: 'Vacation', color: '#8A63D2', expectedMinutes: 0 },
  sick: { name: 'Sick leave', color: '#D9534F', expectedMinutes: 0 },
  remote: { name: 'Remote work', color: '#3B7DD8', expectedMinutes: 480 },
};

const employeesSchema = z.object({ items: z.array(z.unknown()) });

const peopleSchema = z.array(
  z
    .object({ firstName: z.string(), lastName: z.string(), email: z.string(), startsOn: z.string() })
    .transform(({ firstName, lastName, email, startsOn }) => ({
      name: `${firstName} ${lastName}`,
      email,
      startsOn,
    })),
);

export interface SeedTarget {
  apiUrl: string;
  /** Null: the people of a list of ours. */
  simulatorUrl: string | null;
  /** A token with the role `service`, as time@work has it. */
  serviceToken: string;
}

/** How many requests are under way at once. */
const width = 8;

/**
 * Fills time@work's side of a tenant over the public contract: the tenant, three day types and forty employees.
 * Does nothing where the tenant already has employees. Answers how many were written.
 */
export async function seedTenant({ apiUrl, simulatorUrl, serviceToken }: SeedTarget): Promise<number> {
  const call = async (method: string, path: string, body?: object): Promise<unknown> =>
    await callJson(`${apiUrl}${path}`, method, body, { authorization: `Bearer ${serviceToken}` });

  const { items } = employeesSchema.parse(await call('GET', '/api/employees?limit=1'));
  if (items.length > 0) return 0;

  await call('PUT', '/api/tenant', { name: 'Acme', timeZone: 'Europe/Madrid', locale: 'es' });
  for (const [id, dayType] of Object.entries(dayTypes)) await call('PUT', `/api/day-types/${id}`, dayType);

  const people = simulatorUrl === null ? seedPeople() : await peopleOf(simulatorUrl);
  const left = people.map((person, index) => ({ id: `e${index + 1}`, body: { ...person, endsOn: null } }));
  const written = left.length;
  const writer = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift())
      await call('PUT', `/api/employees/${next.id}`, next.body);
  };
  await Promise.all(Array.from({ length: width }, writer));
  return written;
}

/** Lets the simulator accept our redirect URI, as an administrator would enter it in Factorial. */
export async function registerRedirectUri(simulatorUrl: string, publicUrl: string): Promise<void> {
  await callJson(`${simulatorUrl}/control/applications`, 'POST', {
    clientId: demoApplication.clientId,
    secret: demoApplication.clientSecret,
    name: 'WorkMeter',
    addRedirectUris: [`${publicUrl}/api/Integration/factorial/Callback`],
  });
}

/** Those who work in the simulated company at the start. */
async function peopleOf(simulatorUrl: string): Promise<z.infer<typeof peopleSchema>> {
  return peopleSchema.parse(await callJson(`${simulatorUrl}/control/seed-people`, 'GET'));
}

async function callJson(
  url: string,
  method: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text === '' ? null : JSON.parse(text);
}
