import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../repositories/cipher.ts';
import { createTestApp, type Answer, type TestApp } from './support/test-app.ts';

const base = '/api/integrations/factorial';
const credentials = { clientId: 'client-1', clientSecret: 'very-secret' };

let t: TestApp;
let tenant: string;
let count = 0;

beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});
beforeEach(() => {
  tenant = `tenant-${(count += 1)}`;
  t.rings.length = 0;
});

/** Plays the worker: carries out everything that waits, with the status it leads to. */
async function settle(status: string, data: object = {}): Promise<void> {
  await t.db.connectionCommand.updateMany({
    where: { tenantId: tenant, outcome: null },
    data: { outcome: 'done' },
  });
  await t.db.connection.upsert({
    where: { tenantId: tenant },
    create: { tenantId: tenant, status, ...data },
    update: { status, ...data },
  });
}

const put = (body: unknown = credentials): Promise<Answer> =>
  t.call({ method: 'PUT', url: `${base}/credentials`, body, tenant });
const post = (path: string, body: unknown = {}): Promise<Answer> =>
  t.call({ method: 'POST', url: `${base}${path}`, body, tenant });
const undone = () =>
  t.db.connectionCommand.findMany({ where: { tenantId: tenant, outcome: null }, orderBy: { number: 'asc' } });

describe('the card', () => {
  it('shows a tenant of which nothing is known as not connected, and writes nothing', async () => {
    const { status, body } = await t.call({ url: base, tenant });

    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'not_connected',
      paused: false,
      redirectUri: 'https://timework.example.com/api/Integration/factorial/Callback',
      apiHost: 'https://api.factorialhr.com',
      connectedAt: null,
      tokenOwner: null,
      tokenStatus: null,
      tokenExpiresAt: null,
      errors7d: 0,
      company: null,
      warning: null,
      warnings: [],
      lastReconciliation: null,
      parked: { absences: 0, types: 0, employees: 0 },
      unlinked: { employees: 0, profiles: 0 },
      subscriptions: expect.arrayContaining([{ type: 'timeoff/leave/approve', state: 'missing' }]),
      progress: null,
    });
    expect(body.subscriptions).toHaveLength(19);
    expect(await t.db.tenant.count({ where: { id: tenant } })).toBe(0);
  });

  it('shows everything that is known, the most serious warning first', async () => {
    const now = Date.now();
    await put();
    await settle('connected', {
      apiHost: 'https://api.eu.factorialhr.com',
      tokenOwner: 'user',
      companyId: '77',
      companyName: 'Acme',
      connectedAt: new Date('2026-11-01T08:00:00Z'),
    });
    await t.db.tokenPair.create({
      data: {
        tenantId: tenant,
        generation: 1,
        version: 1,
        credentialVersion: 1,
        accessTokenEnc: 'x',
        refreshTokenEnc: 'y',
        obtainedAt: new Date(now - 3_600_000),
        expiresAt: new Date(now - 1_000),
      },
    });
    await t.db.connectionWarning.createMany({
      data: [
        {
          tenantId: tenant,
          code: 'command_refused',
          message: 'No.',
          since: new Date('2026-11-02T00:00:00Z'),
        },
        {
          tenantId: tenant,
          code: 'scopes_missing',
          message: 'Tick.',
          since: new Date('2026-11-03T00:00:00Z'),
        },
      ],
    });
    const failure = {
      tenantId: tenant,
      resource: 'absences',
      code: 'schema_drift',
      message: 'm',
      firstAt: new Date(now),
    };
    await t.db.failure.createMany({
      data: [
        {
          ...failure,
          id: crypto.randomUUID(),
          factorialId: '1',
          lastAt: new Date(now - 7 * 86_400_000 + 60_000),
        },
        {
          ...failure,
          id: crypto.randomUUID(),
          factorialId: '2',
          lastAt: new Date(now - 7 * 86_400_000 - 60_000),
        },
      ],
    });
    const id = crypto.randomUUID();
    await t.db.reconciliation.create({
      data: {
        tenantId: tenant,
        id,
        trigger: 'first',
        status: 'running',
        generation: 1,
        startedAt: new Date(now),
        phase: 'absences',
        counts: { employees: { read: 40, total: 40 }, absences: { read: 10, total: 100 } },
      },
    });
    const profile = { tenantId: tenant, readNumber: 1n, changedReadNumber: 1n };
    await t.db.profile.createMany({
      data: [
        { ...profile, id: '1', name: 'Nora' },
        { ...profile, id: '2', name: 'Gone', terminatedOn: new Date('2020-01-01') },
        { ...profile, id: '3', name: 'Deleted', deletedAt: new Date() },
      ],
    });
    await t.db.employee.create({
      data: { tenantId: tenant, id: 'e1', name: 'Iker', createdBy: 'time@work' },
    });
    await t.db.absence.create({
      data: {
        ...profile,
        id: 'a1',
        profileId: '1',
        absenceTypeId: '5',
        startOn: new Date(now),
        approved: true,
      },
    });
    await t.db.subscription.create({
      data: {
        tenantId: tenant,
        id: crypto.randomUUID(),
        generation: 1,
        type: 'timeoff/leave/approve',
        keyHash: 'h',
        keyEnc: 'e',
        challengeEnc: 'c',
        challengeHash: 'd',
        state: 'active',
      },
    });

    const { body } = await t.call({ url: base, tenant });

    expect(body).toMatchObject({
      status: 'connected',
      apiHost: 'https://api.eu.factorialhr.com',
      connectedAt: '2026-11-01T08:00:00.000Z',
      tokenOwner: 'user',
      tokenStatus: 'refresh_recommended',
      tokenExpiresAt: new Date(now - 1_000).toISOString(),
      errors7d: 1,
      company: { id: '77', name: 'Acme' },
      warning: {
        code: 'scopes_missing',
        message: 'Tick.',
        since: '2026-11-03T00:00:00.000Z',
        action: { code: 'reauthorize', label: 'Reauthorize' },
      },
      lastReconciliation: { id, status: 'running', finishedAt: null, verified: false },
      parked: { absences: 1, types: 1, employees: 1 },
      unlinked: { employees: 1, profiles: 1 },
      progress: { phase: 'absences', done: 50, total: 140 },
    });
    expect(body.warnings.map((one: { code: string }) => one.code)).toEqual([
      'scopes_missing',
      'command_refused',
    ]);
    expect(body.warnings[1].action).toEqual({ code: 'retry', label: 'Try again' });
    expect(body.subscriptions).toContainEqual({ type: 'timeoff/leave/approve', state: 'active' });
  });

  it('is the token’s tenant’s own: a stranger sees nothing of it', async () => {
    await put();
    await settle('connected', { companyId: '77', companyName: 'Acme' });

    const { body } = await t.call({ url: base, tenant: `${tenant}-stranger` });

    expect(body).toMatchObject({ status: 'not_connected', company: null });
  });
});

