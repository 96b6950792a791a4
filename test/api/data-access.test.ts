import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nextTenant, nowMs } from './support/data-fixtures.ts';
import { createTestApp, makeToken, type TestApp, type TokenClaims } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const f = '/api/integrations/factorial';
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Every route of the data, and whether time@work may call it. */
const routes: [Method, string, 'service' | 'people'][] = [
  ['GET', '/api/tenant', 'service'],
  ['PUT', '/api/tenant', 'service'],
  ['GET', '/api/employees', 'service'],
  ['GET', '/api/employees/a', 'service'],
  ['PUT', '/api/employees/a', 'service'],
  ['GET', '/api/employees/a/calendar?from=2026-11-01&to=2026-11-02', 'service'],
  ['PUT', '/api/employees/a/calendar/2026-11-24', 'service'],
  ['DELETE', '/api/employees/a/calendar/2026-11-24', 'service'],
  ['GET', '/api/employees/a/calendar/2026-11-24/explanation', 'service'],
  ['GET', '/api/day-types', 'service'],
  ['PUT', '/api/day-types/v', 'service'],
  ['GET', '/api/changes', 'service'],
  ['GET', `${f}/settings`, 'people'],
  ['PUT', `${f}/settings`, 'people'],
  ['GET', `${f}/employees`, 'people'],
  ['GET', `${f}/profiles`, 'people'],
  ['PUT', `${f}/employees/a/link`, 'people'],
  ['DELETE', `${f}/employees/a/link`, 'people'],
  ['POST', `${f}/employees/links`, 'people'],
  ['GET', `${f}/day-types`, 'people'],
  ['PUT', `${f}/day-types/T`, 'people'],
  ['DELETE', `${f}/day-types/T`, 'people'],
  ['POST', `${f}/day-types/T/preview`, 'people'],
];

/** The status of a call whose body, where it needs one, is empty: 400, 404 and the like mean "may call". */
async function ask(
  method: Method,
  url: string,
  claims: TokenClaims | null,
): Promise<{ status: number; body: { code?: string } }> {
  const token = claims === null ? null : await makeToken(claims);
  return await test.call({
    method,
    url,
    token,
    ...(method === 'PUT' || method === 'POST' ? { body: {} } : {}),
  });
}

const refused = [401, 403];

describe.each(routes)('%s %s', (method, url, audience) => {
  it('asks for a token', async () => {
    expect(await ask(method, url, null)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('is for admins and operators', async () => {
    for (const role of ['admin', 'operator']) {
      expect(refused).not.toContain((await ask(method, url, { tenant: nextTenant(), roles: [role] })).status);
    }
  });

  it(`is ${audience === 'service' ? 'also' : 'not'} for time@work`, async () => {
    const { status } = await ask(method, url, { tenant: nextTenant(), roles: ['service'] });

    expect(refused.includes(status)).toBe(audience !== 'service');
  });

  it('is for nobody without a role, and for an admin only in the own tenant', async () => {
    const elsewhere = `${url}${url.includes('?') ? '&' : '?'}tenant=${nextTenant()}`;

    expect((await ask(method, url, { roles: [] })).body.code).toBe('forbidden');
    expect((await ask(method, elsewhere, { roles: ['admin'] })).body.code).toBe('forbidden');
    expect(refused).not.toContain((await ask(method, elsewhere, { roles: ['operator'] })).status);
  });
});

it('an operator reads and writes the tenant that the query names', async () => {
  const tenant = nextTenant();
  const token = await makeToken({ tenant: nextTenant(), roles: ['operator'] });

  await test.call({ method: 'PUT', url: `/api/employees/a?tenant=${tenant}`, token, body: { name: 'A' } });

  expect((await test.call({ url: `/api/employees/a?tenant=${tenant}`, token })).status).toBe(200);
  expect((await test.call({ url: '/api/employees/a', token })).status).toBe(404);
  expect((await test.call({ url: '/api/employees/a', tenant })).status).toBe(200);
});

it('another tenant’s rows show in no list', async () => {
  const tenant = nextTenant();
  await test.call({ method: 'PUT', url: '/api/employees/a', tenant, body: { name: 'A' } });
  await test.call({
    method: 'PUT',
    url: '/api/day-types/v',
    tenant,
    body: { name: 'V', color: '#000000', expectedMinutes: 0 },
  });
  const stranger = nextTenant();
  await test.call({ method: 'PUT', url: '/api/tenant', tenant: stranger, body: { name: 'Stranger' } });

  for (const url of ['/api/employees', `${f}/employees`, `${f}/profiles`, `${f}/day-types`]) {
    expect((await test.call({ url, tenant: stranger })).body.items).toEqual([]);
  }
  expect((await test.call({ url: '/api/day-types', tenant: stranger })).body.items).toHaveLength(3);
  expect((await test.call({ url: '/api/changes', tenant: stranger })).body.items).toHaveLength(3);
});

it('reading creates no tenant', async () => {
  const tenant = nextTenant();
  const before = await test.db.tenant.count();

  for (const [method, url] of routes) if (method === 'GET') await test.call({ url, tenant });

  expect(await test.db.tenant.count()).toBe(before);
});
