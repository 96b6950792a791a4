import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionActivities } from '../../activities/connection.ts';
import { settingsUntoldMs } from '../../repositories/relay-work.ts';
import { nextTenant, nowMs } from './support/data-fixtures.ts';
import { createTestApp, testConfig, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const path = '/api/integrations/factorial/settings';
const usual = {
  onboarding: 'create',
  nightlyHour: 2,
  horizonDaysBack: 31,
  horizonDaysAhead: 92,
  deletionBrake: { percent: 10, count: 3 },
  defaultWeekMinutes: [480, 480, 480, 480, 480, 0, 0],
};

const putEmployee = (tenant: string, id: string) =>
  test.call({ method: 'PUT', url: `/api/employees/${id}`, tenant, body: { name: id } });
const marksOf = (tenantId: string) => test.db.recomputeMark.count({ where: { tenantId } });
const ringsOf = (tenant: string) => test.rings.filter((ring) => ring.tenantId === tenant);

describe('the tenant', () => {
  it('has defaults before its first write, and reading creates nothing', async () => {
    const tenant = nextTenant();

    const answer = await test.call({ url: '/api/tenant', tenant });

    expect(answer).toMatchObject({
      status: 200,
      body: { id: tenant, name: tenant, timeZone: 'Europe/Madrid', locale: 'es' },
    });
    expect(await test.db.tenant.count({ where: { id: tenant } })).toBe(0);
  });

  it('keeps what it is told, and what it is not told', async () => {
    const tenant = nextTenant();
    const body = { name: 'Acme', timeZone: 'Atlantic/Canary', locale: 'ca' };

    const first = await test.call({ method: 'PUT', url: '/api/tenant', tenant, body });
    const second = await test.call({ method: 'PUT', url: '/api/tenant', tenant, body: { name: 'Acme 2' } });

    expect(first).toMatchObject({ status: 200, body: { id: tenant, ...body } });
    expect(second.body).toEqual({ id: tenant, ...body, name: 'Acme 2' });
    expect((await test.call({ url: '/api/tenant', tenant })).body).toEqual(second.body);
  });

  it('marks everyone and rings when its zone changes, and only then', async () => {
    const tenant = nextTenant();
    await putEmployee(tenant, 'a');
    await putEmployee(tenant, 'b');
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
    test.rings.length = 0;

    await test.call({ method: 'PUT', url: '/api/tenant', tenant, body: { name: 'New', locale: 'en' } });
    expect([await marksOf(tenant), ringsOf(tenant)]).toEqual([0, []]);

    const zone = { name: 'New', timeZone: 'America/New_York' };
    await test.call({ method: 'PUT', url: '/api/tenant', tenant, body: zone });
    await test.call({ method: 'PUT', url: '/api/tenant', tenant, body: zone });
    expect(await marksOf(tenant)).toBe(2);
    expect(ringsOf(tenant)).toEqual([
      { tenantId: tenant, name: 'factsChanged', arg: { marked: 2, settings: true } },
    ]);
  });

  it.each([
    ['name', {}],
    ['name', { name: ' ' }],
    ['name', { name: 'a\0b' }],
    ['timeZone', { name: 'A', timeZone: 'Mars/Olympus' }],
    ['timeZone', { name: 'A', timeZone: '+01:00' }],
    ['locale', { name: 'A', locale: 'not a language' }],
  ])('refuses a wrong %s: %j', async (field, body) => {
    const answer = await test.call({ method: 'PUT', url: '/api/tenant', tenant: nextTenant(), body });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`body.${field}`);
  });
});

