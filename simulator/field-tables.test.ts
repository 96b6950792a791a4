import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from './server.ts';
import { fieldTable, fieldsInSentence, violations, type DocumentedField } from './support/field-tables.ts';
import { createPeer, startReceiver } from './support/testing.ts';
import { API_VERSIONS } from './versions.ts';

// What the simulator answers is compared with the reference itself: a field that is added there turns this red.

let simulator: Simulator & { url: string };
let peer: ReturnType<typeof createPeer>;
let token: string;
let employeeId: string;

const everyScope = [
  'employees',
  'time_off',
  'time_tracking',
  'company_holidays',
  'company_locations',
  'company_legal_entities',
  'contracts',
  'employee_updates',
];

beforeAll(async () => {
  simulator = await startSimulator({ seed: { absences: 80 } });
  peer = createPeer(simulator);
  await peer.connect();
  await peer.control('POST', 'applications', { client_id: 'workmeter-demo', scopes: everyScope });
  token = (await peer.exchange(await peer.consent({ resource_owner_type: 'company' }))).json().access_token;
  const [nora, iker] = await peer.control('GET', 'employees?limit=2');
  employeeId = nora.id;
  await peer.control('POST', 'teams', {
    name: 'Ventas',
    employee_ids: [nora.id, iker.id],
    lead_ids: [nora.id],
  });
  const { company } = await peer.control('GET', 'state');
  await peer.send('POST', token, 'api_public/webhook_subscriptions', {
    subscription_type: 'timeoff/leave/update',
    target_url: 'http://127.0.0.1:9/',
    company_id: company.id,
  });
});
afterAll(() => simulator.close());
const onClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of onClose.splice(0)) await close();
});

type Row = Record<string, unknown>;

