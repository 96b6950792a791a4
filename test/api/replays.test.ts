import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { endReplayItems, finishReplay } from '../../repositories/replays.ts';
import { createTestApp, makeToken, type Answer, type TestApp } from './support/test-app.ts';

const base = '/api/integrations/factorial';
const at = new Date('2026-11-26T08:00:00.000Z');

let t: TestApp;
let tenant: string;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});
beforeEach(async () => {
  tenant = `t-${randomUUID().slice(0, 8)}`;
  await t.db.connection.create({ data: { tenantId: tenant, status: 'connected', generation: 1 } });
  t.replays.length = 0;
});

const post = (path: string, body: object = {}): Promise<Answer> =>
  t.call({ method: 'POST', url: `${base}${path}`, body, tenant });
const get = (path: string): Promise<Answer> => t.call({ url: `${base}${path}`, tenant });

/** Failures of the tenant, with ids that say which is which. */
async function fail(...rows: object[]): Promise<string[]> {
  const failures = rows.map((row, n) => ({
    tenantId: tenant,
    id: randomUUID(),
    resource: 'absences',
    factorialId: `f${n}`,
    code: 'schema_drift',
    message: 'start_on is not a date',
    firstAt: at,
    lastAt: at,
    ...row,
  }));
  await t.db.failure.createMany({ data: failures });
  return failures.map(({ id }) => id);
}

const statuses = async (): Promise<string[]> =>
  (await t.db.failure.findMany({ where: { tenantId: tenant }, orderBy: { factorialId: 'asc' } })).map(
    ({ status }) => status,
  );

describe('a replay of what matches', () => {
  it('is previewed: how many, the latest of them, and nothing changes', async () => {
    await fail(
      {},
      { lastAt: new Date('2026-11-26T09:00:00.000Z') },
      { code: 'unknown_value' },
      { status: 'resolved' },
    );

    const { status, body } = await post('/failures/replay', {
      filter: { code: 'schema_drift' },
      dryRun: true,
    });

    expect([status, body.count, body.sample.map((one: { factorialId: string }) => one.factorialId)]).toEqual([
      200,
      2,
      ['f1', 'f0'],
    ]);
    expect(body.sample[0]).toMatchObject({
      code: 'schema_drift',
      status: 'open',
      lastAt: '2026-11-26T09:00:00.000Z',
    });
    expect([await statuses(), t.replays]).toEqual([['open', 'open', 'open', 'resolved'], []]);
  });

  it('is stored with a frozen set and started; what is being retried is not taken again', async () => {
    await fail({}, {}, { code: 'unknown_value' });

    const { status, body } = await post('/failures/replay', { filter: { code: 'schema_drift' } });
    await fail({ factorialId: 'later' });
    const again = await post('/failures/replay', { filter: {} });

    expect([status, body]).toEqual([202, { id: expect.any(String), count: 2 }]);
    expect(again.body.count).toBe(2); // the other code, and the later one
    expect(await statuses()).toEqual(['retrying', 'retrying', 'retrying', 'retrying']);
    expect(t.replays).toEqual([
      ['start', tenant, body.id],
      ['start', tenant, again.body.id],
    ]);
    expect((await get(`/replays/${body.id}`)).body).toEqual({
      id: body.id,
      status: 'queued',
      count: 2,
      done: 0,
      succeeded: 0,
      failed: 0,
      startedAt: null,
      finishedAt: null,
    });
  });

  it.each([
    [{ resource: 'employees' }, 1],
    [{ since: '2026-11-26T08:30:00Z' }, 1],
    [{ since: '2026-11-26T10:30:00+02:00', resource: 'employees' }, 0],
    [{ code: 'nothing' }, 0],
    [{}, 3],
  ])('takes %j', async (filter, count) => {
    await fail({}, { resource: 'employees' }, { lastAt: new Date('2026-11-26T09:00:00.000Z') });

    const { body } = await post('/failures/replay', { filter });

    expect(body.count).toBe(count);
    if (count > 0) return;
    expect((await get(`/replays/${body.id}`)).body).toMatchObject({
      status: 'completed',
      count: 0,
      finishedAt: expect.any(String),
    });
    expect(t.replays).toEqual([]);
  });

  it('takes those that are named, and no stranger’s', async () => {
    const [one = '', two = ''] = await fail({}, {});
    await t.db.failure.create({
      data: {
        tenantId: 'somebody',
        id: randomUUID(),
        resource: 'absences',
        factorialId: '1',
        code: 'schema_drift',
        message: 'm',
        firstAt: at,
        lastAt: at,
      },
    });
    const stranger = await t.db.failure.findFirstOrThrow({ where: { tenantId: 'somebody' } });

    expect((await post('/failures/replay', { filter: { ids: [one, stranger.id] } })).body.count).toBe(1);
    expect(await t.db.failure.findFirst({ where: { id: stranger.id } })).toMatchObject({ status: 'open' });
    expect((await post(`/failures/${two}/replay`)).status).toBe(202);
  });

  it.each([
    [{}, 'body.filter'],
    [{ filter: { ids: ['x'] } }, 'body.filter.ids'],
    [{ filter: { ids: [] } }, 'body.filter.ids'],
    [{ filter: { since: 'yesterday' } }, 'body.filter.since'],
    [{ filter: { kode: 'x' } }, 'body'],
    [{ filter: {}, dryRun: 'yes' }, 'body.dryRun'],
  ])('is refused for %j', async (body, field) => {
    const answer = await post('/failures/replay', body);

    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.detail).toContain(field);
  });

  it('is refused without a connection', async () => {
    await t.db.connection.update({ where: { tenantId: tenant }, data: { status: 'expired' } });

    const { status, body } = await post('/failures/replay', { filter: {} });

    expect([status, body.code, body.detail]).toEqual([
      409,
      'not_connected',
      'The connection with Factorial has expired',
    ]);
  });
});

