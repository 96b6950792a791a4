import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '../domain/errors.ts';
import { createFactorialClient } from './client.ts';
import { createFactorialHttp } from './http.ts';
import { pages, type Page } from './page.ts';
import {
  listOf,
  neverAborted as signal,
  rejectionOf,
  startLocalServer,
  type LocalServer,
} from './test-support/local-server.ts';

let server: LocalServer;
let client: ReturnType<typeof createFactorialClient>;
beforeAll(async () => {
  server = await startLocalServer();
  client = createFactorialClient(
    createFactorialHttp({ apiHost: server.origin, apiVersion: '2026-10-01', accessToken: 'token' }),
  );
});
afterAll(() => server.close());

const employee = {
  id: '18446744073709742',
  access_id: '18446744073709811',
  company_id: '18446744073709601',
  first_name: 'Nora',
  last_name: 'Vidal Soler',
  full_name: 'Nora Vidal Soler',
  email: 'nora@acme.example',
  company_identifier: 'E-0107',
  location_id: '18446744073709560',
  active: true,
  terminated_on: null,
  seniority_calculation_date: '2024-02-01',
  created_at: '2024-01-15T23:30:00.000Z',
  updated_at: '2026-11-02T08:12:44.000Z',
};
const absence = {
  id: '18446744073712001',
  employee_id: '18446744073709742',
  leave_type_id: '18446744073709590',
  start_on: '2026-12-07',
  finish_on: '2026-12-11',
  half_day: null,
  hours_amount_in_cents: null,
  approved: true,
  updated_at: '2026-11-04T07:31:09.000Z',
  deleted_at: null,
};
const holiday = {
  id: '18446744073709977',
  location_id: '18446744073709560',
  date: '2026-12-25',
  summary: 'Navidad',
  half_day: null,
};
const plannedDay = {
  id: 'x',
  employee_id: '18446744073709742',
  date: '2026-11-23',
  expected_minutes: 480,
  source: 'work_schedule',
};
const subscription = {
  id: '501',
  type: 'timeoff/leave/approve',
  target_url: 'https://timework.example/hooks/x',
  company_id: '18446744073709601',
  enabled: true,
  api_version: '2026-10-01',
  challenge: 'c1b0',
};

function query() {
  return [...(server.requests[0]?.query ?? [])].map(([name, value]) => `${name}=${value}`);
}