describe('credentials', () => {
  it('are stored as an encrypted version with a command, and rung for', async () => {
    const { status, body } = await put({ clientId: ' client-1 ', clientSecret: 'very-secret' });

    expect(status).toBe(202);
    expect(body.status).toBe('not_connected'); // no worker runs
    const saved = await t.db.credentialVersion.findFirstOrThrow({ where: { tenantId: tenant } });
    expect(saved).toMatchObject({ version: 1, clientId: 'client-1' });
    const place = { tenantId: tenant, column: 'credential_versions.client_secret' };
    expect(t.deps.cipher.decrypt(saved.clientSecretEnc, place)).toBe('very-secret');
    const [command] = await undone();
    expect(command).toMatchObject({
      type: 'save_credentials',
      payload: { credentialVersion: 1 },
      actor: 'ana',
    });
    expect(t.rings).toEqual([
      { tenantId: tenant, name: 'credentialsSaved', arg: { commandId: command?.id } },
    ]);
    expect(t.logged()).not.toContain('very-secret');
  });

  it('get a new version each time, which voids attempts made with the old ones', async () => {
    await put();
    await post('/authorization');
    await put({ clientId: 'client-2', clientSecret: 's' });

    const versions = await t.db.credentialVersion.findMany({
      where: { tenantId: tenant },
      orderBy: { version: 'asc' },
    });
    expect(versions.map(({ version, clientId }) => [version, clientId])).toEqual([
      [1, 'client-1'],
      [2, 'client-2'],
    ]);
    expect(await t.db.authorizationAttempt.count({ where: { tenantId: tenant, voidedAt: null } })).toBe(0);
  });

  it.each(['connected', 'expired'])('cannot be saved while %s', async (status) => {
    await settle(status);

    const { status: code, body } = await put();

    expect(code).toBe(409);
    expect(body).toMatchObject({
      code: 'already_connected',
      detail: 'Factorial is already connected. Disconnect first to start a new connection.',
    });
    expect(await undone()).toEqual([]);
  });

  it('can be replaced while connected only', async () => {
    expect((await post('/credentials/replace', credentials)).body).toMatchObject({
      status: 409,
      code: 'not_connected',
    });

    await settle('expired');
    expect((await post('/credentials/replace', credentials)).status).toBe(202);

    expect(await undone()).toMatchObject([
      { type: 'replace_credentials', payload: { credentialVersion: 1 } },
    ]);
    expect(t.rings).toMatchObject([{ name: 'credentialsReplaced' }]);
  });

  it('are given to one command at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => put()));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    const versions = await t.db.credentialVersion.findMany({
      where: { tenantId: tenant },
      orderBy: { version: 'asc' },
    });
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('an authorization', () => {
  it('answers the URL of the consent, and keeps of the state only its hash', async () => {
    await put();
    await settle('pending', { credentialVersion: 1 });

    const { status, body } = await post('/authorization', { apiHost: 'HTTPS://API.EU.factorialhr.com/' });

    expect(status).toBe(201);
    const url = new URL(body.authorizationUrl);
    expect(body.authorizationUrl).toContain('scope=employees%20time_off%20time_tracking%20company_holidays');
    expect(url.origin + url.pathname).toBe('https://api.eu.factorialhr.com/oauth/authorize');
    const state = url.searchParams.get('state') ?? '';
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client-1',
      redirect_uri: 'https://timework.example.com/api/Integration/factorial/Callback',
      response_type: 'code',
      state,
      scope: 'employees time_off time_tracking company_holidays',
      resource_owner_type: 'company',
    });
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    const attempt = await t.db.authorizationAttempt.findFirstOrThrow({ where: { tenantId: tenant } });
    expect(attempt).toMatchObject({
      kind: 'authorize',
      stateHash: hashSecret(state),
      credentialVersion: 1,
      apiHost: 'https://api.eu.factorialhr.com',
      tokenOwner: 'company',
      confirmCompanyChange: false,
    });
    expect(body.expiresAt).toBe(attempt.expiresAt.toISOString());
    expect(attempt.expiresAt.getTime() - attempt.createdAt.getTime()).toBe(600_000);
    expect(await undone()).toMatchObject([
      { type: 'start_authorization', payload: { attemptId: attempt.id } },
    ]);
    expect(t.rings.at(-1)).toMatchObject({ name: 'authorizationStarted' });
    expect(t.logged()).not.toContain(state);
  });

  it('asks for a user’s token without naming an owner', async () => {
    await put();

    const { body } = await post('/authorization', { tokenOwner: 'user', confirmCompanyChange: true });

    expect(new URL(body.authorizationUrl).searchParams.has('resource_owner_type')).toBe(false);
    const attempt = await t.db.authorizationAttempt.findFirstOrThrow({ where: { tenantId: tenant } });
    expect(attempt).toMatchObject({ tokenOwner: 'user', confirmCompanyChange: true });
  });

  it('voids the one before', async () => {
    await put();
    await post('/authorization');
    await post('/authorization');

    const attempts = await t.db.authorizationAttempt.findMany({
      where: { tenantId: tenant },
      orderBy: { createdAt: 'asc' },
    });
    expect(attempts.map(({ voidedAt }) => voidedAt !== null)).toEqual([true, false]);
  });

  it('leaves one open attempt when two are started at once', async () => {
    await put();
    await Promise.all([post('/authorization'), post('/authorization'), post('/authorization')]);

    expect(await t.db.authorizationAttempt.count({ where: { tenantId: tenant, voidedAt: null } })).toBe(1);
  });

  it('is refused in the order host, credentials, already connected', async () => {
    const wrongHost = { apiHost: 'https://factorial.example.com' };
    expect((await post('/authorization', wrongHost)).body).toMatchObject({
      status: 422,
      code: 'factorial_url_invalid',
      detail: 'The Factorial URL is not valid',
    });
    expect((await post('/authorization')).body).toMatchObject({ status: 409, code: 'credentials_missing' });

    await put();
    await settle('connected');
    expect((await post('/authorization', wrongHost)).body).toMatchObject({ code: 'factorial_url_invalid' });
    expect((await post('/authorization')).body).toMatchObject({ status: 409, code: 'already_connected' });
    expect(await t.db.authorizationAttempt.count({ where: { tenantId: tenant } })).toBe(0);
  });

  it.each([
    'http://api.factorialhr.com',
    'https://api.factorialhr.com.evil.example',
    'https://api.factorialhr.com@evil.example',
    'https://api.factorialhr.com:8443',
    'https://169.254.169.254',
    'https://[::1]',
    'https://api.es.factorialhr.com/..//evil.example',
    'https://api.\u212A.factorialhr.com',
  ])('with the host %j is refused, and nothing is kept of it', async (apiHost) => {
    await put();

    expect((await post('/authorization', { apiHost })).body).toMatchObject({
      status: 422,
      code: 'factorial_url_invalid',
      detail: 'The Factorial URL is not valid',
    });
    expect(await t.db.authorizationAttempt.count({ where: { tenantId: tenant } })).toBe(0);
  });

  it('of credentials that a disconnect took away is refused', async () => {
    await put();
    await settle('disconnected');

    expect((await post('/authorization')).body).toMatchObject({ code: 'credentials_missing' });
  });

  it('takes no body as an empty one', async () => {
    await put();

    const { status } = await t.call({ method: 'POST', url: `${base}/authorization`, tenant });

    expect(status).toBe(201);
  });
});

