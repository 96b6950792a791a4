import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestApp, type Answer, type TestApp } from './support/test-app.ts';

const url = '/api/integrations/factorial/reconciliations';
const noCount = { read: 0, total: null };
const noDrift = { created: 0, updated: 0, deleted: 0 };

let t: TestApp;
let tenant: string;
let count = 0;

beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});
beforeEach(async () => {
  count += 1;
  tenant = `tenant-${count}`;
  t.rings.length = 0;
  await t.db.connection.create({ data: { tenantId: tenant, status: 'connected', generation: 2 } });
});

const ask = (body: unknown = {}): Promise<Answer> => t.call({ method: 'POST', url, body, tenant });
const read = (path = '', as = tenant): Promise<Answer> => t.call({ url: `${url}${path}`, tenant: as });

async function insert(data: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  const row = { tenantId: tenant, id, trigger: 'nightly', status: 'completed', generation: 2, ...data };
  await t.db.reconciliation.create({ data: row });
  return id;
}

describe('asking for a reconciliation', () => {
  it('queues one and rings', async () => {
    const { status, body } = await ask();

    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.any(String),
      status: 'queued',
      trigger: 'manual',
      startedAt: null,
      finishedAt: null,
      verified: false,
      counts: {
        employees: noCount,
        absences: noCount,
        absence_types: noCount,
        holidays: noCount,
        planned_minutes: noCount,
      },
      drift: {
        employees: noDrift,
        absences: noDrift,
        absence_types: noDrift,
        holidays: noDrift,
        planned_minutes: noDrift,
      },
      braked: [],
    });
    expect(t.rings).toEqual([{ tenantId: tenant, name: 'reconcileNow', arg: { reconciliationId: body.id } }]);
    expect(await t.db.reconciliation.findFirst({ where: { tenantId: tenant } })).toMatchObject({
      generation: 2,
    });
  });

  it('again answers the one that waits, also when both ask at once', async () => {
    const answers = await Promise.all([ask(), ask(), ask()]);
    const again = await ask();

    expect(new Set([...answers, again].map(({ body }) => body.id)).size).toBe(1);
    expect(await t.db.reconciliation.count({ where: { tenantId: tenant } })).toBe(1);
  });

  it('while one runs queues the next', async () => {
    const running = await insert({ status: 'running', startedAt: new Date() });

    const { body } = await ask();

    expect(body.status).toBe('queued');
    expect(body.id).not.toBe(running);
  });

  it('without a body does the same', async () => {
    expect((await t.call({ method: 'POST', url, tenant })).status).toBe(202);
  });

  it.each([
    ['not_connected', 'Factorial is not connected.'],
    ['disconnected', 'Factorial is not connected.'],
    ['expired', 'The connection with Factorial has expired'],
  ])('is refused while %s', async (status, detail) => {
    await t.db.connection.update({ where: { tenantId: tenant }, data: { status } });

    expect((await ask()).body).toMatchObject({ status: 409, code: 'not_connected', detail });
    expect(await t.db.reconciliation.count({ where: { tenantId: tenant } })).toBe(0);
  });

  it('with a body that is none is refused', async () => {
    expect((await ask('"now"')).body).toMatchObject({ status: 400, code: 'invalid_request' });
  });
});

