import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../repositories/database.ts';
import { createTestApp, type Answer, type TestApp } from './support/test-app.ts';

const base = '/api/integrations/factorial';
const callback = '/api/Integration/factorial/Callback';

let now = Date.now();
let t: TestApp;
let tenant: string;
let count = 0;

beforeAll(async () => {
  t = await createTestApp({ now: () => now });
});
afterAll(async () => {
  await t.close();
});
beforeEach(() => {
  now = Date.now();
  tenant = `tenant-${(count += 1)}`;
});

async function startAttempt(kind: 'authorization' | 'reauthorization' = 'authorization'): Promise<string> {
  if (kind === 'authorization') {
    const body = { clientId: 'c', clientSecret: 's' };
    await t.call({ method: 'PUT', url: `${base}/credentials`, body, tenant });
  } else {
    await t.db.credentialVersion.create({
      data: { tenantId: tenant, version: 1, clientId: 'c', clientSecretEnc: 'e' },
    });
    await t.db.connection.create({ data: { tenantId: tenant, status: 'connected', credentialVersion: 1 } });
  }
  const { body } = await t.call({ method: 'POST', url: `${base}/${kind}`, body: {}, tenant });
  return new URL(body.authorizationUrl).searchParams.get('state') ?? '';
}

const visit = (query: Record<string, string> | string): Promise<Answer> =>
  t.call({ url: `${callback}?${new URLSearchParams(query).toString()}`, token: null });
const attempt = () => t.db.authorizationAttempt.findFirstOrThrow({ where: { tenantId: tenant } });
const received = () =>
  t.db.connectionCommand.findMany({
    where: { tenantId: tenant, actor: 'factorial' },
    orderBy: { number: 'asc' },
  });

describe('the callback', () => {
  it('is a page to reload where the database is away, and tells the wizard nothing', async () => {
    const db = createDatabase('postgresql://nobody@127.0.0.1:9/none', 1);
    const away = await createTestApp({ db });
    try {
      const answer = await away.call({ url: `${callback}?code=one-time-code&state=any`, token: null });

      expect(answer.status).toBe(503);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'retry-after': '5',
      });
      expect(answer.text).toContain('reload this page');
      expect(answer.text).not.toContain('<script');
    } finally {
      await away.close();
    }
  });

  it('keeps the code encrypted, gives the command and says so on a page that tells its opener', async () => {
    const state = await startAttempt();

    const { status, headers, text } = await visit({ code: 'one-time-code', state });

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(text).toContain('"source":"factorial","outcome":"received","code":null');
    expect(text).toContain('postMessage(message, "https://timework.example.com")');
    expect(text).toContain("new BroadcastChannel('factorial')");
    expect(text).toContain('<h1>Factorial is being connected</h1>');
    const [, nonce] = /'nonce-([^']+)'/.exec(headers['content-security-policy'] ?? '') ?? [];
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'nonce-/);
    expect(text).toContain(`<script nonce="${nonce}">`);
    const { id, codeEnc, usedAt } = await attempt();
    expect(usedAt?.getTime()).toBe(now);
    expect(
      t.deps.cipher.decrypt(codeEnc ?? '', { tenantId: tenant, column: 'authorization_attempts.code' }),
    ).toBe('one-time-code');
    const [command] = await received();
    expect(command).toMatchObject({ type: 'receive_code', payload: { attemptId: id }, outcome: null });
    expect(t.rings.at(-1)).toEqual({
      tenantId: tenant,
      name: 'oauthCallback',
      arg: { commandId: command?.id },
    });
    expect(t.logged()).not.toContain('one-time-code');
    expect(t.logged()).not.toContain(state);
  });

  it('of a reauthorization gives its own command', async () => {
    const state = await startAttempt('reauthorization');

    expect((await visit({ code: 'c', state })).status).toBe(200);

    expect(await received()).toMatchObject([{ type: 'receive_reauthorization_code' }]);
  });

  it.each([
    ['access_denied', 'access_denied', 'authorization_denied'],
    ['invalid_scope', 'invalid_scope', 'scopes_missing'],
    ['server_error', 'server_error', 'factorial_unreachable'],
    ['<script>', 'other', 'authorization_denied'],
  ])(
    'with the error %s is a denial, of which the word %s and the reason %s are told',
    async (error, kept, code) => {
      const state = await startAttempt();

      const { status, text } = await visit({ error, code: 'ignored', state });

      expect(status).toBe(200);
      expect(text).toContain(`"outcome":"denied","code":"${code}"`);
      expect(text).not.toContain(error);
      const { id, codeEnc } = await attempt();
      expect(codeEnc).toBeNull();
      expect(await received()).toMatchObject([
        { type: 'receive_denial', payload: { attemptId: id, error: kept } },
      ]);
    },
  );

  it('is taken once, whoever comes second', async () => {
    const state = await startAttempt();

    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => visit({ code: `code-${n}`, state })),
    );

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 410, 410, 410, 410, 410,
    ]);
    expect(await received()).toHaveLength(1);
    const late = answers.find(({ status }) => status === 410);
    expect(late?.text).toContain('"outcome":"failed","code":"authorization_expired"');
    expect(late?.text).toContain('The authorization has expired');
    expect(late?.headers['cache-control']).toBe('no-store');
  });

  it('comes too late after ten minutes', async () => {
    const state = await startAttempt();

    now += 600_000;
    expect((await visit({ code: 'c', state })).status).toBe(410);
    now -= 1;
    expect((await visit({ code: 'c', state })).status).toBe(200);
  });

  it('of an attempt that another one made void is gone', async () => {
    const first = await startAttempt();
    const second = await startAttempt();

    expect((await visit({ code: 'c', state: first })).status).toBe(410);
    expect((await visit({ code: 'c', state: second })).status).toBe(200);
  });

  it.each([
    ['an unknown state', { code: 'c', state: 'unknown' }],
    ['no state', { code: 'c' }],
    ['an empty state', { code: 'c', state: '' }],
    ['an endless state', { code: 'c', state: 'x'.repeat(5_000) }],
    ['two states', 'code=c&state=a&state=b'],
    ['nothing', {}],
  ])('with %s is not known', async (_, query) => {
    const { status, text, headers } = await visit(query);

    expect(status).toBe(400);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(text).toContain('"outcome":"failed","code":"invalid_request"');
  });

  it('with neither code nor error leaves the attempt as it is', async () => {
    const state = await startAttempt();

    expect((await visit({ state })).status).toBe(400);
    expect((await visit({ state, code: '' })).status).toBe(400);

    expect((await attempt()).usedAt).toBeNull();
  });

  it('is not used up by a scanner that only asks for the head', async () => {
    const state = await startAttempt();

    const response = await fetch(`${t.url}${callback}?code=c&state=${state}`, { method: 'HEAD' });

    expect(response.status).toBe(404);
    expect((await attempt()).usedAt).toBeNull();
  });
});