describe('a reauthorization', () => {
  it('keeps host and kind of token of the connection', async () => {
    await put();
    await settle('expired', {
      apiHost: 'https://api.eu.factorialhr.com',
      tokenOwner: 'user',
      credentialVersion: 1,
    });

    const { status, body } = await post('/reauthorization');

    expect(status).toBe(201);
    expect(body.authorizationUrl).toMatch(/^https:\/\/api\.eu\.factorialhr\.com\/oauth\/authorize\?/);
    expect(await t.db.authorizationAttempt.findFirst({ where: { tenantId: tenant } })).toMatchObject({
      kind: 'reauthorize',
      tokenOwner: 'user',
    });
    expect(await undone()).toMatchObject([{ type: 'start_reauthorization' }]);
    expect(t.rings.at(-1)).toMatchObject({ name: 'authorizationStarted' });
  });

  it('needs a connection', async () => {
    await put();

    expect((await post('/reauthorization')).body).toMatchObject({ status: 409, code: 'not_connected' });
  });
});

describe('a disconnect', () => {
  it('is stored, rung for, and voids what was being authorised', async () => {
    await put();
    await post('/authorization');
    await settle('authorizing');

    expect((await post('/disconnect')).status).toBe(202);

    expect(await undone()).toMatchObject([{ type: 'disconnect' }]);
    expect(t.rings.at(-1)).toMatchObject({ tenantId: tenant, name: 'disconnect' });
    expect(await t.db.authorizationAttempt.count({ where: { tenantId: tenant, voidedAt: null } })).toBe(0);
  });

  it.each(['not_connected', 'disconnected'])('is refused while %s', async (status) => {
    await settle(status);

    expect((await post('/disconnect')).body).toMatchObject({ status: 409, code: 'not_connected' });
  });

  it('that still waits for a worker counts for what is asked next', async () => {
    await put();
    await settle('connected');
    await post('/disconnect');

    expect((await post('/disconnect')).body).toMatchObject({ code: 'not_connected' });
    expect((await put()).status).toBe(202);
  });
});

