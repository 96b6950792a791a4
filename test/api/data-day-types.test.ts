import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recompute } from '../../repositories/recompute.ts';
import { makeAbsence, makeAbsenceType, makeProfile, nextTenant, nowMs } from './support/data-fixtures.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const path = '/api/integrations/factorial/day-types';
const vacation = { name: 'Vacation', color: '#aB12ff', expectedMinutes: 0 };

const putDayType = (tenant: string, id: string, body: object) =>
  test.call({ method: 'PUT', url: `/api/day-types/${id}`, tenant, body });
const map = (tenant: string, id: string, body: object) =>
  test.call({ method: 'PUT', url: `${path}/${id}`, tenant, body });
const unmap = (tenant: string, id: string) => test.call({ method: 'DELETE', url: `${path}/${id}`, tenant });
const preview = (tenant: string, id: string, body: object) =>
  test.call({ method: 'POST', url: `${path}/${id}/preview`, tenant, body });
const typesOf = async (tenant: string) => (await test.call({ url: path, tenant })).body.items;
const ringsOf = (tenant: string) =>
  test.rings.filter((ring) => ring.tenantId === tenant).map(({ name, arg }) => [name, arg]);
const marksOf = async (tenantId: string) =>
  (await test.db.recomputeMark.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } })).map(
    (mark) => mark.employeeId,
  );
const mappingsOf = (tenantId: string) => test.db.dayTypeMapping.findMany({ where: { tenantId } });

/** Employee a is profile 1 with an absence of type T and one of type U; profile 2 has one of type T and no employee. */
async function makeTenant(): Promise<string> {
  const tenant = nextTenant();
  await test.call({ method: 'PUT', url: '/api/employees/a', tenant, body: { name: 'A' } });
  await makeProfile(test.db, tenant, '1');
  await makeProfile(test.db, tenant, '2');
  await test.call({
    method: 'PUT',
    url: '/api/integrations/factorial/employees/a/link',
    tenant,
    body: { profileId: '1' },
  });
  await makeAbsenceType(test.db, tenant, 'T', { name: 'Vacaciones' });
  await makeAbsenceType(test.db, tenant, 'U', { name: 'Baja' });
  await makeAbsence(test.db, tenant, '10', {
    profileId: '1',
    absenceTypeId: 'T',
    startOn: '2026-11-24',
    finishOn: '2026-11-25',
  });
  await makeAbsence(test.db, tenant, '11', { profileId: '2', absenceTypeId: 'T' });
  await makeAbsence(test.db, tenant, '12', { profileId: '1', absenceTypeId: 'U', startOn: '2026-12-01' });
  await recompute(test.db, tenant, ['a'], { nowMs });
  await test.db.change.deleteMany({ where: { tenantId: tenant } });
  test.rings.length = 0;
  return tenant;
}