describe('reading reconciliations', () => {
  it('shows counts and drift by kind, and what the brake holds back in words', async () => {
    const at = new Date('2026-11-22T02:00:00Z');
    const id = await insert({
      status: 'awaiting_approval',
      verified: false,
      startedAt: at,
      counts: { employees: { read: 40, total: 40 }, absences: { read: 9, total: 12 } },
      drift: { absences: { created: 1, deleted: 2 } },
    });
    const fact = { tenantId: tenant, readNumber: 1n, changedReadNumber: 1n };
    await t.db.profile.create({ data: { ...fact, id: '7', name: 'Nora Vidal' } });
    await t.db.absence.create({
      data: {
        ...fact,
        id: '8',
        profileId: '7',
        startOn: new Date('2026-12-01'),
        finishOn: new Date('2026-12-03'),
        approved: true,
      },
    });
    await t.db.holiday.create({ data: { ...fact, id: '9', date: new Date('2026-12-25') } });
    const pending = { tenantId: tenant, reconciliationId: id, provenRead: 1n, ofCount: 40 };
    await t.db.pendingDeletion.createMany({
      data: [
        { ...pending, kind: 'employees', factorialId: '7' },
        { ...pending, kind: 'absences', factorialId: '8' },
        { ...pending, kind: 'holidays', factorialId: '9' },
        { ...pending, kind: 'absences', factorialId: '404' },
      ],
    });

    const { status, body } = await read(`/${id}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      status: 'awaiting_approval',
      startedAt: '2026-11-22T02:00:00.000Z',
      counts: { employees: { read: 40, total: 40 }, absences: { read: 9, total: 12 }, holidays: noCount },
      drift: { absences: { created: 1, updated: 0, deleted: 2 }, employees: noDrift },
    });
    expect(body.braked).toEqual([
      {
        kind: 'absences',
        count: 2,
        of: 40,
        items: [
          { id: '404', label: '404' },
          { id: '8', label: 'Nora Vidal, 2026-12-01 – 2026-12-03' },
        ],
      },
      { kind: 'employees', count: 1, of: 40, items: [{ id: '7', label: 'Nora Vidal' }] },
      { kind: 'holidays', count: 1, of: 40, items: [{ id: '9', label: '2026-12-25' }] },
    ]);
  });

  it('lists them newest first, page by page', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1)
      ids.push(await insert({ requestedAt: new Date(Date.UTC(2026, 10, 1 + Math.floor(n / 2))) }));

    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages += 1) {
      const { body } = await read(`?limit=2${cursor}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = `&cursor=${body.nextCursor}`;
      if (body.nextCursor === null) break;
    }

    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(seen[0]).toBe(ids[4]);
    expect((await read('?limit=2')).body.items).toHaveLength(2);
    expect((await read()).body).toMatchObject({ nextCursor: null });
  });

  it.each([
    ['?limit=201', 'query.limit'],
    ['?limit=0', 'query.limit'],
    ['?limit=ten', 'query.limit'],
    ['?limit=1&limit=2', 'query.limit'],
    ['?cursor=abc', 'query.cursor'],
    ['?cursor=', 'query.cursor'],
    [`?cursor=${Buffer.from('{"requestedAt":"never","id":"x"}').toString('base64url')}`, 'query.cursor'],
  ])('with %s is refused', async (query, field) => {
    const { status, body } = await read(query);

    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain(`${field}: `);
  });

  it('of another tenant, or of none, finds nothing', async () => {
    const id = await insert();

    for (const answer of [
      await read(`/${id}`, `${tenant}-stranger`),
      await read(`/${crypto.randomUUID()}`),
      await read('/not-an-id'),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
    expect((await read('', `${tenant}-stranger`)).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('deciding on deletions', () => {
  const decide = (id: string, body: unknown, as = tenant): Promise<Answer> =>
    t.call({ method: 'POST', url: `${url}/${id}/approval`, body, tenant: as });

  async function braked(): Promise<string> {
    const id = await insert({ status: 'awaiting_approval' });
    await t.db.pendingDeletion.create({
      data: {
        tenantId: tenant,
        reconciliationId: id,
        kind: 'absences',
        factorialId: '8',
        provenRead: 1n,
        ofCount: 4,
      },
    });
    return id;
  }

  it.each(['approve', 'reject'])('records "%s" with who said so, and rings', async (decision) => {
    const id = await braked();

    const { status, body } = await decide(id, { decision });

    expect(status).toBe(202);
    expect(body).toMatchObject({ id, braked: [] });
    const row = await t.db.pendingDeletion.findFirstOrThrow({ where: { tenantId: tenant } });
    expect(row).toMatchObject({ decision, decidedBy: 'ana', decidedAt: expect.any(Date) });
    expect(t.rings).toEqual([{ tenantId: tenant, name: 'reconcileNow', arg: { reconciliationId: id } }]);
  });

  it('is done once', async () => {
    const id = await braked();
    await decide(id, { decision: 'reject' });

    expect((await decide(id, { decision: 'approve' })).body).toMatchObject({ status: 409, code: 'conflict' });
    expect(await t.db.pendingDeletion.findFirst({ where: { tenantId: tenant } })).toMatchObject({
      decision: 'reject',
    });
  });

  it('is for the tenant’s own people', async () => {
    const id = await braked();

    const { status } = await decide(id, { decision: 'approve' }, `${tenant}-stranger`);

    expect(status).toBe(404);
    expect(await t.db.pendingDeletion.findFirst({ where: { tenantId: tenant } })).toMatchObject({
      decision: null,
    });
  });

  it.each([[{}], [{ decision: 'maybe' }], [[]], ['"approve"']])(
    'with the body %j is refused',
    async (body) => {
      const answer = await decide(await braked(), body);

      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
      expect(answer.body.detail).toMatch(/^body/);
    },
  );
});