describe('a replay of one failure', () => {
  it('is asked for once, however often it is asked for', async () => {
    const [id = ''] = await fail({});

    const first = await post(`/failures/${id}/replay`);
    const second = await post(`/failures/${id}/replay`);

    expect([first.status, first.body.count]).toEqual([202, 1]);
    expect([second.status, second.body]).toEqual([202, first.body]);
  });

  it('that is resolved is refused', async () => {
    const [id = ''] = await fail({ status: 'resolved' });

    const { status, body } = await post(`/failures/${id}/replay`);

    expect([status, body.code]).toEqual([409, 'conflict']);
  });
});

describe('what came of a replay', () => {
  async function replayed(): Promise<{ id: string; ids: string[] }> {
    const ids = await fail({}, {}, {});
    const { body } = await post('/failures/replay', { filter: {} });
    const [one = '', two = ''] = ids.toSorted();
    await t.db.$transaction((tx) =>
      endReplayItems(
        tx,
        tenant,
        body.id,
        [
          { failureId: one, outcome: 'succeeded', code: 'synced', message: 'Read.' },
          { failureId: two, outcome: 'failed', code: 'schema_drift', message: 'Again.' },
        ],
        at,
      ),
    );
    return { id: body.id, ids: ids.toSorted() };
  }

  it('is told item by item, page by page, in the order of the failures', async () => {
    const { id, ids } = await replayed();

    const first = await get(`/replays/${id}/items?limit=2`);
    const second = await get(`/replays/${id}/items?limit=2&cursor=${first.body.nextCursor}`);

    expect(first.body.items).toEqual([
      { failureId: ids[0], outcome: 'succeeded', code: 'synced', message: 'Read.' },
      { failureId: ids[1], outcome: 'failed', code: 'schema_drift', message: 'Again.' },
    ]);
    expect(second.body).toEqual({
      items: [{ failureId: ids[2], outcome: null, code: null, message: null }],
      nextCursor: null,
    });
    expect((await get(`/replays/${id}`)).body).toMatchObject({ count: 3, done: 2, succeeded: 1, failed: 1 });
  });

  it('is skipped after a cancellation, and can be asked for again', async () => {
    const { id, ids } = await replayed();

    const { status, body } = await post(`/replays/${id}/cancel`);
    expect([status, body.id, t.replays.at(-1)]).toEqual([202, id, ['cancel', id]]);
    expect((await t.db.replay.findFirstOrThrow({ where: { id } })).cancelAskedAt).not.toBeNull();
    await finishReplay(t.db, tenant, id, 'cancelled', at); // what its workflow does then

    expect((await get(`/replays/${id}/items`)).body.items[2]).toEqual({
      failureId: ids[2],
      outcome: 'skipped',
      code: 'cancelled',
      message: 'The replay was cancelled before its turn.',
    });
    expect((await get(`/replays/${id}`)).body).toMatchObject({
      status: 'cancelled',
      finishedAt: at.toISOString(),
    });
    expect((await post('/failures/replay', { filter: {}, dryRun: true })).body.count).toBe(2);
    expect((await post(`/replays/${id}/cancel`)).body.status).toBe('cancelled'); // ended is ended
  });

  it('is nobody else’s; an operator names the tenant', async () => {
    const { id, ids } = await replayed();
    const [failure = ''] = ids;
    for (const [method, path] of [
      ['GET', `/replays/${id}`],
      ['GET', `/replays/${id}/items`],
      ['POST', `/replays/${id}/cancel`],
      ['POST', `/failures/${failure}/replay`],
      ['GET', '/replays/7'],
      ['POST', '/failures/7/replay'],
    ] as const) {
      const answer = await t.call({
        method,
        url: `${base}${path}`,
        tenant: 'stranger',
        ...(method === 'POST' ? { body: {} } : {}),
      });
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not_found']);
    }

    const token = await makeToken({ tenant: 'workmeter', roles: ['operator'] });
    expect((await t.call({ url: `${base}/replays/${id}?tenant=${tenant}`, token })).status).toBe(200);
  });
});