describe('day types', () => {
  it('of an account that nothing was written for yet are those that its first write makes', async () => {
    const tenant = nextTenant();

    const before = (await test.call({ url: '/api/day-types', tenant })).body;
    const page = (await test.call({ url: '/api/day-types?limit=1', tenant })).body;
    const rest = (await test.call({ url: `/api/day-types?cursor=${page.nextCursor}`, tenant })).body;
    await test.call({ method: 'PUT', url: '/api/employees/a', tenant, body: { name: 'A' } });

    expect(before.items).toHaveLength(3);
    expect([...page.items, ...rest.items]).toEqual(before.items);
    expect((await test.call({ url: '/api/day-types', tenant })).body).toEqual(before);
  });

  it('are the built-in ones first, then by name', async () => {
    const tenant = nextTenant();
    await putDayType(tenant, 'z', { ...vacation, name: 'Álbum' });
    await putDayType(tenant, 'a', { ...vacation, name: 'Zoo' });

    const { body } = await test.call({ url: '/api/day-types', tenant });
    const first = (await test.call({ url: '/api/day-types?limit=4', tenant })).body;
    const second = (await test.call({ url: `/api/day-types?limit=4&cursor=${first.nextCursor}`, tenant }))
      .body;

    expect(body.items.map((item: { id: string }) => item.id)).toEqual([
      'day_off',
      'holiday',
      'working_day',
      'z',
      'a',
    ]);
    expect(body.items[1]).toMatchObject({ id: 'holiday', key: 'holiday', builtIn: true, expectedMinutes: 0 });
    expect(body.items[3]).toEqual({ ...vacation, id: 'z', key: null, name: 'Álbum', builtIn: false });
    expect([...first.items, ...second.items]).toEqual(body.items);
  });

  it('are created, replaced, and told to the feed when they change', async () => {
    const tenant = nextTenant();

    const answers = [
      await putDayType(tenant, 'v', vacation),
      await putDayType(tenant, 'v', vacation),
      await putDayType(tenant, 'v', { ...vacation, name: 'Holidays' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200]);
    expect(answers[0]?.body).toEqual({ id: 'v', key: null, ...vacation, builtIn: false });
    const feed = await test.db.change.findMany({
      where: { tenantId: tenant, entityId: 'v' },
      orderBy: { sequence: 'asc' },
    });
    expect(feed.map(({ entity, operation, data }) => [entity, operation, data])).toEqual([
      ['day_type', 'upsert', answers[0]?.body],
      ['day_type', 'upsert', answers[2]?.body],
    ]);
  });

  it('that are built in stay as they are', async () => {
    const tenant = nextTenant();

    const answer = await putDayType(tenant, 'holiday', vacation);

    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await test.call({ url: '/api/day-types', tenant })).body.items).not.toContainEqual(
      expect.objectContaining(vacation),
    );
  });

  it('mark the employees with such absences when their minutes change, and only then', async () => {
    const tenant = await makeTenant();
    await putDayType(tenant, 'v', vacation);
    await map(tenant, 'T', { dayTypeId: 'v' });
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
    test.rings.length = 0;

    await putDayType(tenant, 'v', { ...vacation, color: '#000000' });
    expect([await marksOf(tenant), ringsOf(tenant)]).toEqual([[], []]);

    await putDayType(tenant, 'v', { ...vacation, expectedMinutes: 60 });
    expect([await marksOf(tenant), ringsOf(tenant)]).toEqual([['a'], [['factsChanged', { marked: 1 }]]]);
  });

  it.each([
    ['body.name', { name: ' ' }],
    ['body.name', { name: 'x'.repeat(101) }],
    ['body.color', { color: 'red' }],
    ['body.color', { color: '#12345' }],
    ['body.expectedMinutes', { expectedMinutes: 1441 }],
    ['body.expectedMinutes', { expectedMinutes: -1 }],
    ['body.expectedMinutes', { expectedMinutes: 0.5 }],
    ['body.expectedMinutes', { expectedMinutes: '480' }],
  ])('refuse a wrong %s: %j', async (field, wrong) => {
    const answer = await putDayType(nextTenant(), 'v', { ...vacation, ...wrong });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`${field}:`);
  });

  it.each([
    ['params.dayTypeId', 'PUT', '/api/day-types/a.b'],
    ['query.limit', 'GET', '/api/day-types?limit=-1'],
    ['query.cursor', 'GET', '/api/day-types?cursor=x'],
  ] as const)('refuse a wrong %s', async (field, method, url) => {
    const answer = await test.call({
      method,
      url,
      tenant: nextTenant(),
      ...(method === 'PUT' && { body: vacation }),
    });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`${field}:`);
  });
});