describe('lists', () => {
  it('ask for employees with every required parameter', async () => {
    server.answerWith(200, listOf(employee));

    const page = await client.listEmployees({ ids: ['1', '2'], afterId: 'MTc=' }, signal);

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/employees/employees');
    expect(query()).toEqual([
      'ids[]=1',
      'ids[]=2',
      'only_active=false',
      'only_managers=false',
      'limit=100',
      'after_id=MTc=',
    ]);
    expect(page).toEqual({
      rows: [
        {
          id: '18446744073709742',
          name: 'Nora Vidal Soler',
          email: 'nora@acme.example',
          employeeNumber: 'E-0107',
          locationId: '18446744073709560',
          seniorityOn: '2024-02-01',
          createdOn: '2024-01-15',
          createdAt: new Date('2024-01-15T23:30:00.000Z'),
          terminatedOn: null,
          active: true,
          updatedAt: new Date('2026-11-02T08:12:44.000Z'),
        },
      ],
      invalid: [],
      total: 1,
      nextCursor: null,
    });
  });

  it('ask for absences in every state, with or without deleted ones', async () => {
    server.answerWith(200, listOf(absence));

    const page = await client.listAbsences(
      { from: '2026-10-22', to: '2027-02-22', includeDeleted: true },
      signal,
    );

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/timeoff/leaves');
    expect(query()).toEqual(['from=2026-10-22', 'to=2027-02-22', 'include_deleted_leaves=true', 'limit=100']);
    expect(page.rows).toEqual([
      {
        id: '18446744073712001',
        profileId: '18446744073709742',
        absenceTypeId: '18446744073709590',
        startOn: '2026-12-07',
        finishOn: '2026-12-11',
        halfDay: null,
        hoursInCents: null,
        approved: true,
        updatedAt: new Date('2026-11-04T07:31:09.000Z'),
        deletedAt: null,
      },
    ]);

    server.answerWith(200, listOf());
    await client.listAbsences({ includeDeleted: false }, signal);
    expect(query()).toEqual(['include_deleted_leaves=false', 'limit=100']);
  });

  it('read absence types, whose missing flags mean active and not workable', async () => {
    server.answerWith(
      200,
      listOf(
        { id: '1', name: 'Vacaciones', color: '#5D8CFF', active: false, workable: true },
        { id: '2', name: null },
      ),
    );

    const page = await client.listAbsenceTypes({ ids: ['1', '2'] }, signal);

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/timeoff/leave_types');
    expect(query()).toEqual(['ids[]=1', 'ids[]=2', 'limit=100']);
    expect(page.rows).toEqual([
      { id: '1', name: 'Vacaciones', color: '#5D8CFF', active: false, workable: true },
      { id: '2', name: '2', color: null, active: true, workable: false },
    ]);
  });

  it('read holidays of some days', async () => {
    server.answerWith(
      200,
      listOf(holiday, { id: '2', location_id: null, date: '2027-01-05', half_day: 'beggining_of_day' }),
    );

    const page = await client.listHolidays({ from: '2026-10-22', to: '2027-02-22' }, signal);

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/holidays/company_holidays');
    expect(query()).toEqual(['start_at=2026-10-22', 'end_at=2027-02-22', 'limit=100']);
    expect(page.rows).toEqual([
      { id: '18446744073709977', locationId: '18446744073709560', date: '2026-12-25', halfDay: null },
      { id: '2', locationId: null, date: '2027-01-05', halfDay: 'beginning_of_day' },
    ]);
  });

  it('read planned minutes exact to the digit', async () => {
    const amounts = ['480', '462.5', '480.0', '0', 'null', '"450.50"', '462.50000000000000001'];
    const rows = amounts.map(
      (amount) =>
        `{"employee_id":"7","date":"2026-11-23","expected_minutes":${amount},"source":"contract_hours"}`,
    );
    server.answerWith(200, `{"data":[${rows.join(',')}],"meta":{"has_next_page":false}}`);

    const page = await client.listPlannedMinutes(
      { profileIds: ['7'], from: '2026-11-23', to: '2026-11-29' },
      signal,
    );

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/attendance/estimated_times');
    expect(query()).toEqual(['employee_ids[]=7', 'start_on=2026-11-23', 'end_on=2026-11-29', 'limit=100']);
    expect(page.rows[0]).toEqual({
      profileId: '7',
      date: '2026-11-23',
      expectedMinutes: '480',
      source: 'contract_hours',
    });
    expect(page.rows.map((row) => row.expectedMinutes)).toEqual([
      '480',
      '462.5',
      '480',
      '0',
      null,
      '450.5',
      '462.50000000000000001',
    ]);
  });

  it('read who follows a work schedule', async () => {
    server.answerWith(
      200,
      listOf(
        {
          id: 's',
          employee_ids: ['7', '8'],
          updated_at: '2026-01-02T00:00:00Z',
          periods: [],
        },
        { id: 't' },
      ),
    );

    const page = await client.listSchedules({}, signal);

    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/work_schedule/schedules');
    expect(query()).toEqual(['with_employee_ids=true', 'with_periods=true', 'limit=100']);
    expect(page.rows).toEqual([
      {
        id: 's',
        profileIds: ['7', '8'],
        updatedAt: new Date('2026-01-02T00:00:00Z'),
      },
      { id: 't', profileIds: [], updatedAt: null },
    ]);
  });

  it('ask nothing for an empty set of ids, which would otherwise mean all', async () => {
    server.answerWith(200, listOf(employee));

    expect(await client.listEmployees({ ids: [] }, signal)).toEqual({
      rows: [],
      invalid: [],
      total: 0,
      nextCursor: null,
    });
    expect(
      (await client.listPlannedMinutes({ profileIds: [], from: '2026-11-23', to: '2026-11-29' }, signal))
        .rows,
    ).toEqual([]);

    expect(server.requests).toHaveLength(0);
  });

  it('refuse more ids than fit into one request', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => String(index));

    expect(await rejectionOf(client.listEmployees({ ids }, signal))).toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('what is asked for by ids', () => {
  const ids = ['1', '2', '3', '4', '5'];
  /** Pages of two rows; `next` says which row a page begins with, by the cursor that was sent. */
  const answerInPages = (next: (cursor: string | null) => number) =>
    server.answer(({ query: asked }, response) => {
      const start = next(asked.get('after_id'));
      const data = ids.slice(start, start + 2).map((id) => ({ ...employee, id }));
      const hasNext = start + 2 < ids.length;
      const meta = {
        has_next_page: hasNext,
        end_cursor: hasNext ? String(start + 2) : null,
        total: ids.length,
      };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data, meta: { ...meta, has_previous_page: start > 0, limit: 2 } }));
    });

  it('comes whole, also where Factorial’s pages are smaller than ours', async () => {
    answerInPages(Number);

    const page = await client.listEmployees({ ids }, signal);

    expect(page.rows.map(({ id }) => id)).toEqual(ids);
    expect(page).toMatchObject({ total: 5, nextCursor: null });
    expect(server.requests.map((request) => request.query.getAll('ids[]'))).toEqual([ids, ids, ids]);
  });

  it('is not taken for whole where the pages repeat themselves', async () => {
    answerInPages(() => 0);

    const page = await client.listEmployees({ ids }, signal);

    expect(page.rows.map(({ id }) => id)).toEqual(['1', '2']);
    expect(page.nextCursor).not.toBeNull();
    expect(server.requests).toHaveLength(2);
  });

  it('is one request where all of it has come, whatever the page announces', async () => {
    answerInPages(Number);

    const page = await client.listEmployees({ ids: ['1', '2'] }, signal);

    expect(page.rows).toHaveLength(2);
    expect(server.requests).toHaveLength(1);
  });
});

