import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recompute } from '../../repositories/recompute.ts';
import {
  makeAbsence,
  makeAbsenceType,
  makeHoliday,
  makePlan,
  makeProfile,
  makeRead,
  nextTenant,
  nowMs,
} from './support/data-fixtures.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp({ now: () => nowMs });
});
afterAll(() => test.close());

const put = (tenant: string, url: string, body: object) => test.call({ method: 'PUT', url, tenant, body });
const calendar = (tenant: string, query: string, id = 'a') =>
  test.call({ url: `/api/employees/${id}/calendar?${query}`, tenant });
const edit = (tenant: string, date: string, body: object, id = 'a') =>
  put(tenant, `/api/employees/${id}/calendar/${date}`, body);
const removeEdit = (tenant: string, date: string, id = 'a') =>
  test.call({ method: 'DELETE', url: `/api/employees/${id}/calendar/${date}`, tenant });
const explain = (tenant: string, date: string, id = 'a') =>
  test.call({ url: `/api/employees/${id}/calendar/${date}/explanation`, tenant });
const settle = (tenant: string) => recompute(test.db, tenant, ['a'], { nowMs });
const oneDay = async (tenant: string, date: string) =>
  (await calendar(tenant, `from=${date}&to=${date}`)).body.items[0];
const dayFeed = async (tenantId: string) =>
  await test.db.change.findMany({
    where: { tenantId, entity: 'calendar_day' },
    orderBy: { sequence: 'asc' },
  });

const workingDay = {
  id: 'working_day',
  key: 'working_day',
  name: 'Working day',
  color: expect.stringMatching(/^#/),
};
const dayOff = { ...workingDay, id: 'day_off', key: 'day_off', name: 'Day off' };

/** Employee a, employed in November 2026, with its days computed. */
async function makeTenant(dates: object = { startsOn: '2026-11-02', endsOn: '2026-12-04' }): Promise<string> {
  const tenant = nextTenant();
  await put(tenant, '/api/employees/a', { name: 'A', ...dates });
  await put(tenant, '/api/day-types/v', { name: 'Vacation', color: '#112233', expectedMinutes: 15 });
  await settle(tenant);
  return tenant;
}

/** The same, linked to profile 1, which works 400 minutes on Mondays, Tuesdays and Wednesdays. */
async function makeLinkedTenant(): Promise<string> {
  const tenant = await makeTenant({});
  await makeProfile(test.db, tenant, '1', { locationId: 'bcn' });
  await put(tenant, '/api/integrations/factorial/employees/a/link', { profileId: '1' });
  await makeAbsenceType(test.db, tenant, 'T');
  await put(tenant, '/api/integrations/factorial/day-types/T', { dayTypeId: 'v' });
  for (const date of ['2026-11-23', '2026-11-24', '2026-11-25']) {
    await makePlan(test.db, tenant, { profileId: '1', date, minutes: 400 });
  }
  return tenant;
}

describe('the calendar', () => {
  it('lists every day of the employment, stored or not, in order', async () => {
    const tenant = await makeTenant();

    const { status, body } = await calendar(tenant, 'from=2026-10-01&to=2026-12-31');

    const dates = body.items.map((day: { date: string }) => day.date);
    expect(status).toBe(200);
    expect([dates[0], dates.at(-1), dates.length]).toEqual(['2026-11-02', '2026-12-04', 33]);
    expect(dates).toEqual(dates.toSorted((a: string, b: string) => a.localeCompare(b)));
    expect(body.items[0]).toEqual({
      date: '2026-11-02',
      dayType: workingDay,
      plannedMinutes: 480,
      expectedMinutes: 480,
      source: 'default',
    });
    expect(body.items[5]).toMatchObject({
      date: '2026-11-07',
      dayType: dayOff,
      plannedMinutes: 0,
      expectedMinutes: 0,
    });
  });

  it('computes days that are not stored, and storing them is left to others', async () => {
    const tenant = await makeTenant({});
    const stored = await test.db.calendarDay.count({ where: { tenantId: tenant } });

    const { items } = (await calendar(tenant, 'from=2026-10-19&to=2026-10-25')).body;
    const later = (await calendar(tenant, 'from=2028-01-01&to=2028-01-07')).body.items;

    expect(items.map((day: { expectedMinutes: number }) => day.expectedMinutes)).toEqual([
      480, 480, 480, 480, 480, 0, 0,
    ]);
    expect(later).toHaveLength(7);
    expect(await test.db.calendarDay.count({ where: { tenantId: tenant } })).toBe(stored);
  });

  it('takes 400 days and no more', async () => {
    const tenant = await makeTenant({});

    expect((await calendar(tenant, 'from=2026-01-01&to=2027-02-04')).body.items).toHaveLength(400);
    expect((await calendar(tenant, 'from=2026-01-01&to=2027-02-05')).status).toBe(400);
  });

  it.each([
    ['from', 'to=2026-11-01'],
    ['to', 'from=2026-11-01'],
    ['to', 'from=2026-11-02&to=2026-11-01'],
    ['from', 'from=2026-02-30&to=2026-03-01'],
    ['from', 'from=0000-01-01&to=2026-03-01'],
    ['to', 'from=2026-11-01&to=9999-12-31'],
    ['to', 'from=2026-11-01&to=tomorrow'],
  ])('refuses a wrong %s: %s', async (field, query) => {
    const answer = await calendar(nextTenant(), query);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`query.${field}:`);
  });
});

