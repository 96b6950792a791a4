import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type Simulator } from './server.ts';
import { createPeer } from './support/testing.ts';
import { switchesSchema } from './switches.ts';

let simulator: Simulator;
let peer: ReturnType<typeof createPeer>;
let token: string;

beforeAll(async () => {
  simulator = createSimulator();
  peer = createPeer(simulator);
  token = (await peer.connect()).access_token;
});
afterEach(() => {
  Object.assign(simulator.world.switches, switchesSchema.parse({}));
});
afterAll(() => simulator.close());

/** The fields that the tests build on, as if they were in every resource. */
interface Row {
  id: string;
  access_id: string;
  employee_id: string;
  legal_entity_id: string;
  location_id: string;
  start_on: string;
  finish_on: string | null;
  date: string;
  updated_at: string;
  [field: string]: unknown;
}
const list = async (path: string): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const response = await peer.get(
      token,
      `${path}${path.includes('?') ? '&' : '?'}after_id=${cursor}`.replace(/[?&]after_id=$/, ''),
    );
    if (response.statusCode !== 200) throw new Error(response.body);
    const { data, meta } = response.json();
    rows.push(...data);
    if (!meta.has_next_page) return rows;
    cursor = meta.end_cursor;
  }
};

describe('resources', () => {
  it.each(['employees/employees', 'timeoff/leaves', 'timeoff/leave_types', 'holidays/company_holidays'])(
    '%s are read one by one as well',
    async (path) => {
      const [row] = await list(path);

      expect((await peer.get(token, `${path}/${row?.id}`)).json()).toEqual(row);
      expect((await peer.get(token, `${path}/1`)).statusCode).toBe(404);
    },
  );

  it('come in an envelope where the switch says so', async () => {
    const [row] = await list('timeoff/leave_types');
    await peer.control('PUT', 'switches', { singleEnvelope: 'data' });

    expect((await peer.get(token, `timeoff/leave_types/${row?.id}`)).json()).toEqual({ data: row });
  });

  it.each([
    ['errorsNull', '{"errors":null}'],
    ['empty', ''],
  ])('answer a bad token with 401 and the body %s', async (error401Body, body) => {
    await peer.control('PUT', 'switches', { error401Body });

    const response = await peer.get('unknown', 'employees/employees');

    expect([response.statusCode, response.body]).toEqual([401, body]);
  });

  it('of the other environment are empty, and refused by nobody', async () => {
    const [row] = await list('employees/employees');
    await peer.control('PUT', 'switches', { environment: 'other' });

    expect(await list('api_public/credentials')).toEqual([]);
    expect(await list('employees/employees')).toEqual([]);
    expect((await peer.get(token, `employees/employees/${row?.id}`)).statusCode).toBe(404);
  });

  it('answer 404 to an application that the company has removed', async () => {
    await peer.control('POST', 'applications/workmeter-demo/uninstall');
    const { statusCode, body } = await peer.get(token, 'employees/employees');
    await peer.control('POST', 'applications/workmeter-demo/install');

    expect([statusCode, body]).toEqual([404, expect.stringContaining('not installed')]);
    expect((await peer.get(token, 'employees/employees')).statusCode).toBe(200);
  });

  it('without rows have a body of another kind where the switch says so', async () => {
    await peer.control('PUT', 'switches', { emptyList: 'errorsNull' });

    const { statusCode, body } = await peer.get(token, 'employees/employees?ids[]=1');

    expect([statusCode, body]).toEqual([200, '{"errors":null}']);
  });

  it('have the same paths with hyphens', async () => {
    const written = (await peer.get(token, 'timeoff/leave-types?active=true')).json();

    expect(written).toEqual((await peer.get(token, 'timeoff/leave_types?active=true')).json());
    expect((await peer.get(token, `timeoff/leave-types/${written.data[0].id}`)).json()).toEqual(
      written.data[0],
    );
  });

  it('ignore unknown parameters unless the switch refuses them', async () => {
    expect((await peer.get(token, 'timeoff/leaves?employee_id=1')).statusCode).toBe(200);
    await peer.control('PUT', 'switches', { unknownParam: 400 });
    expect((await peer.get(token, 'timeoff/leaves?employee_id=1')).statusCode).toBe(400);
  });
});