describe('ids', () => {
  it('above 2^53 keep their digits, as text or as numbers', async () => {
    const sent = ['"36893488147419103"', '36893488147419103', '9007199254740993', '742', '"access-1"', '0'];
    const rows = sent.map(
      (id) => `{"id":${id},"employee_id":${id},"start_on":"2026-12-07","leave_type_id":${id}}`,
    );
    server.answerWith(200, `{"data":[${rows.join(',')}],"meta":{"has_next_page":false,"total":6}}`);

    const { rows: absences, invalid } = await client.listAbsences({ includeDeleted: true }, signal);

    const ids = ['36893488147419103', '36893488147419103', '9007199254740993', '742', 'access-1', '0'];
    expect(invalid).toEqual([]);
    expect(absences.map((row) => row.id)).toEqual(ids);
    expect(absences.map((row) => row.profileId)).toEqual(ids);
    expect(absences.map((row) => row.absenceTypeId)).toEqual(ids);
  });

  it('that are no ids are schema drift', async () => {
    for (const id of [
      'null',
      '""',
      '" "',
      '"a b"',
      '"a\\u0000"',
      '1.5',
      '-1',
      '1e20',
      '12345678901234567.5',
      'true',
      '{}',
      '["1"]',
      `"${'x'.repeat(256)}"`,
    ]) {
      server.answerWith(200, `{"data":[{"id":${id},"name":"x"}],"meta":{"has_next_page":false}}`);

      const page = await client.listAbsenceTypes({}, signal);

      expect(page.rows).toEqual([]);
      expect(page.invalid).toHaveLength(1);
      expect(page.invalid[0]?.details).toEqual({ resource: 'absence_types', field: 'id' });
    }
  });
});