describe('a command', () => {
  it('is answered as soon as it has had its effect', async () => {
    const slow = await createTestApp({ effectWaitMs: 60_000 }); // longer than this test may take
    try {
      const asked = slow.call({ method: 'PUT', url: `${base}/credentials`, body: credentials });
      for (let tries = 0; tries < 100; tries += 1) {
        const { count: done } = await slow.db.connectionCommand.updateMany({
          where: { outcome: null },
          data: { outcome: 'done' },
        });
        if (done > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await slow.db.connection.create({ data: { tenantId: 'acme', status: 'pending' } });
      const { status, body } = await asked;

      expect([status, body.status]).toEqual([202, 'pending']);
    } finally {
      await slow.close();
    }
  });

  it('is answered without waiting for a Temporal that hangs', async () => {
    const hanging = await createTestApp({
      doorbell: { ring: async () => await new Promise(() => undefined), close: async () => undefined },
    });
    try {
      const { status } = await hanging.call({ method: 'PUT', url: `${base}/credentials`, body: credentials });

      expect(status).toBe(202);
      expect(await hanging.db.connectionCommand.count({ where: { outcome: null } })).toBe(1);
    } finally {
      await hanging.close();
    }
  });

  it.each([
    ['PUT', '/credentials', { clientId: 'a' }, 'body.clientSecret'],
    ['PUT', '/credentials', { clientId: '  ', clientSecret: 'b' }, 'body.clientId'],
    ['PUT', '/credentials', { clientId: 7, clientSecret: 'b' }, 'body.clientId'],
    ['PUT', '/credentials', [], 'body'],
    ['POST', '/credentials/replace', { clientSecret: 'b' }, 'body.clientId'],
    ['POST', '/authorization', { tokenOwner: 'nobody' }, 'body.tokenOwner'],
    ['POST', '/authorization', { apiHost: 5 }, 'body.apiHost'],
    ['POST', '/authorization', { confirmCompanyChange: 'yes' }, 'body.confirmCompanyChange'],
    ['POST', '/reauthorization', 'text', 'body'],
    ['POST', '/disconnect', 'text', 'body'],
  ] as const)('%s %s with %j names the wrong field', async (method, path, wrong, field) => {
    const { status, headers, body } = await t.call({
      method,
      url: `${base}${path}`,
      body: JSON.stringify(wrong),
      tenant,
    });

    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ status: 400, code: 'invalid_request', requestId: expect.any(String) });
    expect(body.detail.startsWith(field)).toBe(true);
    expect(await undone()).toEqual([]);
  });
});
