import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nextTenant, nowMs } from './support/data-fixtures.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const changes = (tenant: string, query = '') => test.call({ url: `/api/changes${query}`, tenant });
const putDayType = (tenant: string, id: string) =>
  test.call({
    method: 'PUT',
    url: `/api/day-types/${id}`,
    tenant,
    body: { name: id, color: '#000000', expectedMinutes: 1 },
  });

/** A tenant with six changes: the built-in day types, and a, b, c. */
async function makeTenant(): Promise<string> {
  const tenant = nextTenant();
  for (const id of ['a', 'b', 'c']) await putDayType(tenant, id);
  return tenant;
}

describe('the change feed', () => {
  it('tells everything in order from the start, and where to go on', async () => {
    const tenant = await makeTenant();

    const { status, body } = await changes(tenant);

    expect(status).toBe(200);
    expect(body.items.map((item: { sequence: string }) => item.sequence)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(body.items[3]).toEqual({
      sequence: '4',
      entity: 'day_type',
      id: 'a',
      operation: 'upsert',
      data: { id: 'a', key: null, name: 'a', color: '#000000', expectedMinutes: 1, builtIn: false },
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(body.next).toBe('6');
    expect((await changes(tenant, '?after=0')).body).toEqual(body);
  });

  it('is read piece by piece, and says the same cursor when there is nothing new', async () => {
    const tenant = await makeTenant();
    const first = (await changes(tenant, '?limit=4')).body;
    const second = (await changes(tenant, `?limit=4&after=${first.next}`)).body;
    const third = (await changes(tenant, `?limit=4&after=${second.next}`)).body;

    expect([first.items.length, first.next, second.items.length, second.next]).toEqual([4, '4', 2, '6']);
    expect(third).toEqual({ items: [], next: '6' });

    await putDayType(tenant, 'd');
    expect((await changes(tenant, `?after=${third.next}`)).body).toMatchObject({
      items: [{ sequence: '7', id: 'd' }],
      next: '7',
    });
  });

  it('is empty for a tenant that does not exist yet, and every tenant has its own', async () => {
    await makeTenant();
    const tenant = nextTenant();

    expect(await changes(tenant)).toMatchObject({ status: 200, body: { items: [], next: '0' } });
    expect((await changes(tenant, '?after=0')).body).toEqual({ items: [], next: '0' });
    expect((await changes(tenant, '?after=5')).body).toEqual({ items: [], next: '5' });
  });

  it('says that a cursor has expired when what follows it is no longer kept', async () => {
    const tenant = await makeTenant();
    await test.db.change.deleteMany({ where: { tenantId: tenant, sequence: { lte: 4n } } });

    expect(await changes(tenant, '?after=3')).toMatchObject({
      status: 410,
      body: { code: 'cursor_expired' },
    });
    expect(await changes(tenant, '?after=0')).toMatchObject({ status: 410 });
    expect((await changes(tenant, '?after=4')).body.items).toHaveLength(2);
    expect((await changes(tenant)).body).toMatchObject({
      items: [{ sequence: '5' }, { sequence: '6' }],
      next: '6',
    });
  });

  it('goes on after everything was pruned', async () => {
    const tenant = await makeTenant();
    await test.db.change.deleteMany({ where: { tenantId: tenant } });

    expect((await changes(tenant, '?after=5')).status).toBe(410);
    expect((await changes(tenant, '?after=6')).body).toEqual({ items: [], next: '6' });
    expect((await changes(tenant)).body).toEqual({ items: [], next: '6' });
  });

  it('loses and doubles nothing while many write', async () => {
    const tenant = nextTenant();
    const ids = Array.from({ length: 30 }, (_, index) => `d${index}`);
    const seen: string[] = [];
    let next = '0';
    const read = async () => {
      const { body } = await changes(tenant, `?limit=7&after=${next}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      next = body.next;
      return body.items.length as number;
    };

    let writing = true;
    const writers = Promise.all(ids.map((id) => putDayType(tenant, id))).then(() => (writing = false));
    while (writing) await read();
    await writers;
    while ((await read()) > 0);

    expect(seen.filter((id) => id.startsWith('d') && id !== 'day_off').sort()).toEqual([...ids].sort());
  });

  it.each([
    ['after', '?after=-1'],
    ['after', '?after=x'],
    ['after', '?after=9223372036854775808'],
    ['after', '?after='],
    ['limit', '?limit=201'],
    ['limit', '?limit=0'],
    ['limit', '?limit=ten'],
  ])('refuses a wrong %s: %s', async (field, query) => {
    const answer = await changes(nextTenant(), query);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`query.${field}:`);
  });
});
