import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../repositories/cipher.ts';
import { createDatabase } from '../../repositories/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { createDatabaseProxy } from './support/database-proxy.ts';
import type { AppDeps } from '../../api/app.ts';
import { createTestApp, type Answer, type TestApp } from './support/test-app.ts';

let t: TestApp;
let tenant: string;
let key: string;
let count = 0;
const challenge = 'the-challenge';
const topic = 'timeoff.leave.approve';

beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});
beforeEach(async () => {
  count += 1;
  tenant = `tenant-${count}`;
  key = await connect(tenant);
  t.notified.length = 0;
});

async function connect(tenantId: string, subscription: object = {}): Promise<string> {
  const secret = `key-of-${tenantId}`;
  await t.db.connection.create({ data: { tenantId, status: 'connected', generation: 3 } });
  await t.db.subscription.create({
    data: {
      tenantId,
      id: crypto.randomUUID(),
      generation: 3,
      type: 'timeoff/leave/approve',
      keyHash: hashSecret(secret),
      keyEnc: 'k',
      challengeEnc: 'c',
      challengeHash: hashSecret(challenge),
      state: 'active',
      ...subscription,
    },
  });
  return secret;
}

interface Delivery {
  key?: string;
  topic?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const deliver = (delivery: Delivery = {}): Promise<Answer> =>
  t.call({
    method: 'POST',
    url: `/webhooks/factorial/${delivery.key ?? key}/${delivery.topic ?? topic}`,
    body: delivery.body ?? { id: '1' },
    token: null,
    headers: { 'x-factorial-wh-challenge': challenge, ...delivery.headers },
  });
const inbox = () => t.db.inboxRow.findMany({ where: { tenantId: tenant }, orderBy: { id: 'asc' } });

describe('a delivery', () => {
  it('is stored before it is acknowledged, without its body', async () => {
    const body = JSON.stringify({
      id: '18446744073712001',
      updated_at: '2026-11-21T16:20:05.123Z',
      reason: 'flu at home',
    });

    const { status } = await deliver({ body });

    expect(status).toBe(200);
    expect(await inbox()).toMatchObject([
      {
        generation: 3,
        topic: 'timeoff/leave/approve',
        resourceId: '18446744073712001',
        updatedAtFloor: new Date('2026-11-21T16:20:05.123Z'),
        bodyHash: createHash('sha256').update(body).digest('hex'),
        bodyEnc: null,
        copies: 1,
        outcome: null,
      },
    ]);
    expect(t.notified).toEqual([tenant]);
    expect(t.logged()).not.toContain('flu at home');
    expect(t.logged()).not.toContain(key);
  });

  it('is merged into a copy that nobody has read yet, with the newest time', async () => {
    await deliver({ body: { id: '1', updated_at: '2026-11-21T10:00:00Z' } });
    await deliver({ body: { id: '1', updated_at: '2026-11-21T12:00:00Z' } });
    await deliver({ body: { id: '1', updated_at: '2026-11-21T11:00:00Z' } });
    await deliver({ body: { id: '1' } });

    expect(await inbox()).toMatchObject([{ copies: 4, updatedAtFloor: new Date('2026-11-21T12:00:00Z') }]);
  });

  it('that is a copy wakes nobody: the one whose row it is has', async () => {
    await deliver({ body: { id: '1' } });
    await deliver({ body: { id: '1' } });
    await deliver({ body: ['1', '2'] });
    await t.db.inboxRow.updateMany({ where: { tenantId: tenant }, data: { readNumber: 5n } });
    await deliver({ body: { id: '1' } });

    expect(t.notified).toEqual([tenant, tenant, tenant]); // for 1, for 2, and for 1 anew
  });

  it.each(['yesterday', '2026-13-01T00:00:00Z', '0000-06-01T00:00:00Z', '0001-01-01T00:00:00+14:00'])(
    'is stored without its time where that is none that can be stored: %s',
    async (time) => {
      const { status } = await deliver({ body: { id: '1', updated_at: time } });

      expect(status).toBe(200);
      expect(await inbox()).toMatchObject([{ resourceId: '1', updatedAtFloor: null }]);
    },
  );

  it('is a new one once the copy before it is being read', async () => {
    await deliver();
    await t.db.inboxRow.updateMany({ where: { tenantId: tenant }, data: { readNumber: 5n } });
    await deliver();

    expect(await inbox()).toMatchObject([{ readNumber: 5n }, { readNumber: null, copies: 1 }]);
  });

  it('counts every copy when many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => deliver({ body: { id: String(n % 10) } })),
    );

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const rows = await inbox();
    expect(new Set(rows.map(({ resourceId }) => resourceId))).toEqual(
      new Set(Array.from({ length: 10 }, (_, n) => String(n))),
    );
    expect(rows.map(({ copies }) => copies)).toEqual(Array.from({ length: 10 }, () => 20));
  });