describe('versions', () => {
  it('up to 2026-04-01 write ids as numbers with every digit', async () => {
    const { body } = await peer.get(token, 'timeoff/leaves?limit=1', '2026-04-01');
    const [row] = await list('timeoff/leaves');

    expect(body).toContain(`"id":${row?.id},`);
    expect(body).toContain(`"employee_id":${row?.employee_id},`);
    expect(JSON.parse(body).data[0]).not.toHaveProperty('duration_by_day_attributes');
  });

  it('that are not supported look like the oldest supported one', async () => {
    const { body, statusCode } = await peer.get(token, 'timeoff/leaves?limit=1', '2023-01-01');

    expect(statusCode).toBe(200);
    expect(body).toMatch(/"id":\d{17},/);
    expect(JSON.parse(body).data[0]).not.toHaveProperty('days_taken');
  });

  it.each([
    ['2025-10-01', false],
    ['2026-07-01', true],
  ])('%s with text ids or not keeps every digit of an id in a filter', async (version, isText) => {
    const [nora] = await list('employees/employees');

    const { body } = await peer.get(token, `timeoff/leaves?employee_ids[]=${nora?.id}`, version);

    expect(body).toContain(isText ? `"employee_id":"${nora?.id}"` : `"employee_id":${nora?.id},`);
  });

  it('without a date do not exist', async () => {
    expect((await peer.get(token, 'timeoff/leaves', 'v2')).statusCode).toBe(404);
  });
});

describe('employees', () => {
  it('contain the terminated ones unless only_active asks for less', async () => {
    const all = await list('employees/employees?only_active=false&only_managers=false');
    const active = await list('employees/employees?only_active=true');

    expect([all.length, active.length]).toEqual([40, 38]);
    expect(all.filter((row) => row['is_terminating'])).toHaveLength(1);
    expect(all.filter((row) => row['active'] === false)).toHaveLength(2);
  });

  it.each([
    ['emails[]=nora.vidal@acme.example', 1],
    ['company_identifier=E-0002', 1],
    ['full_text_name=vidal', 1],
    ['name_starts_with=nor', 1],
    ['only_managers=true', 1],
    ['ids[]=1&ids[]=2', 0],
    ['team_ids[]=1', 0],
  ])('filter by %s', async (query, count) => {
    expect(await list(`employees/employees?${query}`)).toHaveLength(count);
  });

  it('filter by location, legal entity, access and id', async () => {
    const [nora, iker] = await list('employees/employees');

    const ofLocation = await list(`employees/employees?location_ids[]=${nora?.location_id}`);
    expect(ofLocation).toHaveLength(14);
    expect(await list(`employees/employees?legal_entity_ids[]=${nora?.legal_entity_id}`)).toHaveLength(40);
    expect(await list(`employees/employees?access_ids[]=${iker?.access_id}`)).toEqual([iker]);
    expect(await list(`employees/employees?ids[]=${iker?.id}&ids[]=${nora?.id}&ids[]=1`)).toEqual([
      nora,
      iker,
    ]);
  });

  it('filter by the day of the latest change, whatever the time', async () => {
    const [, iker] = await list('employees/employees');
    const { updated_at } = await peer.control('PUT', `employees/${iker?.id}`, { location: 'Valencia' });

    const changed = await list(`employees/employees?updated_at_gteq=${updated_at.slice(0, 10)}T23:59:59Z`);

    expect(changed.map((row) => row.id)).toEqual([iker?.id]);
  });

  it('carry planted personal data that a client has no use for', async () => {
    const [nora] = await list('employees/employees');

    expect(nora?.['social_security_number']).toMatch(/^PLANTED-SSN-/);
    expect(nora?.['bank_number']).toMatch(/^PLANTED-BANK-/);
  });

  it('hide from user tokens what the permissions withhold', async () => {
    const [nora, iker] = await list('employees/employees');
    const user = await peer.exchange(await peer.consent({}));
    await peer.control('PUT', 'permissions', { null_fields: ['email'], hidden_employee_ids: [iker?.id] });

    const seen = (
      await peer.get(user.json().access_token, `employees/employees?ids[]=${nora?.id}&ids[]=${iker?.id}`)
    ).json().data;

    expect(seen.map((row: Row) => [row.id, row['email']])).toEqual([[nora?.id, null]]);
    expect(await list(`employees/employees?ids[]=${iker?.id}`)).toHaveLength(1);
    await peer.control('PUT', 'permissions', { null_fields: [], hidden_employee_ids: [] });
  });

  it('hide fields of other resources by their full name', async () => {
    const user = (await peer.exchange(await peer.consent({}))).json().access_token;
    await peer.control('PUT', 'permissions', { null_fields: ['timeoff/leaves.finish_on'] });

    const [leave] = (await peer.get(user, 'timeoff/leaves')).json().data;

    expect(leave).toMatchObject({ finish_on: null, start_on: expect.any(String) });
    expect((await peer.get(user, `timeoff/leaves/${leave.id}`)).json().finish_on).toBeNull();
    expect((await list(`timeoff/leaves?ids[]=${leave.id}`))[0]?.finish_on).not.toBeNull();
    await peer.control('PUT', 'permissions', { null_fields: [] });
  });

  it('filter by two more numbers in the beta, which the stable versions ignore', async () => {
    const [nora] = await list('employees/employees');
    const query = `employees/employees?social_security_numbers[]=${String(nora?.['social_security_number'])}`;

    expect((await peer.get(token, query, '2027-01-01')).json().meta.total).toBe(1);
    expect((await peer.get(token, query)).json().meta.total).toBe(40);
  });
});

