import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from './server.ts';
import { createPeer, startReceiver } from './support/testing.ts';
import { WEBHOOK_TYPES } from './webhook-types.ts';

const HOUR_MS = 3_600_000;

let simulator: Simulator & { url: string };
let peer: ReturnType<typeof createPeer>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let token: string;
let companyId: string;
let answer: number;
/** Awaited by the receiver before it answers. */
let answerLater: () => Promise<void>;

beforeEach(async () => {
  answer = 200;
  answerLater = () => Promise.resolve();
  simulator = await startSimulator({ seed: { people: 3, absences: 10 } });
  receiver = await startReceiver(
    () => answer,
    () => answerLater(),
  );
  peer = createPeer(simulator);
  token = (await peer.connect()).access_token;
  companyId = (await peer.control('GET', 'state')).company.id;
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const post = (subscription_type: string, more: object = {}, version = '2026-10-01') =>
  peer.send(
    'POST',
    token,
    'api_public/webhook_subscriptions',
    {
      subscription_type,
      target_url: `${receiver.url}/${subscription_type}`,
      company_id: companyId,
      challenge: `secret of ${subscription_type}`,
      ...more,
    },
    version,
  );
const settle = () => peer.control('POST', 'deliveries/settle');
const deliveries = () => peer.control('GET', 'deliveries');
const leaveIds = async (): Promise<string[]> =>
  (await peer.control('GET', 'leaves?deleted_at=null')).map((row: { id: string }) => row.id);

describe('subscriptions', () => {
  it('come in 137 types', () => {
    expect(WEBHOOK_TYPES.size).toBe(137);
  });

  it('are created, listed, changed and deleted', async () => {
    const created = await post('timeoff/leave/create', { name: 'mine' });
    const row = created.json();

    expect(created.statusCode).toBe(201);
    expect(row).toEqual({
      id: expect.stringMatching(/^\d{17}$/),
      type: 'timeoff/leave/create',
      target_url: `${receiver.url}/timeoff/leave/create`,
      company_id: companyId,
      name: 'mine',
      challenge: 'secret of timeoff/leave/create',
      enabled: true,
      api_version: '2026-10-01',
    });
    const path = `api_public/webhook_subscriptions/${row.id}`;
    const changed = await peer.send('PUT', token, path, { enabled: false });
    expect(changed.json()).toEqual({ ...row, enabled: false });
    expect((await peer.get(token, 'api_public/webhook_subscriptions?enabled=true')).json().data).toEqual([]);
    expect(
      (await peer.get(token, 'api_public/webhook_subscriptions?type=timeoff/leave/create')).json().data,
    ).toHaveLength(1);
    expect((await peer.send('DELETE', token, path)).json().id).toBe(row.id);
    expect((await peer.get(token, path)).statusCode).toBe(404);
  });

  it('are unique per company and type', async () => {
    const { id } = (await post('timeoff/leave/create')).json();

    const second = await post('timeoff/leave/create');
    await peer.control('PUT', 'switches', { duplicateSubscription: 'overwrite' });
    const third = await post('timeoff/leave/create', { target_url: 'http://127.0.0.1:1/other' });

    expect(second.statusCode).toBe(422);
    expect(second.json()).toEqual({ errors: { subscription_type: ['has already been taken'] } });
    expect([third.statusCode, third.json()]).toMatchObject([
      201,
      { id, target_url: 'http://127.0.0.1:1/other' },
    ]);
    await peer.control('PUT', 'switches', { duplicateSubscription: 'overwrite200' });
    expect((await post('timeoff/leave/create')).statusCode).toBe(200);
  });

  it.each([
    ['an unknown type', { subscription_type: 'timeoff/leave/explode' }],
    ['another company', { company_id: '1' }],
    ['no URL', { target_url: 'nowhere' }],
    ['an unknown version', { api_version: '2024-01-01' }],
  ])('with %s are refused', async (_case, body) => {
    expect((await post('timeoff/leave/create', body)).statusCode).toBe(422);
  });

  it('accept a company id written as a number in old versions', async () => {
    const response = await simulator.app.inject({
      method: 'POST',
      url: '/api/2026-01-01/resources/api_public/webhook_subscriptions',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload: `{"subscription_type":"timeoff/leave/update","target_url":"${receiver.url}","company_id":${companyId}}`,
    });

    expect(response.statusCode).toBe(201);
    expect(response.body).toContain(`"company_id":${companyId},`);
  });

  it('name what is wrong by field or in sentences, and are deleted with or without a body', async () => {
    const { id } = (await post('timeoff/leave/create')).json();
    await peer.control('PUT', 'switches', { validationErrors: 'list', deleteStatus: 204 });

    const refused = await post('timeoff/leave/create');
    const deleted = await peer.send('DELETE', token, `api_public/webhook_subscriptions/${id}`);

    expect(refused.json()).toEqual({ errors: ['subscription_type has already been taken'] });
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
  });

  it('look at scopes where the switch says so', async () => {
    await peer.control('PUT', 'switches', { webhookScopeCheck: 403 });

    expect((await post('contracts/contract_version/update')).statusCode).toBe(403);
    expect((await post('timeoff/leave/update')).statusCode).toBe(201);
  });
});

describe('deliveries', () => {
  it('carry the resource at top level, the challenge and the author', async () => {
    await post('timeoff/leave/update');
    const [id] = await leaveIds();

    await peer.control('PUT', `leaves/${id}`, {
      half_day: 'end_of_day',
      author: { id: '42', type: 'employee' },
    });
    await settle();

    const [delivery] = receiver.received;
    expect(receiver.received).toHaveLength(1);
    expect(delivery?.path).toBe('/timeoff/leave/update');
    expect(delivery?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-factorial-wh-challenge': 'secret of timeoff/leave/update',
      'x-factorial-author-id': '42',
      'x-factorial-author-type': 'employee',
    });
    expect(JSON.parse(delivery?.body ?? '')).toEqual((await peer.get(token, `timeoff/leaves/${id}`)).json());
    expect(await deliveries()).toMatchObject([
      {
        type: 'timeoff/leave/update',
        resource_ids: [id],
        attempts: 1,
        status: 'delivered',
        last_status: 200,
      },
    ]);
  });

  it('follow the version of their subscription', async () => {
    await post('timeoff/leave/approve', { api_version: '2026-04-01' });
    const [id] = await leaveIds();

    await peer.control('POST', `leaves/${id}/approve`);
    await settle();

    expect(receiver.received[0]?.body).toContain(`"id":${id},`);
  });

  it('tell each change by its own type', async () => {
    const types = [
      'employees/employee/create_with_contract',
      'employees/employee/update',
      'employees/employee/terminate',
      'employees/employee/unterminate',
      'employees/employee/invite',
      'employees/employee/set_regular_access_start_date',
      'timeoff/leave/create',
      'timeoff/leave/approve',
      'timeoff/leave/reject',
      'timeoff/leave/delete',
      'timeoff/leave/bulk_delete',
      'timeoff/leave_type/create',
      'timeoff/leave_type/update',
      'work_schedule/schedule/update',
      'work_schedule/schedule/toggle_archive',
      'locations/location/create',
    ];
    for (const type of types) await post(type);
    const { ids } = await peer.control('GET', 'state');

    const { id } = await peer.control('POST', 'employees', { first_name: 'Ana', email: 'ana@acme.example' });
    await peer.control('PUT', `employees/${id}`, { location: 'Madrid' });
    await peer.control('POST', `employees/${id}/terminate`, { terminated_on: '2027-01-31' });
    await peer.control('POST', `employees/${id}/unterminate`);
    await peer.control('POST', `employees/${id}/invite`);
    await peer.control('POST', `employees/${id}/set_regular_access_start_date`);
    const leave = await peer.control('POST', 'leaves', {
      employee_id: id,
      start_on: '2026-12-01',
      leave_type: 'holiday',
    });
    await peer.control('POST', `leaves/${leave.id}/approve`);
    await peer.control('POST', `leaves/${leave.id}/reject`, { reason: 'no' });
    await peer.control('DELETE', `leaves/${leave.id}`);
    await peer.control('POST', 'leaves/bulk_delete', { ids: (await leaveIds()).slice(0, 2) });
    const { id: typeId } = await peer.control('POST', 'leave_types', { name: 'Luto' });
    await peer.control('PUT', `leave_types/${typeId}`, { active: false });
    const scheduleId = ids.schedules['Reducida 31 h 15'];
    await peer.control('PUT', `schedules/${scheduleId}`, { weekly_minutes: [0, 0, 0, 0, 0, 0, 0] });
    await peer.control('PUT', `schedules/${scheduleId}`, { archived: true });
    await peer.control('POST', 'locations', { name: 'Bilbao' });
    await settle();

    const told = receiver.received.map(({ path }) => path.slice(1));
    expect(told.filter((type) => type === 'timeoff/leave/bulk_delete')).toHaveLength(2);
    expect([...new Set(told)].toSorted()).toEqual(types.toSorted());
    const hired = receiver.received.find(({ path }) => path.endsWith('create_with_contract'));
    expect(JSON.parse(hired?.body ?? '')).toMatchObject({
      id,
      first_name: 'Ana',
      email: null,
      login_email: null,
    });
  });

  it('are not made for silent changes, vanished employees and holidays', async () => {
    await post('employees/employee/update');
    await post('timeoff/leave/delete');
    const [{ id }] = await peer.control('GET', 'employees');
    const [leaveId] = await leaveIds();

    await peer.control('PUT', `employees/${id}`, { first_name: 'Quiet', silent: true });
    await peer.control('DELETE', `leaves/${leaveId}?silent=true`);
    await peer.control('DELETE', `employees/${id}`);
    await settle();

    expect(await deliveries()).toEqual([]);
    expect((await peer.get(token, `employees/employees/${id}`)).statusCode).toBe(404);
  });

  it('are repeated at growing intervals until they arrive', async () => {
    await post('timeoff/leave/approve');
    const [id] = await leaveIds();
    answer = 503;

    await peer.control('POST', `leaves/${id}/approve`);
    await settle();
    expect(await deliveries()).toMatchObject([{ attempts: 1, status: 'pending', last_status: 503 }]);
    await peer.control('POST', 'clock', { advanceMs: 10_001 });
    await settle();
    expect(await deliveries()).toMatchObject([{ attempts: 2, status: 'pending' }]);

    answer = 204;
    await peer.control('POST', 'clock', { advanceMs: HOUR_MS });
    await settle();

    expect(await deliveries()).toMatchObject([{ attempts: 3, status: 'delivered', last_status: 204 }]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('disable their subscription after 20 attempts, until it is enabled again', async () => {
    const { id: subscriptionId } = (await post('timeoff/leave/approve')).json();
    const path = `api_public/webhook_subscriptions/${subscriptionId}`;
    const [one, two] = await leaveIds();
    answer = 500;

    await peer.control('POST', `leaves/${one}/approve`);
    await settle();
    await peer.control('POST', 'clock', { advanceMs: 48 * HOUR_MS });
    await settle();

    expect(await deliveries()).toMatchObject([{ attempts: 20, status: 'exhausted' }]);
    expect((await peer.get(token, path)).json().enabled).toBe(false);
    const { notices } = await peer.control('GET', 'state');
    expect(notices.map(({ attempt, about }: { attempt: number; about: string }) => [attempt, about])).toEqual(
      [
        [1, 'failing'],
        [5, 'failing'],
        [10, 'failing'],
        [15, 'failing'],
        [20, 'disabled'],
      ],
    );

    answer = 200;
    await peer.control('POST', `leaves/${two}/approve`);
    await peer.send('PUT', token, path, { enabled: true });
    await peer.control('POST', `leaves/${two}/reject`);
    await peer.control('POST', `leaves/${two}/approve`);
    await settle();

    expect((await deliveries()).map(({ status }: { status: string }) => status)).toEqual([
      'exhausted',
      'delivered',
    ]);
  });

  it('disable it after 48 hours too, where the attempts are so far apart that there were fewer', async () => {
    await peer.control('PUT', 'switches', { retryClockFactor: 0.5 });
    const { id: subscriptionId } = (await post('timeoff/leave/approve')).json();
    const [id] = await leaveIds();
    answer = 500;

    await peer.control('POST', 'clock', { frozen: true });
    await peer.control('POST', `leaves/${id}/approve`);
    await settle();
    await peer.control('POST', 'clock', { advanceMs: 30 * HOUR_MS });
    await settle();
    const halfway = (await deliveries())[0];
    await peer.control('POST', 'clock', { advanceMs: 18 * HOUR_MS });
    await settle();

    const [delivery] = await deliveries();
    expect(halfway).toMatchObject({ status: 'pending', last_status: 500 });
    expect(delivery.status).toBe('exhausted');
    expect(delivery.attempts).toBeGreaterThan(halfway.attempts);
    expect(delivery.attempts).toBeLessThan(20);
    expect(await peer.control('GET', `subscriptions?id=${subscriptionId}`)).toMatchObject([
      { enabled: false },
    ]);
  });

  it('stay in order, and a failed one does not hold up the next', async () => {
    await post('timeoff/leave/approve');
    const ids = (await leaveIds()).slice(0, 5);
    answer = 500;
    await peer.control('POST', `leaves/${ids[0]}/approve`);
    await settle();
    answer = 200;

    for (const id of ids.slice(1)) await peer.control('POST', `leaves/${id}/approve`);
    await settle();

    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual(ids);
    expect((await deliveries()).map(({ status }: { status: string }) => status)).toEqual([
      'pending',
      ...Array(4).fill('delivered'),
    ]);
  });

  it('get lost, doubled and delayed on demand', async () => {
    await post('timeoff/leave/approve');
    const [one, two, three] = await leaveIds();

    await peer.control('POST', 'deliveries/lose', { count: 1, type: 'timeoff/leave/approve' });
    await peer.control('POST', `leaves/${one}/approve`);
    await peer.control('PUT', 'switches', { duplicateRate: 1 });
    await peer.control('POST', `leaves/${two}/approve`);
    await settle();
    await peer.control('PUT', 'switches', { duplicateRate: 0, delayMs: HOUR_MS });
    await peer.control('POST', `leaves/${three}/approve`);
    await settle();
    const beforeTheDelay = receiver.received.map(({ body }) => JSON.parse(body).id);
    await peer.control('POST', 'clock', { advanceMs: HOUR_MS });
    await settle();

    expect(beforeTheDelay).toEqual([two, two]);
    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual([two, two, three]);
    expect((await deliveries())[0].status).toBe('lost');
  });

  it('are lost, sent twice or kept back as ordered, and released the newest first', async () => {
    await post('timeoff/leave/approve');
    const [one, two, three, four] = await leaveIds();
    for (const fate of ['held', 'lost', 'twice', 'held'])
      await peer.control('POST', 'deliveries/next', { fate, company_id: companyId });

    for (const id of [one, two, three, four]) await peer.control('POST', `leaves/${id}/approve`);
    await settle();
    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual([three, three]);
    const { released } = await peer.control('POST', 'deliveries/release');
    await settle();

    expect(released).toBe(2);
    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual([three, three, four, one]);
  });

  it('go out side by side where the switch says so', async () => {
    await post('timeoff/leave/approve');
    await peer.control('PUT', 'switches', { parallelDeliveries: 3 });
    const ids = (await leaveIds()).slice(0, 3);
    let together = 0;
    let most = 0;
    answerLater = async () => {
      together += 1;
      most = Math.max(most, together);
      for (let turn = 0; turn < 200 && most < 3; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      together -= 1;
    };

    for (const id of ids) await peer.control('POST', `leaves/${id}/approve`);
    await settle();

    expect(most).toBe(3);
  });

  it('carry whatever a test wants to be said', async () => {
    await post('timeoff/policy/update');

    await peer.control('POST', 'events', { type: 'timeoff/policy/update', payload: { id: '7', name: null } });
    await settle();

    expect(receiver.received.map(({ body }) => body)).toEqual(['{"id":"7","name":null}']);
    await expect(peer.control('POST', 'events', { type: 'nothing', payload: {} })).rejects.toThrow('400');
  });

  it.each([
    ['rejectAfterApprovalEvent', 'update', 'timeoff/leave/update'],
    ['hireEvent', 'update', 'employees/employee/update'],
  ])('with %s = %s are of the type %s', async (name, value, type) => {
    await post(type);
    await peer.control('PUT', 'switches', { [name]: value });
    const [id] = await leaveIds();

    await peer.control('POST', `leaves/${id}/approve`);
    await peer.control('POST', `leaves/${id}/reject`);
    await peer.control('POST', 'employees', { first_name: 'Ana' });
    await settle();

    expect(receiver.received.map(({ path }) => path.slice(1))).toEqual([type]);
  });

  it.each([
    ['full', (row: { deleted_at?: unknown }) => typeof row.deleted_at === 'string'],
    ['nullDeletedAt', (row: { deleted_at?: unknown }) => row.deleted_at === null],
    ['idOnly', (row: object) => Object.keys(row).join() === 'id'],
  ])('of a deletion have the shape %s', async (deletePayload, matches) => {
    await post('timeoff/leave/delete');
    await peer.control('PUT', 'switches', { deletePayload });
    const [id] = await leaveIds();

    await peer.control('DELETE', `leaves/${id}`);
    await settle();

    expect(matches(JSON.parse(receiver.received[0]?.body ?? ''))).toBe(true);
  });
});

describe('faults', () => {
  const ask = async (path = 'employees/employees') =>
    fetch(`${simulator.url}/api/2026-10-01/resources/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });

  interface List {
    data: { id: string; [field: string]: unknown }[];
    meta: { total: number; has_next_page: boolean; end_cursor: string };
  }
  const list = async (query = '') => (await (await ask(`timeoff/leaves?${query}`)).json()) as List;

  it('hit the requests they are meant for, as often as told', async () => {
    await peer.control('POST', 'faults', {
      kind: 'status',
      status: 500,
      path: '/employees/employees',
      times: 2,
      skip: 1,
    });

    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await ask()).status);

    expect((await ask('timeoff/leaves')).status).toBe(200);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it('answer HTML, half an answer, or none at all', async () => {
    await peer.control('POST', 'faults', { kind: 'html' });
    const html = await ask();
    await peer.control('POST', 'faults', { kind: 'truncated' });
    const half = await ask();
    await peer.control('POST', 'faults', { kind: 'cut' });

    expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html']);
    await expect(half.json()).rejects.toThrow();
    await expect(ask()).rejects.toThrow();
    expect((await ask()).status).toBe(200);
  });

  it('empty, change and remove fields of the rows they are meant for', async () => {
    const [one, two] = (await list()).data;
    await peer.control('POST', 'faults', {
      kind: 'fields',
      set: { half_day: 'third_quarter', employee_id: null },
      remove: ['approved'],
      ids: [two?.id],
    });

    const { data } = await list();

    const { approved: _approved, ...rest } = two as List['data'][number];
    expect(data[0]).toEqual(one);
    expect(data[1]).toEqual({ ...rest, half_day: 'third_quarter', employee_id: null });
  });

  it.each([
    ['empty', { count: 0, total: 0, more: false }],
    ['emptyWithNext', { count: 0, total: 10, more: true }],
    ['short', { count: 2, total: 10, more: true }],
    ['total', { count: 3, total: 9, more: true }],
  ])('make a page that is %s', async (shape, expected) => {
    await peer.control('POST', 'faults', { kind: 'page', shape });

    const { data, meta } = await list('limit=3&include_deleted_leaves=true');

    expect({ count: data.length, total: meta.total, more: meta.has_next_page }).toEqual(expected);
  });

  it('give the first page once more', async () => {
    const first = await list('limit=3');
    await peer.control('POST', 'faults', { kind: 'page', shape: 'repeat' });

    expect(await list(`limit=3&after_id=${first.meta.end_cursor}`)).toEqual(first);
  });

  it('let the data change between two pages', async () => {
    const calls = [{ method: 'DELETE', path: 'leaves/$leaves[9]?vanish=true' }];
    await peer.control('POST', 'faults', { kind: 'change', path: 'after_id', calls });
    const first = await list('limit=5&include_deleted_leaves=true');

    const second = await list(`limit=5&include_deleted_leaves=true&after_id=${first.meta.end_cursor}`);

    expect([first.meta.total, second.meta.total, second.data.length]).toEqual([10, 9, 4]);
  });

  it.each([401, 403, 404, 409, 422, 500, 503])('answer %i', async (status) => {
    await peer.control('POST', 'faults', { kind: 'status', status, body: { errors: ['no'] } });

    const response = await ask();

    expect([response.status, await response.json()]).toEqual([status, { errors: ['no'] }]);
  });

  it('can lose an answer whose request had its effect', async () => {
    await peer.control('POST', 'faults', { kind: 'cut', method: 'POST', when: 'after' });

    const response = fetch(`${simulator.url}/api/2026-10-01/resources/api_public/webhook_subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        subscription_type: 'timeoff/leave/create',
        target_url: receiver.url,
        company_id: companyId,
      }),
    });

    await expect(response).rejects.toThrow();
    expect(await peer.control('GET', 'subscriptions')).toHaveLength(1);
  });

  it.each([
    ['retryAfterSeconds', 'retry-after', /^7$/],
    ['retryAfterDate', 'retry-after', / GMT$/],
    ['rateLimit', 'ratelimit-reset', /^7$/],
  ])('limit the rate with headers in the style %s', async (headers, name, value) => {
    await peer.control('POST', 'faults', { kind: '429', headers, retryAfterSeconds: 7 });

    const response = await ask();

    expect(response.status).toBe(429);
    expect(response.headers.get(name)).toMatch(value);
  });

  it('of the rate count GET and POST together where the switch says so', async () => {
    await peer.control('PUT', 'switches', { getLimit: 'shared', postLimit: 2 });

    const created = await post('timeoff/leave/create');
    const statuses = [(await ask()).status, (await ask()).status];

    expect([created.statusCode, ...statuses]).toEqual([201, 200, 429]);
  });

  it('of the rate come by themselves when a limit is set', async () => {
    await peer.control('PUT', 'switches', { getLimit: 2 });

    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await ask()).status);
    await peer.control('POST', 'clock', { advanceMs: 60_000 });

    expect(statuses).toEqual([200, 200, 429]);
    expect((await ask()).status).toBe(200);
  });
});