describe('absence types', () => {
  it('are listed by name with what waits for them', async () => {
    const tenant = await makeTenant();

    expect(await typesOf(tenant)).toEqual([
      {
        absenceTypeId: 'U',
        name: 'Baja',
        color: '#123456',
        active: true,
        workable: false,
        status: 'to_be_mapped',
        dayType: null,
        parked: { absences: 1, employees: 1 },
      },
      expect.objectContaining({
        absenceTypeId: 'T',
        status: 'to_be_mapped',
        parked: { absences: 2, employees: 2 },
      }),
    ]);
    const first = (await test.call({ url: `${path}?limit=1`, tenant })).body;
    const second = (await test.call({ url: `${path}?limit=1&cursor=${first.nextCursor}`, tenant })).body;
    expect([...first.items, ...second.items]).toEqual(await typesOf(tenant));
    expect((await test.call({ url: path, tenant: nextTenant() })).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('are mapped to an existing day type: the linked employees are marked, the unlinked still wait', async () => {
    const tenant = await makeTenant();
    const { body: dayType } = await putDayType(tenant, 'v', vacation);

    const answer = await map(tenant, 'T', { dayTypeId: 'v' });

    expect(answer).toMatchObject({
      status: 200,
      body: { absenceTypeId: 'T', status: 'mapped', parked: { absences: 1, employees: 1 } },
    });
    expect(answer.body.dayType).toEqual(dayType);
    expect(await marksOf(tenant)).toEqual(['a']);
    expect(ringsOf(tenant)).toEqual([['mappingsChanged', { marked: 1 }]]);
    expect(await mappingsOf(tenant)).toMatchObject([{ version: 1, changedBy: 'ana' }]);
  });

  it('keep their version where nothing changes, and raise it where something does', async () => {
    const tenant = await makeTenant();
    await putDayType(tenant, 'v', vacation);
    const versions: number[] = [];
    for (const step of [
      () => map(tenant, 'T', { dayTypeId: 'v' }),
      () => map(tenant, 'T', { dayTypeId: 'v' }),
      () => map(tenant, 'T', { ignored: true }),
      () => map(tenant, 'T', { ignored: true }),
      () => map(tenant, 'T', { dayTypeId: 'holiday' }),
      () => unmap(tenant, 'T'),
      () => unmap(tenant, 'T'),
      () => map(tenant, 'T', { dayTypeId: 'v' }),
    ]) {
      expect((await step()).status).toBeLessThan(300);
      versions.push((await mappingsOf(tenant))[0]?.version ?? 0);
    }

    expect(versions).toEqual([1, 1, 2, 2, 3, 4, 4, 5]);
    expect(ringsOf(tenant)).toHaveLength(5);
    expect(
      await test.db.activityEntry.count({
        where: { tenantId: tenant, kind: 'person', summary: { contains: 'absence' } },
      }),
    ).toBe(5);
  });

  it('wait for nothing once they are ignored, and wait again when that is taken back', async () => {
    const tenant = await makeTenant();

    expect((await map(tenant, 'T', { ignored: true })).body).toMatchObject({
      status: 'ignored',
      dayType: null,
      parked: { absences: 0, employees: 0 },
    });
    expect(await unmap(tenant, 'T')).toMatchObject({ status: 204, text: '' });
    expect((await typesOf(tenant))[1]).toMatchObject({
      status: 'to_be_mapped',
      parked: { absences: 2, employees: 2 },
    });
  });

  it('make a day type once, also when the answer was lost and they are asked again', async () => {
    const tenant = await makeTenant();
    const create = { name: 'Vacation', color: '#4F8A10', expectedMinutes: 30 };

    const first = await map(tenant, 'T', { create });
    const again = await map(tenant, 'T', { create });

    expect(first.body.dayType).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{1,60}$/),
      key: null,
      ...create,
      builtIn: false,
    });
    expect(again.body.dayType).toEqual(first.body.dayType);
    expect(await test.db.change.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { entity: 'day_type', entityId: first.body.dayType.id, operation: 'upsert', data: first.body.dayType },
    ]);
    expect((await map(tenant, 'T', { create: { ...create, color: '#000000' } })).body.dayType.id).not.toBe(
      first.body.dayType.id,
    );
  });

  it('refuse a day type that is unknown, or another tenant’s', async () => {
    const tenant = await makeTenant();
    await putDayType(nextTenant(), 'foreign', vacation);

    for (const dayTypeId of ['nothing', 'foreign']) {
      expect(await map(tenant, 'T', { dayTypeId })).toMatchObject({
        status: 422,
        body: { code: 'unknown_day_type' },
      });
      expect(await preview(tenant, 'T', { dayTypeId })).toMatchObject({
        status: 422,
        body: { code: 'unknown_day_type' },
      });
    }
    expect(await mappingsOf(tenant)).toEqual([]);
  });

  it('are found neither when unknown nor when another tenant’s', async () => {
    await makeTenant();
    const stranger = nextTenant();
    const asked = { ignored: true };

    for (const answer of [
      await map(stranger, 'T', asked),
      await unmap(stranger, 'T'),
      await preview(stranger, 'T', asked),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it.each([
    ['body.dayTypeId', {}],
    ['body.ignored', { dayTypeId: 'v', ignored: true }],
    ['body.create', { dayTypeId: 'v', create: vacation }],
    ['body.ignored', { ignored: false }],
    ['body.dayTypeId', { dayTypeId: 7 }],
    ['body.create.name', { create: { color: '#000000', expectedMinutes: 0 } }],
    ['body.create.color', { create: { ...vacation, color: 'blue' } }],
    ['body.create.expectedMinutes', { create: { ...vacation, expectedMinutes: 2_000 } }],
  ])('refuse a wrong %s: %j', async (field, body) => {
    for (const answer of [await map(nextTenant(), 'T', body), await preview(nextTenant(), 'T', body)]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(answer.body.detail).toContain(`${field}:`);
    }
  });

  it.each(['limit=500', 'cursor=x'])('refuse %s', async (query) => {
    const answer = await test.call({ url: `${path}?${query}`, tenant: nextTenant() });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`query.${query.split('=')[0]}:`);
  });
});

describe('a preview', () => {
  it('tells what would change and changes nothing', async () => {
    const tenant = await makeTenant();
    const count = async () => [
      await test.db.dayType.count({ where: { tenantId: tenant } }),
      await test.db.change.count({ where: { tenantId: tenant } }),
      await mappingsOf(tenant),
      await marksOf(tenant),
    ];
    const before = await count();

    const created = await preview(tenant, 'T', { create: { ...vacation, expectedMinutes: 120 } });

    expect(created).toMatchObject({ status: 200 });
    expect(created.body).toEqual({
      absences: 1,
      employees: 1,
      days: 2,
      sample: [
        { employeeId: 'a', date: '2026-11-24', before: 480, after: 120 },
        { employeeId: 'a', date: '2026-11-25', before: 480, after: 120 },
      ],
    });
    expect((await preview(tenant, 'T', { dayTypeId: 'holiday' })).body).toMatchObject({
      days: 2,
      sample: [{ after: 0 }, { after: 0 }],
    });
    expect((await preview(tenant, 'T', { ignored: true })).body).toMatchObject({ days: 0, sample: [] });
    expect(await count()).toEqual(before);
    expect(ringsOf(tenant)).toEqual([]);
  });

  it('shows at most twenty days', async () => {
    const tenant = await makeTenant();
    await makeAbsence(test.db, tenant, '13', {
      profileId: '1',
      absenceTypeId: 'T',
      startOn: '2026-11-01',
      finishOn: null,
    });

    const { body } = await preview(tenant, 'T', { dayTypeId: 'day_off' });

    expect(body.days).toBeGreaterThan(20);
    expect(body.sample).toHaveLength(20);
  });
});