describe('fields', () => {
  it('that the product does not need never leave the parser', async () => {
    const planted = 'PLANTED';
    const personal = [
      'personal_email',
      'login_email',
      'communications_email',
      'preferred_name',
      'birth_name',
      'pronouns',
      'gender',
      'birthday_on',
      'nationality',
      'country',
      'state',
      'city',
      'address_line_1',
      'address_line_2',
      'postal_code',
      'phone_number',
      'contact_name',
      'contact_number',
      'birthplace',
      'country_of_birth',
      'identifier',
      'identifier_type',
      'social_security_number',
      'bank_number',
      'swift_bic',
      'termination_reason',
      'termination_observations',
      'description',
      'reason',
      'employee_full_name',
      'summary',
      'tin',
      'salary',
      'a_field_of_next_year',
      '__proto__',
    ];
    const extra = Object.fromEntries(personal.map((name) => [name, `${planted} ${name}`]));
    const lists = [
      () => client.listEmployees({}, signal),
      () => client.listAbsences({ includeDeleted: true }, signal),
      () => client.listAbsenceTypes({}, signal),
      () => client.listHolidays({}, signal),
      () => client.listPlannedMinutes({ profileIds: ['7'], from: '2026-11-23', to: '2026-11-23' }, signal),
      () => client.listSchedules({}, signal),
      () => client.listSubscriptions({}, signal),
      () => client.getCredentials(signal),
    ];
    const everything = {
      ...extra,
      ...subscription,
      ...plannedDay,
      ...holiday,
      ...absence,
      ...employee,
      summary: `${planted} summary`,
    };
    server.answerWith(
      200,
      listOf(
        everything,
        { ...everything, id: null },
        { ...everything, start_on: planted, date: planted, active: planted },
      ),
    );

    for (const list of lists.slice(0, -1)) {
      const result = (await list()) as Page<object>;
      expect(result.rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(result)).not.toContain(planted);
      expect(JSON.stringify(result.invalid.map((error) => error.message))).not.toContain(planted);
      expect(JSON.stringify(result.rows)).not.toMatch(/first_name|"Nora"|Vidal"/);
    }
    server.answerWith(
      200,
      listOf({ ...everything, id: 'access-1', name: planted, legal_name: planted, employee_id: '7' }),
    );
    expect(JSON.stringify(await client.getCredentials(signal))).not.toContain(planted);
  });

  it('may all be missing or null but those without which a row means nothing', async () => {
    const bare = { rows: [expect.anything(), expect.anything()], invalid: [] };
    const twice = (row: object, ...names: string[]) =>
      listOf(row, { ...row, ...Object.fromEntries(names.map((name) => [name, null])) });

    server.answerWith(
      200,
      twice(
        { id: '1' },
        'full_name',
        'first_name',
        'last_name',
        'email',
        'location_id',
        'created_at',
        'active',
        'updated_at',
      ),
    );
    expect(await client.listEmployees({}, signal)).toMatchObject(bare);
    server.answerWith(
      200,
      twice(
        { id: '1', employee_id: '7', start_on: '2026-12-07' },
        'leave_type_id',
        'finish_on',
        'half_day',
        'approved',
        'updated_at',
      ),
    );
    expect(await client.listAbsences({ includeDeleted: true }, signal)).toMatchObject(bare);
    server.answerWith(
      200,
      twice({ employee_id: '7', date: '2026-11-23' }, 'id', 'expected_minutes', 'source'),
    );
    expect(
      await client.listPlannedMinutes({ profileIds: ['7'], from: '2026-11-23', to: '2026-11-23' }, signal),
    ).toMatchObject(bare);
    server.answerWith(
      200,
      twice(
        { id: '1', type: 'a/b/c', target_url: 'https://x.example' },
        'company_id',
        'enabled',
        'api_version',
        'challenge',
      ),
    );
    expect(await client.listSubscriptions({}, signal)).toMatchObject({
      rows: [{ enabled: false }, { enabled: false }],
      invalid: [],
    });
  });

  it.each([
    [{ full_name: null }, 'Nora Vidal Soler'],
    [{ full_name: ' ', last_name: null }, 'Nora'],
    [{ full_name: null, first_name: '' }, 'Vidal Soler'],
    [{ full_name: null, first_name: null, last_name: undefined }, '18446744073709742'],
    [{ full_name: 'No\0ra' }, 'Nora'],
    [{ full_name: 'Nora \ud83d Vidal 🌻' }, 'Nora  Vidal 🌻'],
  ])('give a name in any case: %j', async (fields, name) => {
    server.answerWith(200, listOf({ ...employee, ...fields }));

    expect((await client.listEmployees({}, signal)).rows[0]?.name).toBe(name);
  });

  it.each([
    ['beginning_of_day', 'beginning_of_day'],
    ['beggining_of_day', 'beginning_of_day'],
    ['end_of_day', 'end_of_day'],
    ['a_quarter', 'a_quarter'],
    ['', null],
  ])('half_day %j reads as %j', async (half_day, halfDay) => {
    server.answerWith(200, listOf({ ...absence, half_day }));

    expect((await client.listAbsences({ includeDeleted: true }, signal)).rows[0]?.halfDay).toBe(halfDay);
  });

  it.each([
    { start_on: null },
    { start_on: undefined },
    { start_on: '2026-02-30' },
    { start_on: '2025-02-29' },
    { start_on: '2026-13-01' },
    { start_on: '0000-01-01' },
    { start_on: '2026-1-1' },
    { start_on: '2026-12-07T00:00:00Z' },
    { start_on: 20261207 },
    { finish_on: 'never' },
    { employee_id: null },
    { half_day: 1 },
    { hours_amount_in_cents: '800' },
    { hours_amount_in_cents: 1.5 },
    { hours_amount_in_cents: 2_147_483_648 },
    { approved: 'true' },
    { approved: 1 },
    { updated_at: '2026-11-04' },
    { updated_at: '2026-11-04 07:31:09' },
    { updated_at: '2026-02-30T07:31:09.000Z' },
    { updated_at: '0000-02-20T07:31:09.000Z' },
    { updated_at: 1795000000 },
    { deleted_at: false },
    { leave_type_id: {} },
  ])('of another type are schema drift of that row alone: %j', async (fields) => {
    server.answerWith(
      200,
      listOf(
        { ...absence, id: '1' },
        { ...absence, id: '36893488147419103', ...fields },
        { ...absence, id: '3' },
      ),
    );

    const page = await client.listAbsences({ includeDeleted: true }, signal);

    const field = Object.keys(fields)[0];
    expect(page.rows.map((row) => row.id)).toEqual(['1', '3']);
    expect(page.total).toBe(3);
    expect(page.invalid).toHaveLength(1);
    expect(page.invalid[0]).toMatchObject({
      code: 'schema_drift',
      message: `Factorial's answer for absences 36893488147419103 has a field ${field} of another form than documented.`,
      details: { resource: 'absences', factorialId: '36893488147419103', field },
    });
  });

  it('accept the 29th of February of a leap year and instants with an offset', async () => {
    server.answerWith(
      200,
      listOf({ ...absence, start_on: '2028-02-29', updated_at: '2026-11-04T08:31:09+01:00' }),
    );

    const [row] = (await client.listAbsences({ includeDeleted: true }, signal)).rows;

    expect(row).toMatchObject({ startOn: '2028-02-29', updatedAt: new Date('2026-11-04T07:31:09.000Z') });
  });

  it.each(['-1', '"much"', '10000000', '1e3', '1e-7', 'true', '[]', '"1,5"', '""'])(
    'expected_minutes of %s is schema drift',
    async (amount) => {
      server.answerWith(
        200,
        `{"data":[{"id":"v","employee_id":"7","date":"2026-11-23","expected_minutes":${amount}}]}`,
      );

      const page = await client.listPlannedMinutes(
        { profileIds: ['7'], from: '2026-11-23', to: '2026-11-23' },
        signal,
      );

      expect(page.invalid[0]?.details).toEqual({
        resource: 'planned_minutes',
        factorialId: 'v',
        field: 'expected_minutes',
      });
    },
  );

  it('of rows that are no objects are schema drift too', async () => {
    server.answerWith(200, listOf(null, 'x', 5, [], employee));

    const page = await client.listEmployees({}, signal);

    expect(page.rows).toHaveLength(1);
    expect(page.invalid.map((error) => error.details)).toEqual([
      { resource: 'employees' },
      { resource: 'employees' },
      { resource: 'employees' },
      { resource: 'employees' },
    ]);
  });
});

describe('an envelope', () => {
  it.each([
    { errors: null },
    [],
    [employee],
    null,
    'x',
    5,
    true,
    {},
    { data: null },
    { data: {} },
    { data: 'x' },
    { Data: [] },
  ])('that is no list is schema drift, never an empty list: %j', async (body) => {
    server.answerWith(200, body === 'x' ? '"x"' : body);

    expect(await rejectionOf(client.listEmployees({}, signal))).toMatchObject({
      code: 'schema_drift',
      details: { resource: 'employees' },
    });
  });

  it('whose meta has wrong types is schema drift that names the field', async () => {
    server.answerWith(200, { data: [], meta: { has_next_page: 'false' } });

    expect(await rejectionOf(client.listEmployees({}, signal))).toMatchObject({
      details: { field: 'meta.has_next_page' },
    });
  });

  it('without meta is one page of unknown total', async () => {
    server.answerWith(200, { data: [employee] });

    expect(await client.listEmployees({}, signal)).toMatchObject({ total: null, nextCursor: null });
  });
});

describe('paging', () => {
  it.each([
    ['has_next_page false, whatever the cursor', [employee], { has_next_page: false, end_cursor: 'b' }, null],
    ['no cursor', [employee], { has_next_page: true }, null],
    ['a null cursor', [employee], { has_next_page: true, end_cursor: null }, null],
    ['an empty cursor', [employee], { has_next_page: true, end_cursor: '' }, null],
    ['an empty page', [], { has_next_page: null, end_cursor: 'b' }, null],
    ['more', [employee], { has_next_page: true, end_cursor: 'b' }, 'b'],
    ['only a cursor', [employee], { end_cursor: 'b' }, 'b'],
  ])('after %s', async (_case, data, meta, nextCursor) => {
    server.answerWith(200, { data, meta });

    expect((await client.listEmployees({}, signal)).nextCursor).toBe(nextCursor);
  });

  it.each([
    ['an empty page announces more', [], { has_next_page: true, end_cursor: 'b' }],
    ['an empty page announces more without a cursor', [], { has_next_page: true }],
    ['a page leads back to itself', [employee], { has_next_page: true, end_cursor: 'a' }],
  ])('is unstable where %s', async (_case, data, meta) => {
    server.answerWith(200, { data, meta });

    expect(await rejectionOf(client.listEmployees({ afterId: 'a' }, signal))).toMatchObject({
      code: 'sweep_unstable',
    });
  });

  it('goes through all pages in order, also one of bad rows only', async () => {
    const answers: Record<string, unknown> = {
      first: { data: [{ id: '1' }, { id: '2' }], meta: { has_next_page: true, end_cursor: 'p2', total: 4 } },
      p2: { data: [{ id: null }], meta: { has_next_page: true, end_cursor: 'p3', total: 4 } },
      p3: { data: [{ id: '4' }], meta: { has_next_page: false, end_cursor: 'p4', total: 4 } },
    };
    server.answer(
      (request, response) =>
        void response.end(JSON.stringify(answers[request.query.get('after_id') ?? 'first'])),
    );

    const ids: string[] = [];
    let invalid = 0;
    for await (const page of pages((afterId) => client.listEmployees({ afterId }, signal), {
      maxPages: 10,
    })) {
      ids.push(...page.rows.map((row) => row.id));
      invalid += page.invalid.length;
    }

    expect(ids).toEqual(['1', '2', '4']);
    expect(invalid).toBe(1);
    expect(server.requests).toHaveLength(3);
  });

  it('is unstable where the server ignores the cursor, goes in a circle or never ends', async () => {
    const row = { id: '1' };
    const page = (nextCursor: string | null, rows: unknown[] = [row]): Page<unknown> => ({
      rows,
      invalid: [],
      total: 9,
      nextCursor,
    });
    const circle: Record<string, string> = { first: 'a', a: 'b', b: 'c', c: 'a' };
    let count = 0;
    const cases: [(afterId: string | null) => Page<unknown>, string][] = [
      [() => page('a'), 'a cursor repeats'],
      [(afterId) => page(circle[afterId ?? 'first'] ?? null), 'a cursor repeats'],
      [() => page(String((count += 1))), 'it does not end within 20 pages'],
      [(afterId) => (afterId === null ? page('a') : page('b', [])), 'an empty page announces more'],
    ];

    for (const [fetchPage, reason] of cases) {
      const read = async () => {
        for await (const each of pages(async (afterId) => fetchPage(afterId), { maxPages: 20 }))
          expect(each.rows).toHaveLength(1);
      };
      expect(await rejectionOf(read())).toMatchObject({
        code: 'sweep_unstable',
        message: `Factorial's list could not be read to the end: ${reason}.`,
      });
    }
    expect(count).toBe(20);
  });

  it('stops asking when its reader stops', async () => {
    let asked = 0;
    const endless = async () => ({ rows: [1], invalid: [], total: null, nextCursor: String((asked += 1)) });

    for await (const page of pages(endless, { maxPages: 9 })) if (page.nextCursor === '2') break;

    expect(asked).toBe(2);
  });
});

describe('credentials', () => {
  it('tell the company of a company token', async () => {
    server.answerWith(
      200,
      listOf({
        id: 'company-1',
        company_id: 36893488,
        employee_id: null,
        name: 'Acme',
        legal_name: 'Acme S.L.',
        tin: 'B1',
      }),
    );

    expect(await client.getCredentials(signal)).toEqual({
      companyId: '36893488',
      employeeId: null,
      companyName: 'Acme S.L.',
    });
    expect(server.requests[0]?.path).toBe('/api/2026-10-01/resources/api_public/credentials');
  });

  it('tell the person of a user token, without any name', async () => {
    server.answerWith(
      200,
      listOf({
        id: 'access-1',
        company_id: '9',
        employee_id: '7',
        full_name: 'Nora',
        name: 'Nora',
        email: 'nora@acme.example',
      }),
    );

    expect(await client.getCredentials(signal)).toEqual({
      companyId: '9',
      employeeId: '7',
      companyName: null,
    });
  });

  it('are nobody where Factorial names nobody', async () => {
    server.answerWith(200, listOf());

    expect(await client.getCredentials(signal)).toBeNull();
  });

  it('without a company are schema drift', async () => {
    server.answerWith(200, listOf({ id: 'access-1', company_id: null }));

    expect(await rejectionOf(client.getCredentials(signal))).toMatchObject({
      code: 'schema_drift',
      details: { resource: 'credentials', factorialId: 'access-1', field: 'company_id' },
    });
  });
});

describe('webhook subscriptions', () => {
  const read = {
    id: '501',
    type: 'timeoff/leave/approve',
    targetUrl: 'https://timework.example/hooks/x',
    companyId: '18446744073709601',
    enabled: true,
    apiVersion: '2026-10-01',
    challenge: 'c1b0',
  };
  const wanted = {
    type: read.type,
    targetUrl: read.targetUrl,
    companyId: read.companyId,
    challenge: 'c1b0',
    apiVersion: '2026-10-01',
  };

  it('are listed', async () => {
    server.answerWith(200, listOf(subscription));

    expect((await client.listSubscriptions({}, signal)).rows).toEqual([read]);
    expect(query()).toEqual(['limit=100']);
  });

  it.each([
    ['bare', subscription],
    ['in an envelope', { data: subscription }],
    ['in an envelope with meta', { data: subscription, meta: {} }],
  ])('are created and changed, the answer being %s', async (_form, body) => {
    server.answerWith(201, body);
    expect(await client.createSubscription(wanted, signal)).toEqual(read);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/2026-10-01/resources/api_public/webhook_subscriptions',
    });
    expect(server.requests[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      subscription_type: 'timeoff/leave/approve',
      target_url: 'https://timework.example/hooks/x',
      company_id: '18446744073709601',
      challenge: 'c1b0',
      api_version: '2026-10-01',
    });

    server.answerWith(200, body);
    expect(await client.updateSubscription('501', { enabled: true }, signal)).toEqual(read);
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: '/api/2026-10-01/resources/api_public/webhook_subscriptions/501',
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ id: '501', enabled: true });
  });

  it.each([
    [422, '{"errors":{"subscription_type":["has already been taken"]}}', 'subscription_taken'],
    [422, '{"errors":["Type already been taken"]}', 'subscription_taken'],
    [409, '', 'subscription_taken'],
    [422, '{"errors":["is not allowed by the scopes"]}', 'factorial_rejected'],
    [422, '', 'factorial_rejected'],
    [403, '{"errors":["already been taken"]}', 'permission_missing'],
    [401, '{"errors":null}', 'token_refused'],
  ])('refused with %i %s are %s', async (status, body, code) => {
    server.answerWith(status, body);

    expect(await rejectionOf(client.createSubscription(wanted, signal))).toMatchObject({ code });
  });

  it.each([
    [200, JSON.stringify(subscription)],
    [200, '<html>'],
    [204, ''],
    [404, '{"errors":null}'],
  ])('are gone after a deletion answered with %i %s', async (status, body) => {
    server.answerWith(status, body);

    await expect(client.deleteSubscription('a/b?c', signal)).resolves.toBeUndefined();

    expect(server.requests[0]).toMatchObject({
      method: 'DELETE',
      path: '/api/2026-10-01/resources/api_public/webhook_subscriptions/a%2Fb%3Fc',
    });
  });

  it('stay where a deletion fails otherwise', async () => {
    server.answerWith(403, '');

    const error = await rejectionOf(client.deleteSubscription('501', signal));

    expect(isDomainError(error, 'permission_missing')).toBe(true);
    expect(error).toMatchObject({ details: { factorialId: '501' } });
  });

  it.each(['', '.', '..'])(
    'are never addressed by the id %j, which would mean another resource',
    async (id) => {
      server.answerWith(200, '');

      expect(await rejectionOf(client.deleteSubscription(id, signal))).toMatchObject({
        code: 'invalid_request',
      });

      expect(server.requests).toHaveLength(0);
    },
  );
});
