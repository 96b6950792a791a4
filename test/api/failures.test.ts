import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type Answer, type TestApp } from './support/test-app.ts';

const base = '/api/integrations/factorial';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});

const get = (path: string, tenant: string): Promise<Answer> => t.call({ url: `${base}${path}`, tenant });

describe('failures', () => {
  const tenantId = 'with-failures';
  const at = (day: number) => new Date(Date.UTC(2026, 10, day, 8));
  const failure = (n: number, data: object = {}) => ({
    tenantId,
    id: `00000000-0000-4000-8000-00000000000${n}`,
    resource: 'absences',
    factorialId: String(n),
    code: 'schema_drift',
    message: 'start_on is not a date',
    firstAt: at(1),
    lastAt: at(n),
    ...data,
  });
  beforeAll(async () => {
    await t.db.failure.createMany({
      data: [
        failure(1),
        failure(2, { code: 'unknown_value', status: 'resolved' }),
        failure(3, { resource: 'employees' }),
        failure(4, {
          lastAt: at(3),
          nextTryAt: at(9),
          nextStep: 'Wait.',
          deliveryId: '12',
          workflowId: 'w',
          runId: 'r',
        }),
      ],
    });
  });
  const ids = ({ body }: Answer): string[] =>
    body.items.map((item: { factorialId: string }) => item.factorialId);

  it('are listed with everything that is known of them, the latest first', async () => {
    const { status, body } = await get('/failures', tenantId);

    expect(status).toBe(200);
    expect(ids({ body } as Answer)).toEqual(['3', '4', '2', '1']);
    expect(body.items[1]).toEqual({
      id: '00000000-0000-4000-8000-000000000004',
      code: 'schema_drift',
      message: 'start_on is not a date',
      resource: 'absences',
      factorialId: '4',
      firstAt: '2026-11-01T08:00:00.000Z',
      lastAt: '2026-11-03T08:00:00.000Z',
      tries: 1,
      status: 'open',
      nextTryAt: '2026-11-09T08:00:00.000Z',
      nextStep: 'Wait.',
      deliveryId: '12',
      reconciliationId: null,
      workflowId: 'w',
      runId: 'r',
    });
  });

  it.each([
    ['code=unknown_value', ['2']],
    ['resource=employees', ['3']],
    ['since=2026-11-03T08:00:00.000Z', ['3', '4']],
    ['since=2026-11-03T09:00:00%2B01:00', ['3', '4']],
    ['code=schema_drift&resource=absences&since=2026-11-02T00:00:00Z', ['4']],
    ['code=nothing', []],
  ])('are found by %s', async (query, expected) => {
    expect(ids(await get(`/failures?${query}`, tenantId))).toEqual(expected);
  });

  it('come page by page, with the filter kept, and none twice', async () => {
    const first = await get('/failures?limit=2&code=schema_drift', tenantId);
    const second = await get(`/failures?limit=2&code=schema_drift&cursor=${first.body.nextCursor}`, tenantId);

    expect([ids(first), ids(second), second.body.nextCursor]).toEqual([['3', '4'], ['1'], null]);
  });

  it.each([
    ['since=yesterday', 'query.since'],
    ['code=', 'query.code'],
    ['limit=-1', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['cursor=bm8', 'query.cursor'],
  ])('are not found by %s', async (query, field) => {
    const { status, body } = await get(`/failures?${query}`, tenantId);

    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain(`${field}: `);
  });

  it('of another tenant are not seen', async () => {
    expect((await get('/failures', 'stranger')).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('the activity', () => {
  const tenantId = 'busy';
  let ids: string[];
  beforeAll(async () => {
    const entry = { kind: 'sync', outcome: 'applied' };
    for (let n = 1; n <= 5; n += 1) {
      await t.db.activityEntry.create({ data: { ...entry, tenantId, summary: `entry ${n}`, count: n } });
      await t.db.activityEntry.create({ data: { ...entry, tenantId: 'somebody-else', summary: 'not ours' } });
    }
    const rows = await t.db.activityEntry.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
    ids = rows.map(({ id }) => String(id));
  });
  const summaries = ({ body }: Answer): string[] =>
    body.items.map((item: { summary: string }) => item.summary);

  it('is told newest first', async () => {
    const { status, body } = await get('/activity', tenantId);

    expect(status).toBe(200);
    expect(summaries({ body } as Answer)).toEqual(['entry 5', 'entry 4', 'entry 3', 'entry 2', 'entry 1']);
    expect(body.items[0]).toEqual({
      id: ids[4],
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      kind: 'sync',
      summary: 'entry 5',
      count: 5,
      outcome: 'applied',
    });
  });

  it('after an entry is what is newer, page by page', async () => {
    const first = await get(`/activity?after=${ids[1]}&limit=2`, tenantId);
    const second = await get(`/activity?after=${ids[1]}&limit=2&cursor=${first.body.nextCursor}`, tenantId);

    expect([summaries(first), summaries(second), second.body.nextCursor]).toEqual([
      ['entry 5', 'entry 4'],
      ['entry 3'],
      null,
    ]);
    expect((await get(`/activity?after=${ids[4]}`, tenantId)).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['after=x', 'query.after'],
    ['after=-1', 'query.after'],
    [`after=${'9'.repeat(30)}`, 'query.after'],
    ['limit=1000', 'query.limit'],
    ['cursor=e30', 'query.cursor'],
  ])('with %s is refused', async (query, field) => {
    const { status, body } = await get(`/activity?${query}`, tenantId);

    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain(`${field}: `);
  });

  it('of another tenant is not seen', async () => {
    expect((await get('/activity', 'stranger')).body).toEqual({ items: [], nextCursor: null });
  });
});
