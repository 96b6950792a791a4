import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeProfile, nextTenant, nowMs } from './support/data-fixtures.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const base = '/api/integrations/factorial';
const link = (tenant: string, id: string, profileId: unknown) =>
  test.call({ method: 'PUT', url: `${base}/employees/${id}/link`, tenant, body: { profileId } });
const unlink = (tenant: string, id: string) =>
  test.call({ method: 'DELETE', url: `${base}/employees/${id}/link`, tenant });
const linkMany = (tenant: string, links: unknown) =>
  test.call({ method: 'POST', url: `${base}/employees/links`, tenant, body: { links } });
const linksOf = async (tenantId: string) =>
  (await test.db.employeeLink.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } })).map(
    ({ employeeId, profileId }) => `${employeeId}=${profileId}`,
  );
const marksOf = async (tenantId: string) =>
  (await test.db.recomputeMark.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } })).map(
    (mark) => mark.employeeId,
  );

/** Employees a, b, c and profiles 1, 2, 3, with nothing marked and nothing rung for. */
async function makeTenant(): Promise<string> {
  const tenant = nextTenant();
  for (const id of ['a', 'b', 'c']) {
    await test.call({ method: 'PUT', url: `/api/employees/${id}`, tenant, body: { name: `Employee ${id}` } });
  }
  for (const id of ['1', '2', '3']) await makeProfile(test.db, tenant, id);
  await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
  await test.db.change.deleteMany({ where: { tenantId: tenant } });
  test.rings.length = 0;
  return tenant;
}