  it.each([
    ['an object', '{"id":"7"}', ['7']],
    ['a number beyond 2^53', '{"id":18446744073712001}', ['18446744073712001']],
    ['a small number', '{"id":12}', ['12']],
    ['a list of objects', '[{"id":"1"},{"id":2}]', ['1', '2']],
    ['a list of ids', '{"ids":["1",18446744073712001]}', ['1', '18446744073712001']],
    ['an envelope', '{"data":{"id":"9"}}', ['9']],
    ['an envelope of ids', '{"data":{"ids":[3,"4"]}}', ['3', '4']],
    ['a list that is empty beside an envelope', '{"ids":[],"data":{"id":"9"}}', ['9']],
    ['an envelope of many', '{"data":[{"id":"9"},{"id":"10"}]}', ['10', '9']],
    ['the same resource twice', '[{"id":"1"},{"id":"1"}]', ['1']],
  ])('may be %s', async (_, body, ids) => {
    expect((await deliver({ body })).status).toBe(200);

    const rows = await inbox();
    expect(new Set(rows.map(({ resourceId }) => resourceId))).toEqual(new Set(ids));
    expect(rows).toHaveLength(ids.length);
    expect(rows.every(({ outcome }) => outcome === null)).toBe(true);
  });

  it.each([
    ['nothing', '{}'],
    ['an empty list', '[]'],
    ['an empty list of ids', '{"ids":[]}'],
    ['an empty envelope', '{"data":null}'],
    ['null', 'null'],
    ['a text', '"7"'],
    ['an id that is no id', '{"id":{"a":1}}'],
    ['a negative id', '{"id":-5}'],
    ['a broken number', '{"id":12345678901234567890.5}'],
    ['an id with a control character', '{"id":"a\\u0000b"}'],
    ['an endless id', JSON.stringify({ id: 'x'.repeat(500) })],
    ['lists in lists', '[[[[[[[{"id":"1"}]]]]]]]'],
    ['very deep lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('without a readable id (%s) is stored whole, encrypted', async (_, body) => {
    expect((await deliver({ body })).status).toBe(200);

    const rows = await inbox();
    expect(rows).toMatchObject([{ resourceId: null, outcome: 'unreadable', outcomeAt: expect.any(Date) }]);
    expect(t.deps.cipher.decrypt(rows[0]?.bodyEnc ?? '', { tenantId: tenant, column: 'inbox.body' })).toBe(
      body,
    );
  });

  it('with some readable ids stores those, and itself for the rest', async () => {
    await deliver({ body: [{ id: '1' }, { name: 'who?' }, { id: '2' }] });

    expect((await inbox()).map(({ resourceId }) => resourceId)).toEqual(['1', '2', null]);
  });

  it('of five thousand ids is stored whole', async () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => String(n));

    expect((await deliver({ body: { ids } })).status).toBe(200);

    expect(await t.db.inboxRow.count({ where: { tenantId: tenant } })).toBe(5_000);
  });
});

