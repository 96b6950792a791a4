import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  makeAbsence,
  makeAbsenceType,
  makeProfile,
  nextTenant,
  nowMs,
  today,
} from './support/data-fixtures.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const wizard = '/api/integrations/factorial/employees';
const put = (tenant: string, id: string, body: object) =>
  test.call({ method: 'PUT', url: `/api/employees/${id}`, tenant, body: { name: id, ...body } });
const get = (tenant: string, id: string) => test.call({ url: `/api/employees/${id}`, tenant });
const link = (tenant: string, id: string, profileId: string) =>
  test.call({ method: 'PUT', url: `${wizard}/${id}/link`, tenant, body: { profileId } });
const names = (items: { name: string }[]) => items.map((item) => item.name);
const feedOf = async (tenantId: string) =>
  await test.db.change.findMany({ where: { tenantId, entity: 'employee' }, orderBy: { sequence: 'asc' } });
const day = (offset: number) =>
  new Date(Date.parse(`${today}T00:00:00Z`) + offset * 86_400_000).toISOString().slice(0, 10);

describe('putting an employee', () => {
  it('creates it with its tenant, marks it, rings, and tells the feed the same as the reader', async () => {
    const tenant = nextTenant();
    const body = { name: 'Ana Puig', email: ' Ana@Acme.example ', startsOn: '2026-01-01', endsOn: null };

    const answer = await put(tenant, 'ana_1-X', body);

    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      employeeId: 'ana_1-X',
      ...body,
      active: true,
      link: null,
      suggestion: null,
      parked: 0,
    });
    expect((await get(tenant, 'ana_1-X')).body).toEqual(answer.body);
    expect(await feedOf(tenant)).toMatchObject([
      { entityId: 'ana_1-X', operation: 'upsert', data: answer.body },
    ]);
    expect(await test.db.recomputeMark.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { employeeId: 'ana_1-X', fromOn: null, toOn: null },
    ]);
    expect(test.rings.filter((ring) => ring.tenantId === tenant)).toEqual([
      { tenantId: tenant, name: 'factsChanged', arg: { marked: 1 } },
    ]);
    expect(await test.db.employee.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { emailKey: 'ana@acme.example', createdBy: 'time@work' },
    ]);
  });

  it('says nothing to the feed when nothing changes, and marks only for other dates', async () => {
    const tenant = nextTenant();
    await put(tenant, 'a', { email: 'a@acme.example', startsOn: '2026-01-01' });
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
    test.rings.length = 0;

    const same = await put(tenant, 'a', { email: 'a@acme.example', startsOn: '2026-01-01' });
    expect([same.status, (await feedOf(tenant)).length]).toEqual([200, 1]);

    const renamed = await put(tenant, 'a', {
      name: 'Renamed',
      email: 'a@acme.example',
      startsOn: '2026-01-01',
    });
    expect([renamed.status, renamed.body.name, (await feedOf(tenant)).length]).toEqual([200, 'Renamed', 2]);
    expect(await test.db.recomputeMark.count({ where: { tenantId: tenant } })).toBe(0);
    expect(test.rings).toEqual([]);

    const emptied = await put(tenant, 'a', { name: 'Renamed' });
    expect(emptied.body).toMatchObject({ email: null, startsOn: null, endsOn: null });
    expect(await test.db.recomputeMark.count({ where: { tenantId: tenant } })).toBe(1);
    expect(test.rings).toHaveLength(1);
  });

  it('creates once when two ask at the same time', async () => {
    const tenant = nextTenant();

    const answers = await Promise.all([put(tenant, 'a', {}), put(tenant, 'a', {}), put(tenant, 'a', {})]);

    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
    expect(await feedOf(tenant)).toHaveLength(1);
  });

  it.each([
    ['body.name', 'a', { name: undefined }],
    ['body.name', 'a', { name: '' }],
    ['body.name', 'a', { name: 'x'.repeat(201) }],
    ['body.email', 'a', { email: 'nobody' }],
    ['body.email', 'a', { email: 7 }],
    ['body.startsOn', 'a', { startsOn: '2026-02-30' }],
    ['body.startsOn', 'a', { startsOn: '0000-01-01' }],
    ['body.endsOn', 'a', { endsOn: '22/11/2026' }],
    ['body.endsOn', 'a', { startsOn: '2026-02-02', endsOn: '2026-02-01' }],
    ['params.employeeId', 'a.b', {}],
    ['params.employeeId', 'x'.repeat(61), {}],
  ])('refuses a wrong %s', async (field, id, body) => {
    const answer = await put(nextTenant(), id, body);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`${field}:`);
  });
});