describe('linking', () => {
  it('answers the employee, marks it, rings, tells the feed, and remembers who did it', async () => {
    const tenant = await makeTenant();

    const answer = await link(tenant, 'a', '1');

    expect(answer).toMatchObject({
      status: 200,
      body: { employeeId: 'a', link: { profileId: '1', name: 'Profile 1' }, suggestion: null, parked: 0 },
    });
    expect(await marksOf(tenant)).toEqual(['a']);
    expect(test.rings).toEqual([{ tenantId: tenant, name: 'linksChanged', arg: { marked: 1 } }]);
    expect(await test.db.change.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { entity: 'employee', entityId: 'a', operation: 'upsert', data: answer.body },
    ]);
    expect(await test.db.employeeLink.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { linkedBy: 'ana' },
    ]);
    expect(await test.db.activityEntry.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { kind: 'person', count: 1, outcome: 'linked' },
    ]);
  });

  it('changes nothing the second time', async () => {
    const tenant = await makeTenant();
    await link(tenant, 'a', '1');
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });

    const again = await link(tenant, 'a', '1');

    expect(again).toMatchObject({ status: 200, body: { link: { profileId: '1' } } });
    expect(await marksOf(tenant)).toEqual([]);
    expect(test.rings).toHaveLength(1);
    expect(await test.db.change.count({ where: { tenantId: tenant } })).toBe(1);
  });

  it('replaces a former profile, which is then free, and has its plan read anew', async () => {
    const tenant = await makeTenant();
    await link(tenant, 'a', '1');
    await test.db.employeeLink.updateMany({ where: { tenantId: tenant }, data: { plannedReadNumber: 7n } });

    expect((await link(tenant, 'a', '2')).body.link).toEqual({ profileId: '2', name: 'Profile 2' });
    expect(
      (await test.db.employeeLink.findFirstOrThrow({ where: { tenantId: tenant } })).plannedReadNumber,
    ).toBeNull();
    expect((await link(tenant, 'b', '1')).status).toBe(200);
    expect(await linksOf(tenant)).toEqual(['a=2', 'b=1']);
  });

  it('refuses a profile that another employee has, names the employee, and keeps the former link', async () => {
    const tenant = await makeTenant();
    await link(tenant, 'a', '1');
    await link(tenant, 'b', '2');

    const answer = await link(tenant, 'b', '1');

    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'already_linked', detail: 'Already linked to Employee a' },
    });
    expect(await linksOf(tenant)).toEqual(['a=1', 'b=2']);
  });

  it('gives a profile to one of many who ask at the same time', async () => {
    const tenant = await makeTenant();

    const answers = await Promise.all(['a', 'b', 'c'].map((id) => link(tenant, id, '1')));

    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    expect(await linksOf(tenant)).toHaveLength(1);
  });

  it('refuses a profile that does not exist, is gone, or is another tenant’s', async () => {
    const tenant = await makeTenant();
    await makeProfile(test.db, tenant, 'gone', { deleted: true });
    await makeProfile(test.db, nextTenant(), 'foreign');

    for (const id of ['nobody', 'gone', 'foreign']) {
      expect(await link(tenant, 'a', id)).toMatchObject({ status: 422, body: { code: 'unknown_profile' } });
    }
    expect(await linksOf(tenant)).toEqual([]);
  });

  it('takes a terminated profile', async () => {
    const tenant = await makeTenant();
    await makeProfile(test.db, tenant, 'former', { terminatedOn: '2026-01-31' });

    expect((await link(tenant, 'a', 'former')).body).toMatchObject({
      active: false,
      link: { profileId: 'former' },
    });
  });

  it('finds neither an unknown employee nor another tenant’s', async () => {
    const tenant = await makeTenant();
    const stranger = nextTenant();

    expect(await link(tenant, 'nobody', '1')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await link(stranger, 'a', '1')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await unlink(stranger, 'a')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it.each([[undefined], [7], [''], ['a b'], ['a\0']])('refuses the profile id %j', async (profileId) => {
    const answer = await link(nextTenant(), 'a', profileId);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain('body.profileId:');
  });
});

it('removing a link marks, rings and tells the feed, once', async () => {
  const tenant = await makeTenant();
  await link(tenant, 'a', '1');
  await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
  test.rings.length = 0;

  const answers = [await unlink(tenant, 'a'), await unlink(tenant, 'a'), await unlink(tenant, 'b')];

  expect(answers.map(({ status, text }) => [status, text])).toEqual([
    [204, ''],
    [204, ''],
    [204, ''],
  ]);
  expect(await linksOf(tenant)).toEqual([]);
  expect(await marksOf(tenant)).toEqual(['a']);
  expect(test.rings).toEqual([{ tenantId: tenant, name: 'linksChanged', arg: { marked: 1 } }]);
  const feed = await test.db.change.findMany({ where: { tenantId: tenant }, orderBy: { sequence: 'asc' } });
  expect(feed.map((change) => (change.data as { link: unknown }).link)).toEqual([
    { profileId: '1', name: 'Profile 1' },
    null,
  ]);
});

describe('linking many', () => {
  it('gives each its own outcome, in order', async () => {
    const tenant = await makeTenant();
    await link(tenant, 'a', '1');
    test.rings.length = 0;

    const answer = await linkMany(tenant, [
      { employeeId: 'a', profileId: '1' },
      { employeeId: 'b', profileId: '1' },
      { employeeId: 'b', profileId: '2' },
      { employeeId: 'c', profileId: '2' },
      { employeeId: 'nobody', profileId: '3' },
      { employeeId: 'c', profileId: 'nothing' },
    ]);

    expect(answer.status).toBe(200);
    expect(answer.body.linked).toBe(2);
    expect(answer.body.refused).toEqual([
      { employeeId: 'b', profileId: '1', code: 'already_linked', detail: 'Already linked to Employee a' },
      { employeeId: 'c', profileId: '2', code: 'already_linked', detail: 'Already linked to Employee b' },
      { employeeId: 'nobody', profileId: '3', code: 'not_found', detail: expect.any(String) },
      { employeeId: 'c', profileId: 'nothing', code: 'unknown_profile', detail: expect.any(String) },
    ]);
    expect(await linksOf(tenant)).toEqual(['a=1', 'b=2']);
    expect(test.rings).toEqual([{ tenantId: tenant, name: 'linksChanged', arg: { marked: 1 } }]);
  });

  it('lets a profile move on when its employee takes another one first', async () => {
    const tenant = await makeTenant();
    await link(tenant, 'a', '1');

    const answer = await linkMany(tenant, [
      { employeeId: 'a', profileId: '2' },
      { employeeId: 'b', profileId: '1' },
    ]);

    expect(answer.body).toEqual({ linked: 2, refused: [] });
    expect(await linksOf(tenant)).toEqual(['a=2', 'b=1']);
  });

  it('lets the later wish for one employee hold, and marks the employee once', async () => {
    const tenant = await makeTenant();

    const answer = await linkMany(tenant, [
      { employeeId: 'a', profileId: '1' },
      { employeeId: 'a', profileId: '2' },
      { employeeId: 'a', profileId: '2' },
    ]);

    expect(answer.body).toEqual({ linked: 3, refused: [] });
    expect(await linksOf(tenant)).toEqual(['a=2']);
    expect(test.rings).toEqual([{ tenantId: tenant, name: 'linksChanged', arg: { marked: 1 } }]);
    expect(await test.db.change.count({ where: { tenantId: tenant } })).toBe(1);
  });

  it('takes a thousand and no more', async () => {
    const tenant = nextTenant();
    await test.call({ method: 'PUT', url: '/api/tenant', tenant, body: { name: 'Many' } });
    const ids = Array.from({ length: 1_000 }, (_, index) => `${index}`);
    await test.db.employee.createMany({
      data: ids.map((id) => ({ tenantId: tenant, id, name: id, createdBy: 'onboarding' })),
    });
    await test.db.profile.createMany({
      data: ids.map((id) => ({ tenantId: tenant, id, name: id, readNumber: 1n, changedReadNumber: 1n })),
    });
    const links = ids.map((id) => ({ employeeId: id, profileId: id }));

    expect((await linkMany(tenant, [...links, ...links.slice(0, 1)])).status).toBe(400);
    expect((await linkMany(tenant, links)).body).toEqual({ linked: 1_000, refused: [] });
    expect(await test.db.recomputeMark.count({ where: { tenantId: tenant } })).toBe(1_000);
    expect(await test.db.change.count({ where: { tenantId: tenant, entity: 'employee' } })).toBe(1_000);
  });

  it('links nothing of another tenant', async () => {
    await makeTenant();
    const stranger = nextTenant();

    const answer = await linkMany(stranger, [{ employeeId: 'a', profileId: '1' }]);

    expect(answer.body).toMatchObject({ linked: 0, refused: [{ code: 'not_found' }] });
    expect(await linksOf(stranger)).toEqual([]);
  });

  it.each([
    ['body.links', undefined],
    ['body.links', 'all'],
    ['body.links.0.employeeId', [{ profileId: '1' }]],
    ['body.links.0.profileId', [{ employeeId: 'a' }]],
    [
      'body.links.1.employeeId',
      [
        { employeeId: 'a', profileId: '1' },
        { employeeId: 'a.b', profileId: '1' },
      ],
    ],
  ])('refuses a wrong %s', async (field, links) => {
    const answer = await linkMany(nextTenant(), links);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`${field}:`);
  });
});