describe('the settings', () => {
  it('are the usual ones before the first write, with the hour of the service', async () => {
    expect(await test.call({ url: path, tenant: nextTenant() })).toMatchObject({ status: 200, body: usual });
  });

  it('are replaced whole, and an hour that stays the usual one goes on following the service', async () => {
    const tenant = nextTenant();
    const body = {
      ...usual,
      onboarding: 'suggest',
      horizonDaysBack: 0,
      horizonDaysAhead: 400,
      deletionBrake: { percent: 0, count: 0 },
      defaultWeekMinutes: [1, 2, 3, 4, 5, 6, 1440],
    };

    expect(await test.call({ method: 'PUT', url: path, tenant, body })).toMatchObject({ status: 200, body });
    expect((await test.call({ url: path, tenant })).body).toEqual(body);
    expect((await test.db.tenant.findUniqueOrThrow({ where: { id: tenant } })).nightlyHour).toBeNull();

    await test.call({ method: 'PUT', url: path, tenant, body: { ...body, nightlyHour: 23 } });
    expect((await test.call({ url: path, tenant })).body.nightlyHour).toBe(23);
  });

  it('mark everyone where days follow from them, ring for any change, and log it', async () => {
    const tenant = nextTenant();
    await putEmployee(tenant, 'a');
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });
    test.rings.length = 0;

    await test.call({ method: 'PUT', url: path, tenant, body: { ...usual, nightlyHour: 3 } });
    expect(await marksOf(tenant)).toBe(0);
    expect(ringsOf(tenant).map((ring) => ring.arg)).toEqual([{ marked: 0, settings: true }]);

    const wider = { ...usual, nightlyHour: 3, horizonDaysAhead: 93 };
    await test.call({ method: 'PUT', url: path, tenant, body: wider });
    await test.call({ method: 'PUT', url: path, tenant, body: wider });
    expect(await marksOf(tenant)).toBe(1);
    expect(ringsOf(tenant).map((ring) => ring.arg)).toEqual([
      { marked: 0, settings: true },
      { marked: 1, settings: true },
    ]);
    expect(await test.db.activityEntry.count({ where: { tenantId: tenant, kind: 'person' } })).toBe(2);
  });

  it('have a wider horizon read where Factorial is connected, before its days are computed', async () => {
    const tenant = nextTenant();
    const put = (body: object) =>
      test.call({ method: 'PUT', url: path, tenant, body: { ...usual, ...body } });
    const waiting = () =>
      test.db.reconciliation.findMany({
        where: { tenantId: tenant },
        select: { trigger: true, status: true, generation: true },
      });
    await putEmployee(tenant, 'a');
    await test.db.connection.create({ data: { tenantId: tenant, status: 'connected', generation: 3 } });
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });

    await put({ horizonDaysAhead: 60 });
    expect([await marksOf(tenant), await waiting()]).toEqual([1, []]); // less is known all the same
    await test.db.recomputeMark.deleteMany({ where: { tenantId: tenant } });

    await put({ horizonDaysAhead: 120 });
    await put({ horizonDaysAhead: 121, horizonDaysBack: 40 });
    const queued = { trigger: 'gap', status: 'queued', generation: 3 };
    expect([await marksOf(tenant), await waiting()]).toEqual([0, [queued]]);

    await put({ horizonDaysAhead: 200, defaultWeekMinutes: [1, 2, 3, 4, 5, 6, 7] });
    expect([await marksOf(tenant), await waiting()]).toEqual([1, [queued]]); // the week holds at once
  });

  it('and the zone are rung for until the connection workflow has looked at them', async () => {
    const tenant = nextTenant();
    const isUntold = async () => (await settingsUntoldMs(test.db, tenant)) !== null;
    const { db, cipher, logger } = test.deps;
    const settings = {
      ...testConfig,
      apiVersion: '2026-10-01',
      requestsPerMinute: 180,
      planRequestsPerNight: 10_000,
      holidayPollMinutes: 60,
    };
    const { readConnection } = createConnectionActivities({ db, cipher, logger, settings });
    const look = () => readConnection({ tenantId: tenant, nowMs });
    const putSettings = (nightlyHour: number) =>
      test.call({ method: 'PUT', url: path, tenant, body: { ...usual, nightlyHour } });
    const putZone = (timeZone: string) =>
      test.call({ method: 'PUT', url: '/api/tenant', tenant, body: { name: 'Acme', timeZone } });

    await putZone('Europe/Madrid');
    expect(await isUntold()).toBe(false); // as it was
    await putSettings(5);
    expect(await isUntold()).toBe(true);
    expect((await look()).nightlyHour).toBe(5);
    expect(await isUntold()).toBe(false);
    await putSettings(5);
    expect(await isUntold()).toBe(false);
    await putZone('America/New_York');
    expect(await isUntold()).toBe(true);
  });

  it.each([
    ['onboarding', { onboarding: 'maybe' }],
    ['nightlyHour', { nightlyHour: 24 }],
    ['nightlyHour', { nightlyHour: undefined }],
    ['horizonDaysBack', { horizonDaysBack: 401 }],
    ['horizonDaysBack', { horizonDaysBack: -1 }],
    ['horizonDaysAhead', { horizonDaysAhead: 0 }],
    ['horizonDaysAhead', { horizonDaysAhead: 1.5 }],
    ['deletionBrake.percent', { deletionBrake: { percent: 101, count: 3 } }],
    ['deletionBrake.count', { deletionBrake: { percent: 10, count: -1 } }],
    ['defaultWeekMinutes', { defaultWeekMinutes: [480, 480, 480, 480, 480, 0] }],
    ['defaultWeekMinutes.6', { defaultWeekMinutes: [480, 480, 480, 480, 480, 0, 1441] }],
  ])('refuse a wrong %s: %j', async (field, wrong) => {
    const answer = await test.call({
      method: 'PUT',
      url: path,
      tenant: nextTenant(),
      body: { ...usual, ...wrong },
    });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`body.${field}:`);
  });
});