describe('a refusal', () => {
  const wrong = { 'x-factorial-wh-challenge': 'wrong' };
  const text = { 'content-type': 'text/plain' };
  const tooMuch = '{'.padEnd(1024 * 1024 + 1);
  const cases: [string, Delivery, number, string][] = [
    [
      'of an unknown key comes first',
      { key: 'no', body: '{', headers: { ...wrong, ...text } },
      404,
      'not_found',
    ],
    ['of an unknown topic', { topic: 'timeoff.leave.create' }, 404, 'not_found'],
    ['of a topic in another form', { topic: 'timeoff%2Fleave%2Fapprove' }, 404, 'not_found'],
    ['of an endless topic', { topic: 'x'.repeat(600) }, 404, 'not_found'],
    [
      'of a wrong challenge comes next',
      { body: tooMuch, headers: { ...wrong, ...text } },
      401,
      'unauthenticated',
    ],
    ['of an empty challenge', { headers: { 'x-factorial-wh-challenge': '' } }, 401, 'unauthenticated'],
    ['of another media type comes next', { body: tooMuch, headers: text }, 415, 'unsupported_media_type'],
    ['of a look-alike', { headers: { 'content-type': 'application/jsonp' } }, 415, 'unsupported_media_type'],
    ['of too much comes next', { body: tooMuch }, 413, 'too_large'],
    ['of broken JSON comes last', { body: '{"id":' }, 400, 'invalid_request'],
    ['of bytes that are no text', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'invalid_request'],
    ['of an empty body', { body: '' }, 400, 'invalid_request'],
  ];
  it.each(cases)('%s', async (_, delivery, status, code) => {
    const answer = await deliver(delivery);

    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, code, requestId: expect.any(String) });
    expect(answer.status).toBe(status);
    expect(await inbox()).toEqual([]);
    expect(t.notified).toEqual([]);
  });

  it('of a missing challenge is the same as of a wrong one', async () => {
    const url = `${t.url}/webhooks/factorial/${key}/${topic}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":"1"}',
    });

    expect(response.status).toBe(401);
  });

  it('of a body without a declared length comes while it is read', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${t.url}/webhooks/factorial/${key}/${topic}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-factorial-wh-challenge': challenge,
          'transfer-encoding': 'chunked',
        },
      });
      request.on('response', (response) => {
        resolve(response.statusCode);
        response.resume();
        request.destroy();
      });
      request.on('error', reject);
      request.write(Buffer.alloc(1024 * 1024 + 1, ' ')); // and never ends
    });

    expect(status).toBe(413);
  });

  it('takes other JSON media types', async () => {
    expect((await deliver({ headers: { 'content-type': 'application/json; charset=utf-8' } })).status).toBe(
      200,
    );
    expect((await deliver({ headers: { 'content-type': 'application/vnd.factorial+json' } })).status).toBe(
      200,
    );
  });

  it('one byte below the limit is none', async () => {
    expect((await deliver({ body: '{"id":"1"}'.padEnd(1024 * 1024) })).status).toBe(200);
  });
});

describe('a key', () => {
  const retire = (dropUntil: Date | null) =>
    t.db.subscription.updateMany({ where: { tenantId: tenant }, data: { retiredAt: new Date(), dropUntil } });

  it('that is retired answers 404 at once, also when it was used just before', async () => {
    expect((await deliver({ body: { id: '1' } })).status).toBe(200);
    await retire(null);

    expect((await deliver({ body: { id: '2' } })).status).toBe(404);
    expect((await deliver({ body: { id: '3' } })).status).toBe(404);
    expect((await inbox()).map(({ resourceId }) => resourceId)).toEqual(['1']);
  });

  it('that is retired fails nobody else’s delivery at the same moment', async () => {
    const other = await connect(`${tenant}-other`);
    await Promise.all([deliver(), deliver({ key: other })]);
    await retire(null);

    const answers = await Promise.all([
      deliver(),
      deliver({ key: other }),
      deliver(),
      deliver({ key: other }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([404, 200, 404, 200]);
  });

  it('whose removal is not confirmed answers 200 and drops, until its time is over', async () => {
    await deliver();
    await t.db.inboxRow.deleteMany({ where: { tenantId: tenant } });
    await retire(new Date(Date.now() + 60_000));
    expect((await deliver()).status).toBe(200);
    expect((await deliver()).status).toBe(200);
    expect(await inbox()).toEqual([]);

    await retire(new Date(Date.now() - 1));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await deliver()).status).toBe(404);
  });

  it('of an expired connection still stores', async () => {
    await t.db.connection.update({ where: { tenantId: tenant }, data: { status: 'expired' } });

    expect((await deliver()).status).toBe(200);

    expect(await inbox()).toMatchObject([{ outcome: null }]);
  });

  it('of a connection that is being taken down stores what nobody will work off', async () => {
    await t.db.connection.update({
      where: { tenantId: tenant },
      data: { status: 'disconnected', generation: 4 },
    });

    expect((await deliver({ body: [{ id: '1' }, {}] })).status).toBe(200);

    expect(await inbox()).toMatchObject([
      { outcome: 'disconnected', generation: 4, resourceId: '1' },
      { outcome: 'disconnected', resourceId: null, bodyEnc: null },
    ]);
  });

  it('opens its own tenant’s inbox only, with its own challenge only', async () => {
    const other = await connect(`${tenant}-other`, { challengeHash: hashSecret('another-challenge') });

    expect((await deliver({ key: other })).status).toBe(401);
    expect(
      (await deliver({ key: other, headers: { 'x-factorial-wh-challenge': 'another-challenge' } })).status,
    ).toBe(200);

    expect(await inbox()).toEqual([]);
    expect(await t.db.inboxRow.count({ where: { tenantId: `${tenant}-other` } })).toBe(1);
  });
});

describe('a limit', () => {
  const withLimits = async (limits: AppDeps['webhookLimits'], work: () => Promise<void>): Promise<void> => {
    const limited = await createTestApp(limits === undefined ? {} : { webhookLimits: limits });
    const home = t;
    t = limited;
    try {
      await connect(tenant);
      await work();
    } finally {
      t = home;
      await limited.close();
    }
  };
  const slowly = { perSecond: 0.01, burst: 3 };

  it('for an address counts what fails authentication, and never what is right', async () => {
    await withLimits({ failedPerAddress: slowly }, async () => {
      const wrong = { headers: { 'x-factorial-wh-challenge': 'wrong' } };
      const failures = [
        await deliver(wrong),
        await deliver({ key: 'no' }),
        await deliver(wrong),
        await deliver(wrong),
      ];

      expect(failures.map(({ status }) => status)).toEqual([401, 404, 401, 429]);
      expect(failures[3]?.body.code).toBe('too_many_requests');
      expect(Number(failures[3]?.headers['retry-after'])).toBeGreaterThan(0);
      expect((await deliver()).status).toBe(200);
    });
  });

  it('for a key holds up no other key', async () => {
    await withLimits({ perKey: slowly }, async () => {
      const other = await connect(`${tenant}-other`);
      const answers = [
        await deliver(),
        await deliver(),
        await deliver(),
        await deliver(),
        await deliver({ key: other }),
      ];

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 200]);
    });
  });
});

describe('while the database is away', () => {
  it('a delivery gets 503 with a time to come back, and is stored when it does', async () => {
    const database = await createTestDatabase();
    const proxy = await createDatabaseProxy(database.url);
    const db = createDatabase(proxy.url, 3);
    const away = await createTestApp({ db });
    const home = t;
    t = away;
    try {
      await connect(tenant);
      expect((await deliver()).status).toBe(200);

      proxy.cut();
      const first = await deliver({ body: { id: '2' } }); // its key is still remembered
      await new Promise((resolve) => setTimeout(resolve, 550));
      const second = await deliver({ body: { id: '3' } });

      for (const { status, body, headers, text } of [first, second]) {
        expect([status, body.code]).toEqual([503, 'unavailable']);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
        expect(text).not.toMatch(/prisma|pg|ECONN|connect/i);
      }
      expect(away.notified).toEqual([tenant]);

      proxy.restore();
      expect((await deliver({ body: { id: '2' } })).status).toBe(200);
      expect((await inbox()).map(({ resourceId }) => resourceId)).toEqual(['1', '2']);
    } finally {
      t = home;
      await away.close();
      await db.$disconnect();
      await proxy.close();
      await database.drop();
    }
  });
});

describe('while a disconnect commits', () => {
  it('no delivery is left undone', async () => {
    let deliveries: Promise<Answer[]> = Promise.resolve([]);
    await t.db.$transaction(async (tx) => {
      await tx.connection.update({
        where: { tenantId: tenant },
        data: { status: 'disconnected', generation: 4 },
      });
      await tx.inboxRow.updateMany({
        where: { tenantId: tenant, outcome: null },
        data: { outcome: 'disconnected' },
      });
      deliveries = Promise.all([deliver(), deliver({ body: { id: '2' } })]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    });

    expect((await deliveries).map(({ status }) => status)).toEqual([200, 200]);
    expect((await inbox()).map(({ outcome }) => outcome)).toEqual(['disconnected', 'disconnected']);
  });
});