describe('profiles', () => {
  it('are listed with their employee, terminated ones too, deleted ones not', async () => {
    const tenant = await makeTenant();
    await makeProfile(test.db, tenant, '4', {
      name: 'Ñora',
      email: 'Nora@acme.example',
      terminatedOn: '2026-11-21',
    });
    await makeProfile(test.db, tenant, '5', { name: 'Last day', terminatedOn: '2026-11-22' });
    await makeProfile(test.db, tenant, '6', { deleted: true });
    await link(tenant, 'b', '2');

    const answer = await test.call({ url: `${base}/profiles`, tenant });

    const plain = { email: null, active: true, terminatedOn: null, linkedTo: null };
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({
      items: [
        { ...plain, profileId: '5', name: 'Last day', terminatedOn: '2026-11-22' },
        {
          ...plain,
          profileId: '4',
          name: 'Ñora',
          email: 'Nora@acme.example',
          active: false,
          terminatedOn: '2026-11-21',
        },
        { ...plain, profileId: '1', name: 'Profile 1' },
        { ...plain, profileId: '2', name: 'Profile 2', linkedTo: { employeeId: 'b', name: 'Employee b' } },
        { ...plain, profileId: '3', name: 'Profile 3' },
      ],
      nextCursor: null,
    });
  });

  it('are searched and paged', async () => {
    const tenant = await makeTenant();
    await makeProfile(test.db, tenant, '4', { name: 'Ñora', email: 'Nora@acme.example' });
    const list = async (query: string) => (await test.call({ url: `${base}/profiles${query}`, tenant })).body;

    expect((await list('?query=nora')).items).toHaveLength(1);
    expect((await list('?query=ACME')).items).toHaveLength(1);
    const first = await list('?limit=3');
    const second = await list(`?limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map((item: { profileId: string }) => item.profileId)).toEqual([
      '4',
      '1',
      '2',
      '3',
    ]);
    expect(second.nextCursor).toBeNull();
    expect((await test.call({ url: `${base}/profiles`, tenant: nextTenant() })).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it.each(['limit=x', 'cursor=x', `query=${'x'.repeat(201)}`])('refuse %s', async (query) => {
    const answer = await test.call({ url: `${base}/profiles?${query}`, tenant: nextTenant() });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`query.${query.split('=')[0]}:`);
  });
});