describe('a manual edit', () => {
  it('is the day from then on, is told to the feed, and goes away again', async () => {
    const tenant = await makeTenant();
    const before = await oneDay(tenant, '2026-11-24');
    await test.db.change.deleteMany({ where: { tenantId: tenant } });

    const answer = await edit(tenant, '2026-11-24', { dayTypeId: 'v', expectedMinutes: 100, note: 'Agreed' });

    const edited = {
      date: '2026-11-24',
      dayType: { id: 'v', key: null, name: 'Vacation', color: '#112233' },
      plannedMinutes: 480,
      expectedMinutes: 100,
      source: 'manual',
    };
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual(edited);
    expect(await oneDay(tenant, '2026-11-24')).toEqual(edited);
    expect(await dayFeed(tenant)).toMatchObject([
      { entityId: 'a/2026-11-24', operation: 'upsert', data: { ...edited, employeeId: 'a' } },
    ]);
    expect(await test.db.manualEdit.findMany({ where: { tenantId: tenant } })).toMatchObject([
      { note: 'Agreed', editedBy: 'ana', expectedMinutes: 100 },
    ]);

    expect(await removeEdit(tenant, '2026-11-24')).toMatchObject({ status: 204, text: '' });
    expect(await removeEdit(tenant, '2026-11-24')).toMatchObject({ status: 204 });
    expect(await oneDay(tenant, '2026-11-24')).toEqual(before);
    expect(await dayFeed(tenant)).toHaveLength(2);
  });

  it.each([
    ['those of its day type', { dayTypeId: 'v' }, 15],
    ['those planned, for a working day', { dayTypeId: 'working_day' }, 480],
    ['none, for a holiday', { dayTypeId: 'holiday' }, 0],
    ['those it says, also none', { dayTypeId: 'working_day', expectedMinutes: 0 }, 0],
    ['those of its day type, where it says null', { dayTypeId: 'v', expectedMinutes: null, note: null }, 15],
  ])('has the minutes: %s', async (_, body, expectedMinutes) => {
    const tenant = await makeTenant();

    expect((await edit(tenant, '2026-11-24', body)).body).toMatchObject({
      expectedMinutes,
      source: 'manual',
    });
  });

  it('of a working day follows the plan of that very day', async () => {
    const tenant = await makeLinkedTenant();

    const answer = await edit(tenant, '2026-11-24', { dayTypeId: 'working_day' });

    expect(answer.body).toMatchObject({ plannedMinutes: 400, expectedMinutes: 400, source: 'manual' });
  });

  it('replaces an earlier one, and repeated tells the feed nothing', async () => {
    const tenant = await makeTenant();
    await edit(tenant, '2026-11-24', { dayTypeId: 'v' });
    await edit(tenant, '2026-11-24', { dayTypeId: 'holiday' });
    const told = (await dayFeed(tenant)).length;

    await edit(tenant, '2026-11-24', { dayTypeId: 'holiday' });

    expect(await oneDay(tenant, '2026-11-24')).toMatchObject({ dayType: { id: 'holiday' } });
    expect(await dayFeed(tenant)).toHaveLength(told);
  });

  it('is kept on a day outside the horizon', async () => {
    const tenant = await makeTenant({});

    await edit(tenant, '2028-02-29', { dayTypeId: 'v' });

    expect(await oneDay(tenant, '2028-02-29')).toMatchObject({ source: 'manual', expectedMinutes: 15 });
    expect(
      await test.db.calendarDay.count({ where: { tenantId: tenant, date: new Date('2028-02-29') } }),
    ).toBe(1);
  });

  it.each(['2026-11-01', '2026-12-05'])('is refused on %s, outside the employment', async (date) => {
    const tenant = await makeTenant();

    expect(await edit(tenant, date, { dayTypeId: 'v' })).toMatchObject({
      status: 422,
      body: { code: 'not_employed' },
    });
    expect(await test.db.manualEdit.count({ where: { tenantId: tenant } })).toBe(0);
  });

  it('is refused after Factorial ended the employment', async () => {
    const tenant = await makeTenant({});
    await makeProfile(test.db, tenant, '1', { terminatedOn: '2026-11-25' });
    await put(tenant, '/api/integrations/factorial/employees/a/link', { profileId: '1' });

    expect((await edit(tenant, '2026-11-25', { dayTypeId: 'v' })).status).toBe(200);
    expect((await edit(tenant, '2026-11-26', { dayTypeId: 'v' })).body.code).toBe('not_employed');
  });

  it('is refused with a day type that is unknown, or another tenant’s', async () => {
    const tenant = await makeTenant();
    await put(nextTenant(), '/api/day-types/foreign', {
      name: 'Foreign',
      color: '#000000',
      expectedMinutes: 1,
    });

    for (const dayTypeId of ['nothing', 'foreign']) {
      expect(await edit(tenant, '2026-11-24', { dayTypeId })).toMatchObject({
        status: 422,
        body: { code: 'unknown_day_type' },
      });
    }
  });

  it.each([
    ['params.date', '2026-02-30', { dayTypeId: 'v' }],
    ['params.date', '9999-12-31', { dayTypeId: 'v' }],
    ['body.dayTypeId', '2026-11-24', {}],
    ['body.expectedMinutes', '2026-11-24', { dayTypeId: 'v', expectedMinutes: 1441 }],
    ['body.expectedMinutes', '2026-11-24', { dayTypeId: 'v', expectedMinutes: '5' }],
    ['body.note', '2026-11-24', { dayTypeId: 'v', note: 'x'.repeat(1_001) }],
    ['body.note', '2026-11-24', { dayTypeId: 'v', note: 'a\0' }],
  ])('is refused with a wrong %s', async (field, date, body) => {
    const answer = await edit(nextTenant(), date, body);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain(`${field}:`);
  });
});