describe('an employee is active', () => {
  it.each([
    ['without dates', {}, null, true],
    ['on the first day', { startsOn: day(0) }, null, true],
    ['not before it', { startsOn: day(1) }, null, false],
    ['on the last day', { endsOn: day(0) }, null, true],
    ['not after it', { endsOn: day(-1) }, null, false],
    ['until Factorial ends it, if that is earlier', { endsOn: day(9) }, day(-1), false],
    ['on the last day in Factorial', { endsOn: day(9) }, day(0), true],
    ['not longer than WorkMeter says', { endsOn: day(-1) }, day(9), false],
  ])('%s', async (_, dates, terminatedOn, active) => {
    const tenant = nextTenant();
    await put(tenant, 'a', dates);
    if (terminatedOn !== null) {
      await makeProfile(test.db, tenant, '1', { terminatedOn });
      await link(tenant, 'a', '1');
    }

    expect((await get(tenant, 'a')).body.active).toBe(active);
    expect((await test.db.employee.findFirstOrThrow({ where: { tenantId: tenant } })).announcedActive).toBe(
      active,
    );
  });

  it('by the date in the zone of its tenant', async () => {
    const tenant = nextTenant();
    await test.call({
      method: 'PUT',
      url: '/api/tenant',
      tenant,
      body: { name: 'A', timeZone: 'Pacific/Kiritimati' },
    });
    await put(tenant, 'a', { startsOn: day(1) }); // 10:00 UTC on the 22nd is already the 23rd, 00:00, there

    expect((await get(tenant, 'a')).body.active).toBe(true);
  });
});

describe('a profile is suggested', () => {
  it.each([
    [
      'when its e-mail is exactly one free employee’s, whatever the case',
      ['ANA@acme.example '],
      [{ email: 'ana@acme.example' }],
      '1',
    ],
    [
      'not when two employees share the e-mail',
      ['a@acme.example', 'a@acme.example'],
      [{ email: 'a@acme.example' }],
      null,
    ],
    [
      'not when two profiles share the e-mail',
      ['a@acme.example'],
      [{ email: 'a@acme.example' }, { email: 'A@acme.example' }],
      null,
    ],
    [
      'not when it has been terminated',
      ['a@acme.example'],
      [{ email: 'a@acme.example', terminatedOn: day(-1) }],
      null,
    ],
    ['still on its last day', ['a@acme.example'], [{ email: 'a@acme.example', terminatedOn: day(0) }], '1'],
    ['not when it is gone', ['a@acme.example'], [{ email: 'a@acme.example', deleted: true }], null],
    ['not without an e-mail', [null], [{ email: null }], null],
    [
      'when its namesake has been terminated',
      ['a@acme.example'],
      [{ email: 'a@acme.example' }, { email: 'a@acme.example', terminatedOn: day(-1) }],
      '1',
    ],
  ])('%s', async (_, emails, profiles, suggested) => {
    const tenant = nextTenant();
    for (const [index, email] of emails.entries()) await put(tenant, `e${index}`, { email });
    for (const [index, profile] of profiles.entries())
      await makeProfile(test.db, tenant, `${index + 1}`, profile);

    const { suggestion } = (await get(tenant, 'e0')).body;

    expect(suggestion).toEqual(
      suggested === null ? null : { profileId: suggested, name: `Profile ${suggested}` },
    );
  });

  it('not when it is linked, and not to a linked employee; a linked namesake is no rival', async () => {
    const tenant = nextTenant();
    const email = 'a@acme.example';
    await put(tenant, 'a', { email });
    await put(tenant, 'b', { email });
    await makeProfile(test.db, tenant, '1', { email });
    await makeProfile(test.db, tenant, '2', { email });

    await link(tenant, 'a', '1');

    expect((await get(tenant, 'a')).body).toMatchObject({
      link: { profileId: '1', name: 'Profile 1' },
      suggestion: null,
    });
    expect((await get(tenant, 'b')).body).toMatchObject({ link: null, suggestion: { profileId: '2' } });
  });
});