describe('teams', () => {
  it('filter employees, and holidays by where these work', async () => {
    const [nora, iker] = await list('employees/employees');
    const team = await peer.control('POST', 'teams', {
      name: 'Ventas',
      employee_ids: [iker?.id],
      lead_ids: [nora?.id],
    });

    expect(await list(`employees/employees?team_ids[]=${team.id}`)).toEqual([nora, iker]);
    expect(await list(`teams/memberships?team_ids[]=${team.id}&lead=true`)).toMatchObject([
      { employee_id: nora?.id },
    ]);
    const locations = (await list(`holidays/company_holidays?team_ids[]=${team.id}`)).map(
      (row) => row.location_id,
    );
    expect(new Set(locations)).toEqual(new Set([nora?.location_id, iker?.location_id]));
    await peer.control('DELETE', `teams/${team.id}`);
    expect(await list(`employees/employees?team_ids[]=${team.id}`)).toEqual([]);
  });
});

describe('leaves', () => {
  const truth = async (): Promise<Row[]> => peer.control('GET', 'leaves');
  const ids = (rows: Row[]) => rows.map((row) => row.id);
  const today = () => simulator.world.clock.today();

  it.each<[string, (row: Row) => boolean]>([
    ['', () => true],
    ['approved=true', (row) => row['approved'] === true],
    ['approved=false', (row) => row['approved'] === false],
    ['include_pending=true', (row) => row['approved'] === null],
    ['approved=true&include_pending=true', (row) => row['approved'] !== false],
    ['include_pending=false', () => true],
  ])('with "%s" show the states as documented', async (query, expected) => {
    const rows = (await truth()).filter((row) => row['deleted_at'] === null && expected(row));

    expect(ids(await list(`timeoff/leaves?${query}`))).toEqual(ids(rows));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('show deleted ones on demand only', async () => {
    const deleted = (await truth()).filter((row) => row['deleted_at'] !== null);

    expect(deleted.length).toBeGreaterThan(5);
    expect(await list('timeoff/leaves')).toHaveLength(500 - deleted.length);
    expect(await list('timeoff/leaves?include_deleted_leaves=true')).toHaveLength(500);
    expect((await peer.get(token, `timeoff/leaves/${deleted[0]?.id}`)).statusCode).toBe(404);
    await peer.control('PUT', 'switches', { deletedLeaveGet: 200 });
    expect((await peer.get(token, `timeoff/leaves/${deleted[0]?.id}`)).json().deleted_at).toBe(
      deleted[0]?.['deleted_at'],
    );
  });

  it('are cut by a window; an open end reaches into every later one', async () => {
    const all = (await truth()).filter((row) => row['deleted_at'] === null);
    const openEnded = all.filter((row) => row.finish_on === null);

    const from = await list(`timeoff/leaves?from=${today()}`);
    const to = await list(`timeoff/leaves?to=${today()}`);

    expect(ids(from)).toEqual(ids(all.filter((row) => row.finish_on === null || row.finish_on >= today())));
    expect(ids(to)).toEqual(ids(all.filter((row) => row.start_on <= today())));
    expect(openEnded.length).toBeGreaterThan(0);
    expect(ids(await list('timeoff/leaves?from=2099-01-01'))).toEqual(ids(openEnded));
  });

  it('filter by employees, types and what the types are', async () => {
    const all = (await truth()).filter((row) => row['deleted_at'] === null);
    const employeeIds = [all[0]?.employee_id, all[7]?.employee_id];
    const { leave_types: types } = (await peer.control('GET', 'state')).ids;

    const ofEmployees = await list(
      `timeoff/leaves?employee_ids[]=${employeeIds[0]}&employee_ids[]=${employeeIds[1]}`,
    );
    const remote = await list(`timeoff/leaves?leave_type_id[]=${types.remote_work}`);

    expect(ids(ofEmployees)).toEqual(ids(all.filter((row) => employeeIds.includes(row.employee_id))));
    expect(ids(remote)).toEqual(ids(await list('timeoff/leaves?type_is_workable=true')));
    expect(remote.length).toBeGreaterThan(0);
    expect(await list('timeoff/leaves?type_is_payable=false')).toHaveLength(
      all.filter((row) => row['leave_type_id'] === types.personal_matters_old).length,
    );
  });

  it('carry the optional blocks on demand only', async () => {
    const query =
      'timeoff/leaves?limit=1&include_leave_type=true&include_duration=true&include_duration_by_day=true';

    const [plain] = (await peer.get(token, 'timeoff/leaves?limit=1')).json().data;
    const [full] = (await peer.get(token, query)).json().data;

    expect(plain).toMatchObject({
      leave_type_name: null,
      duration_attributes: null,
      duration_by_day_attributes: null,
    });
    expect(full.leave_type_name).toEqual(expect.any(String));
    expect(full.duration_attributes).toHaveProperty('used_units');
    expect(full.duration_by_day_attributes.workable_units_by_day).toHaveProperty('days');
  });

  it('are seeded in all combinations of the reference', async () => {
    const rows = await truth();
    const has = (test: (row: Row) => boolean) => rows.filter(test).length > 0;
    const multiDay = (row: Row) => row.finish_on !== null && row.start_on !== row.finish_on;

    expect(has((row) => row['half_day'] === 'beginning_of_day' && !multiDay(row))).toBe(true);
    expect(has((row) => row['half_day'] === 'end_of_day' && multiDay(row))).toBe(true);
    expect(has((row) => row['hours_amount_in_cents'] !== null && row['start_time'] === null)).toBe(true);
    expect(has((row) => row.finish_on === null)).toBe(true);
    expect(has((row) => row['approved'] === null && row['deleted_at'] !== null)).toBe(true);
    expect(has((row) => row.start_on > today() && row['approved'] === null)).toBe(true);
    expect(has((row) => row.updated_at > new Date(simulator.world.clock.now()).toISOString())).toBe(false);
  });
});

describe('leave types', () => {
  it('filter by active, identifier and payable', async () => {
    expect(await list('timeoff/leave_types')).toHaveLength(8);
    expect(await list('timeoff/leave_types?active=true')).toHaveLength(7);
    expect(await list('timeoff/leave_types?identifier=remote_work')).toMatchObject([
      { name: 'Teletrabajo', workable: true },
    ]);
    expect(await list('timeoff/leave_types?payable=false')).toHaveLength(1);
  });

  it('asked by employee demand a reference date', async () => {
    expect((await peer.get(token, 'timeoff/leave_types?employee_id=1')).statusCode).toBe(400);
    expect(
      (await peer.get(token, 'timeoff/leave_types?employee_id=1&reference_date=2026-01-01')).statusCode,
    ).toBe(200);
  });
});

describe('company holidays', () => {
  it('exist once per location, for three years', async () => {
    const rows = await list('holidays/company_holidays');
    const year = today4();

    expect(rows.filter((row) => row.date === `${year}-12-25`)).toHaveLength(3);
    expect(
      rows.filter((row) => row.date === `${year + 1}-12-24` && row['half_day'] === 'end_of_day'),
    ).toHaveLength(3);
    expect(new Set(rows.map((row) => row.date.slice(0, 4))).size).toBe(3);
  });

  it('filter by location, employee and days, both ends inclusive', async () => {
    const [nora] = await list('employees/employees');
    const byLocation = await list(`holidays/company_holidays?location_ids[]=${nora?.location_id}`);
    const byEmployee = await list(`holidays/company_holidays?employee_ids[]=${nora?.id}`);
    const year = today4();

    expect(byEmployee).toEqual(byLocation);
    expect(await list(`holidays/company_holidays?start_at=${year}-12-25&end_at=${year}-12-25`)).toHaveLength(
      3,
    );
  });

  const today4 = () => Number(simulator.world.clock.today().slice(0, 4));
});

describe('estimated times', () => {
  const ask = async (query: string) => peer.get(token, `attendance/estimated_times?${query}`);
  const employeeAt = async (index: number) => (await list('employees/employees'))[index]?.id ?? '';

  it.each([
    'start_on=2026-01-05&end_on=2026-01-06',
    'start_on=2026-01-05&employee_ids[]=1',
    'end_on=2026-01-05&employee_ids[]=1',
  ])('demand all three parameters: %s is not enough', async (query) => {
    expect((await ask(query)).statusCode).toBe(400);
  });

  it.each([
    ['the full week', 0, [480, 480, 0, 0], 'work_schedule'],
    ['the reduced week', 30, [375, 375, 0, 0], 'work_schedule'],
    ['no planning', 36, [null, null, null, null], 'none'],
  ])('follow %s from Thursday to Sunday', async (_case, index, minutes, source) => {
    const rows = (
      await ask(`start_on=2026-03-05&end_on=2026-03-08&employee_ids[]=${await employeeAt(index)}`)
    ).json().data as Row[];

    expect(rows.map((row) => row['expected_minutes'])).toEqual(minutes);
    expect(rows[0]?.['source']).toBe(source);
  });

  it('tell the plan before holidays, and beside it what remains', async () => {
    const [row] = (
      await ask(`start_on=2026-01-01&end_on=2026-01-01&employee_ids[]=${await employeeAt(0)}`)
    ).json().data;

    expect(row).toMatchObject({ expected_minutes: 480, minutes: 0 });
  });

  it('follow what was set for one day', async () => {
    const employee_id = await employeeAt(1);
    await peer.control('PUT', 'estimated_times', { employee_id, date: '2026-03-05', expected_minutes: 300 });

    const [row] = (await ask(`start_on=2026-03-05&end_on=2026-03-05&employee_ids[]=${employee_id}`)).json()
      .data;

    expect(row).toMatchObject({ expected_minutes: 300, source: 'shift_management' });
  });

  it.each([
    ['null', [null, null], 'none'],
    ['zero', [0, 0], 'none'],
    ['absent', [], undefined],
  ])('without a plan are %s where the switch says so', async (unplannedDays, minutes, source) => {
    await peer.control('PUT', 'switches', { unplannedDays });
    const [planned, unplanned] = [await employeeAt(0), await employeeAt(36)];

    const query = (id: string) => `start_on=2026-03-05&end_on=2026-03-06&employee_ids[]=${id}`;
    const rows = (await ask(query(unplanned))).json().data as Row[];

    expect(rows.map((row) => row['expected_minutes'])).toEqual(minutes);
    expect(rows[0]?.['source']).toBe(source);
    expect((await ask(query(planned))).json().meta.total).toBe(2);
  });

  it('end with the last day of work, or the day before where the switch says so', async () => {
    const id = await employeeAt(2);
    await peer.control('POST', `employees/${id}/terminate`, { terminated_on: '2026-03-05', silent: true });
    const query = `start_on=2026-03-05&end_on=2026-03-06&employee_ids[]=${id}`;
    const sources = async () => ((await ask(query)).json().data as Row[]).map((row) => row['source']);

    expect(await sources()).toEqual(['work_schedule', 'none']);
    await peer.control('PUT', 'switches', { lastWorkingDay: 'exclusive' });
    expect(await sources()).toEqual(['none', 'none']);
    await peer.control('POST', `employees/${id}/unterminate`, { silent: true });
  });

  it('follow a changed schedule', async () => {
    const [schedule] = await list('work_schedule/schedules?with_employee_ids=true&with_periods=true');
    await peer.control('PUT', `schedules/${schedule?.id}`, {
      weeklyMinutes: [420, 420, 420, 420, 300, 0, 0],
    });

    const [row] = (
      await ask(`start_on=2026-03-06&end_on=2026-03-06&employee_ids[]=${await employeeAt(0)}`)
    ).json().data;

    expect(row.expected_minutes).toBe(300);
    expect(schedule?.['employee_ids']).toHaveLength(33);
  });
});