describe('an explanation', () => {
  it('names the claims with how each reached us, and what lost', async () => {
    const tenant = await makeLinkedTenant();
    const delivered = await makeRead(test.db, tenant, 'delivery', '77');
    const reconciled = await makeRead(test.db, tenant, 'reconciliation', 'r1');
    await makeHoliday(test.db, tenant, 'h', {
      locationId: 'bcn',
      date: '2026-11-24',
      readNumber: reconciled,
    });
    const absence = { profileId: '1', absenceTypeId: 'T', startOn: '2026-11-25', readNumber: delivered };
    await makeAbsence(test.db, tenant, '100', { ...absence, halfDay: 'end_of_day' });
    await makeAbsence(test.db, tenant, '101', { ...absence, approved: null });
    await makePlan(test.db, tenant, {
      profileId: '1',
      date: '2026-11-26',
      minutes: 300,
      readNumber: reconciled,
    });
    await settle(tenant);

    const { status, body } = await explain(tenant, '2026-11-25');

    const dayType = {
      id: 'v',
      key: null,
      name: 'Vacation',
      color: '#112233',
      expectedMinutes: 15,
      builtIn: false,
    };
    expect(status).toBe(200);
    expect(body).toEqual({
      date: '2026-11-25',
      day: await oneDay(tenant, '2026-11-25'),
      planned: { minutes: 400, origin: 'factorial', readAt: null },
      claims: [
        {
          kind: 'absence',
          factorialId: '100',
          share: 0.5,
          minutes: 7.5,
          dayType,
          mappingVersion: 1,
          readAt: '2026-11-22T10:00:00.000Z',
          via: { type: 'delivery', id: '77' },
          workflowId: 'workflow of 77',
          runId: 'run of 77',
        },
      ],
      ignored: [{ factorialId: '101', reason: 'pending' }],
      manualEdit: null,
      factorial: { dayType, expectedMinutes: 208 },
    });
    expect((await explain(tenant, '2026-11-24')).body.claims).toMatchObject([
      { kind: 'holiday', factorialId: 'h', mappingVersion: null, via: { type: 'reconciliation', id: 'r1' } },
    ]);
    expect((await explain(tenant, '2026-11-26')).body.planned).toEqual({
      minutes: 300,
      origin: 'factorial',
      readAt: '2026-11-22T10:00:00.000Z',
    });
  });

  it('of an edited day tells the claims as without the edit, and the edit', async () => {
    const tenant = await makeLinkedTenant();
    await makeAbsence(test.db, tenant, '100', { profileId: '1', absenceTypeId: 'T', startOn: '2026-11-25' });
    await settle(tenant);
    const before = (await explain(tenant, '2026-11-25')).body;

    await edit(tenant, '2026-11-25', { dayTypeId: 'holiday', note: 'Local feast' });

    const after = (await explain(tenant, '2026-11-25')).body;
    expect(before.claims).toHaveLength(1);
    expect(after).toEqual({
      ...before,
      day: await oneDay(tenant, '2026-11-25'),
      manualEdit: {
        dayTypeId: 'holiday',
        expectedMinutes: 0,
        note: 'Local feast',
        by: 'ana',
        at: '2026-11-22T10:00:00.000Z',
      },
    });
    expect(after.day.source).toBe('manual');
  });

  it('of an unlinked employee has the default week and nothing of Factorial', async () => {
    const tenant = await makeTenant();

    expect((await explain(tenant, '2026-11-24')).body).toMatchObject({
      day: { source: 'default' },
      planned: { minutes: 480, origin: 'default_week', readAt: null },
      claims: [],
      ignored: [],
      manualEdit: null,
      factorial: null,
    });
  });

  it('has no day outside the employment', async () => {
    const tenant = await makeTenant();

    expect(await explain(tenant, '2026-12-05')).toMatchObject({
      status: 200,
      body: { date: '2026-12-05', day: null, claims: [], manualEdit: null, factorial: null },
    });
  });

  it('works on a day that is not stored', async () => {
    const tenant = await makeLinkedTenant();
    await makeAbsence(test.db, tenant, '100', { profileId: '1', absenceTypeId: 'T', startOn: '2027-09-01' });
    await makePlan(test.db, tenant, { profileId: '1', date: '2027-09-01', minutes: 60 });
    await settle(tenant);

    expect((await explain(tenant, '2027-09-01')).body).toMatchObject({
      day: { dayType: { id: 'v' }, expectedMinutes: 15 },
      claims: [{ factorialId: '100', share: 1 }],
    });
  });

  it('refuses a wrong date', async () => {
    const answer = await explain(nextTenant(), '22-11-2026');

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.detail).toContain('params.date:');
  });
});

it('an employee that is unknown, or another tenant’s, is not found', async () => {
  await makeTenant();
  const stranger = await makeTenant();
  await test.db.employee.deleteMany({ where: { tenantId: stranger } });

  for (const answer of [
    await calendar(stranger, 'from=2026-11-24&to=2026-11-24'),
    await edit(stranger, '2026-11-24', { dayTypeId: 'v' }),
    await removeEdit(stranger, '2026-11-24'),
    await explain(stranger, '2026-11-24'),
    await calendar(nextTenant(), 'from=2026-11-24&to=2026-11-24'),
  ]) {
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  }
});