it('counts as parked what is approved, present, in the horizon and without a meaning, of the linked profile', async () => {
  const tenant = nextTenant();
  await put(tenant, 'a', {});
  await put(tenant, 'b', {});
  await makeProfile(test.db, tenant, '1');
  for (const id of ['open', 'ignored', 'mapped']) await makeAbsenceType(test.db, tenant, id);
  await test.db.dayTypeMapping.createMany({
    data: [
      { tenantId: tenant, absenceTypeId: 'ignored', ignored: true, changedBy: 'x' },
      { tenantId: tenant, absenceTypeId: 'mapped', dayTypeId: 'holiday', changedBy: 'x' },
      { tenantId: tenant, absenceTypeId: 'open', changedBy: 'x' },
    ],
  });
  const open = { profileId: '1', absenceTypeId: 'open' };
  await makeAbsence(test.db, tenant, 'counts', open);
  await makeAbsence(test.db, tenant, 'counts, without an end', {
    ...open,
    startOn: '2020-01-01',
    finishOn: null,
  });
  await makeAbsence(test.db, tenant, 'counts, first day', { ...open, startOn: day(-40), finishOn: day(-31) });
  await makeAbsence(test.db, tenant, 'counts, last day', { ...open, startOn: day(92) });
  await makeAbsence(test.db, tenant, 'before', { ...open, startOn: day(-32) });
  await makeAbsence(test.db, tenant, 'after', { ...open, startOn: day(93) });
  await makeAbsence(test.db, tenant, 'pending', { ...open, approved: null });
  await makeAbsence(test.db, tenant, 'rejected', { ...open, approved: false });
  await makeAbsence(test.db, tenant, 'deleted', { ...open, deleted: true });
  await makeAbsence(test.db, tenant, 'of an ignored type', { ...open, absenceTypeId: 'ignored' });
  await makeAbsence(test.db, tenant, 'of a mapped type', { ...open, absenceTypeId: 'mapped' });

  expect((await get(tenant, 'a')).body.parked).toBe(0);
  await link(tenant, 'a', '1');

  expect((await get(tenant, 'a')).body.parked).toBe(4);
  expect((await get(tenant, 'b')).body.parked).toBe(0);
});

describe('the lists', () => {
  const people = ['Álvaro', 'bea', 'Bea', 'Carla', 'zoe', 'Óscar'];
  const sorted = ['Álvaro', 'bea', 'Bea', 'Carla', 'Óscar', 'zoe'];

  async function makePeople(): Promise<string> {
    const tenant = nextTenant();
    for (const [index, name] of people.entries())
      await put(tenant, `e${index}`, { name, email: `${index}@Acme.example` });
    await makeProfile(test.db, tenant, '1');
    await link(tenant, 'e3', '1');
    return tenant;
  }

  it.each([wizard, '/api/employees'])(
    'of %s go page by page by name, without gaps and doubles',
    async (url) => {
      const tenant = await makePeople();
      const seen: string[] = [];
      let cursor: string | null = '';
      let pages = 0;

      for (; cursor !== null && pages < 9; pages += 1) {
        const answer = await test.call({ url: `${url}?limit=2${cursor && `&cursor=${cursor}`}`, tenant });
        expect(answer.body.items.length).toBeLessThanOrEqual(2);
        seen.push(...names(answer.body.items));
        cursor = answer.body.nextCursor;
      }

      expect(seen).toEqual(sorted);
      expect(pages).toBe(3); // the last page knows that it is the last, also when it is full
      expect(names((await test.call({ url, tenant })).body.items)).toEqual(sorted);
    },
  );

  it.each([
    ['?status=linked', ['Carla']],
    ['?status=unlinked', ['Álvaro', 'bea', 'Bea', 'Óscar', 'zoe']],
    ['?query=ALVA', ['Álvaro']],
    ['?query=%C3%B3sca', ['Óscar']],
    ['?query=2%40acme', ['Bea']],
    ['?query=%25', []],
    ['?query=', sorted],
    ['?query=e&status=unlinked&limit=1', ['Álvaro']],
  ])('are filtered by %s', async (query, expected) => {
    const tenant = await makePeople();

    const answer = await test.call({ url: `${wizard}${query}`, tenant });

    expect(names(answer.body.items)).toEqual(expected);
  });

  it.each([
    ['limit', `${wizard}?limit=201`],
    ['limit', '/api/employees?limit=0'],
    ['cursor', '/api/employees?cursor=nonsense'],
    ['cursor', `${wizard}?cursor=${Buffer.from('["a","b\\u0000"]').toString('base64url')}`],
    ['status', `${wizard}?status=maybe`],
    ['query', `${wizard}?query=a%00b`],
  ])('refuse a wrong %s: %s', async (field, url) => {
    const answer = await test.call({ url, tenant: nextTenant() });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`query.${field}:`);
  });

  it('are empty for a tenant that does not exist yet', async () => {
    const tenant = nextTenant();

    expect((await test.call({ url: '/api/employees', tenant })).body).toEqual({
      items: [],
      nextCursor: null,
    });
    expect((await test.call({ url: wizard, tenant })).body).toEqual({ items: [], nextCursor: null });
  });
});