async function everyRow(path: string, version: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = null; ;) {
    const address: string = `${path}${path.includes('?') ? '&' : '?'}after_id=${encodeURIComponent(cursor ?? '')}`;
    const response = await peer.get(token, address, version);
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${response.body}`);
    const { data, meta } = response.json();
    rows.push(...data);
    if (meta.has_next_page !== true) return rows;
    cursor = meta.end_cursor;
  }
}

const allBlocks =
  'include_leave_type=true&include_duration=true&include_duration_by_day=true&include_deleted_leaves=true';
const schedules = (path: string, start: string) =>
  [`work_schedule/${path}`, () => fieldsInSentence('9.9', start)] as const;
const cases: readonly (readonly [path: string, fields: () => DocumentedField[], nullable?: string[]])[] = [
  // Null for company tokens although it is called required.
  ['api_public/credentials', () => fieldTable('9.1'), ['employee_id']],
  ['employees/employees?only_active=false&only_managers=false', () => fieldTable('9.2')],
  ['employee_updates/terminations', () => fieldTable('9.3')],
  ['timeoff/leaves?include_deleted_leaves=false', () => fieldTable('9.4')],
  [`timeoff/leaves?${allBlocks}`, () => fieldTable('9.4')],
  ['timeoff/leave_types', () => fieldTable('9.5')],
  ['holidays/company_holidays', () => fieldTable('9.6')],
  ['locations/locations', () => fieldsInSentence('9.7', 'Fields: ')],
  ['companies/legal_entities', () => fieldsInSentence('9.8', 'Fields: ')],
  [
    'attendance/estimated_times?start_on=2026-03-02&end_on=2026-03-08&employee_ids[]=',
    () => fieldTable('9.9'),
  ],
  schedules('schedules?with_employee_ids=true&with_periods=true', '(both marked required): '),
  schedules('overlap_periods', '`GET /work_schedule/overlap_periods` (ids[]): '),
  schedules('day_configurations', '(ids[], overlap_period_id, schedule_id): '),
  [
    'time_planning/planning_versions?only_active=true',
    () => fieldsInSentence('9.9', 'only_active required): '),
  ],
  ['contracts/contract_versions', () => fieldsInSentence('9.10', 'Relevant fields: ')],
  ['contracts/reference_contracts', () => fieldsInSentence('9.10', 'Relevant fields: ')],
  ['teams/memberships', () => fieldsInSentence('9.11', '(ids[], team_ids[], employee_ids[], lead): ')],
  ['teams/teams', () => fieldsInSentence('9.11', '`GET /teams/teams` (ids[]): ')],
  [
    'timeoff/policy_assignments',
    () => fieldsInSentence('9.11', '(ids[], employee_ids[], timeoff_policy_ids[]): '),
  ],
  ['api_public/webhook_subscriptions', () => fieldTable('9.12')],
];

describe.each(API_VERSIONS)('in version %s', (version) => {
  it.each(cases)(
    '%s has the fields of the reference, with their types',
    async (path, fields, nullable = []) => {
      const rows = await everyRow(path.endsWith('[]=') ? path + employeeId : path, version);

      const found = rows.flatMap((row) => violations(row, fields(), { version, nullable }));

      expect(rows.length).toBeGreaterThan(0);
      expect([...new Set(found)]).toEqual([]);
    },
  );
});

it('finds what is missing, unknown, null or of another type', () => {
  const fields = fieldTable('9.6');
  const row = {
    id: '1',
    location_id: null,
    date: '2026-1-1',
    half_day: 'end_of_day',
    description: 7,
    colour: 'red',
  };

  expect(violations(row, fields, { version: '2026-10-01' })).toEqual([
    'colour is not documented',
    'location_id is null',
    'date is no date: "2026-1-1"',
    'summary is missing',
    'description is no string: 7',
  ]);
  expect(violations({ ...row, id: 1 }, fields, { version: '2026-10-01' })).toContain('id is no string: 1');
});

it('answers user tokens about themselves with the same fields', async () => {
  const user = await peer.exchange(await peer.consent());

  const [row] = (await peer.get(user.json().access_token, 'api_public/credentials')).json().data;

  expect(violations(row, fieldTable('9.1'), { version: '2026-10-01' })).toEqual([]);
});

it.each(API_VERSIONS)('delivers what the reference says of version %s', async (version) => {
  const receiver = await startReceiver();
  onClose.push(receiver.close);
  const { company } = await peer.control('POST', 'companies', {
    name: 'Receiving Co',
    people: 2,
    absences: 30,
  });
  const code = await peer.consent({ resource_owner_type: 'company', company_id: company.id });
  const { access_token } = (await peer.exchange(code)).json();
  const tables: Record<string, DocumentedField[]> = {
    'employees/employee/update': fieldTable('9.2'),
    'employees/employee/create_with_contract': fieldTable('9.2'),
    'timeoff/leave/update': fieldTable('9.4'),
    'timeoff/leave/delete': fieldTable('9.4'),
    'timeoff/leave_type/update': fieldTable('9.5'),
  };
  for (const subscription_type of Object.keys(tables)) {
    const body = {
      subscription_type,
      target_url: `${receiver.url}/${subscription_type}`,
      company_id: company.id,
    };
    const answer = await peer.send('POST', access_token, 'api_public/webhook_subscriptions', {
      ...body,
      api_version: version,
    });
    expect(answer.statusCode).toBe(201);
  }

  const play = [
    { path: 'employees', body: { first_name: 'Ana', email: 'ana@receiving-co.example' } },
    { method: 'PUT', path: 'employees/$employees[0]', body: { location: 'Madrid' } },
    { method: 'PUT', path: 'leaves/$leaves[0]', body: { half_day: 'end_of_day' } },
    { method: 'DELETE', path: 'leaves/$leaves[1]' },
    { method: 'PUT', path: 'leave_types/$leave_types[0]', body: { active: false } },
    { path: 'deliveries/settle' },
  ];
  await peer.control('POST', `play?company_id=${company.id}`, {
    script: play.map((line) => JSON.stringify(line)).join('\n'),
  });

  expect(receiver.received.map(({ path }) => path.slice(1)).toSorted()).toEqual(
    Object.keys(tables).toSorted(),
  );
  for (const { path, body } of receiver.received)
    expect(violations(JSON.parse(body), tables[path.slice(1)] ?? [], { version })).toEqual([]);
});
