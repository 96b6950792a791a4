import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSimulator, type Simulator } from './server.ts';
import { CLIENT, createPeer, REDIRECT_URI } from './support/testing.ts';

const HOUR_MS = 3_600_000;

let simulator: Simulator;
let peer: ReturnType<typeof createPeer>;

beforeEach(async () => {
  simulator = createSimulator({ seed: { people: 3, absences: 5 } });
  peer = createPeer(simulator);
  await peer.control('POST', 'applications', { clientId: CLIENT.client_id, redirectUris: [REDIRECT_URI] });
});
afterEach(() => simulator.close());

const status = async (token: string) => (await peer.get(token, 'api_public/credentials')).statusCode;
const authorizePath = (params: Record<string, string>) =>
  `/oauth/authorize?${new URLSearchParams({ client_id: CLIENT.client_id, redirect_uri: REDIRECT_URI, response_type: 'code', ...params }).toString()}`;

describe('the consent page', () => {
  it('names the application, the scopes and the target, and offers both decisions', async () => {
    const { body, statusCode } = await simulator.app.inject({
      url: authorizePath({ state: '<s>', scope: 'employees time_off' }),
    });

    expect(statusCode).toBe(200);
    expect(body).toContain('WorkMeter');
    expect(body).toContain('<li>time_off</li>');
    expect(body).not.toContain('<li>time_tracking</li>');
    expect(body).toContain(REDIRECT_URI);
    expect(body).toContain('value="&lt;s&gt;"');
    expect(body).toMatch(/value="approve".*\n.*value="deny"/);
  });

  it('redirects with code and state on approval', async () => {
    const form = {
      client_id: CLIENT.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      state: 'abc',
      decision: 'approve',
    };
    const { headers, statusCode } = await peer.form('/oauth/authorize', form);

    const target = new URL(String(headers.location));
    expect(statusCode).toBe(302);
    expect(target.origin + target.pathname).toBe(REDIRECT_URI);
    expect(target.searchParams.get('state')).toBe('abc');
    expect((await peer.exchange(target.searchParams.get('code') ?? '')).statusCode).toBe(200);
  });

  it('redirects with access_denied and state on denial', async () => {
    const form = {
      client_id: CLIENT.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      state: 'abc',
      decision: 'deny',
    };
    const target = new URL(String((await peer.form('/oauth/authorize', form)).headers.location));

    expect(target.searchParams.get('error')).toBe('access_denied');
    expect(target.searchParams.get('state')).toBe('abc');
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }, 401],
    ['another redirect URI', { redirect_uri: `${REDIRECT_URI}/` }, 400],
  ])('shows an error page for %s and does not redirect', async (_case, params, expected) => {
    const response = await simulator.app.inject({ url: authorizePath(params) });

    expect(response.statusCode).toBe(expected);
    expect(response.headers.location).toBeUndefined();
    expect(response.headers['content-type']).toContain('text/html');
  });

  it('sends a scope that the application does not have back as an error', async () => {
    const { headers } = await simulator.app.inject({ url: authorizePath({ scope: 'employees payroll' }) });

    expect(new URL(String(headers.location)).searchParams.get('error')).toBe('invalid_scope');
  });
});

describe('a code', () => {
  it('gives one token only', async () => {
    const code = await peer.consent();

    const first = await peer.exchange(code);
    const second = await peer.exchange(code);

    expect(first.statusCode).toBe(200);
    expect(second.statusCode).toBe(400);
    expect(second.json()).toMatchObject({ error: 'invalid_grant', error_description: expect.any(String) });
  });

  it('dies after ten minutes', async () => {
    const code = await peer.consent();

    await peer.control('POST', 'clock', { advanceMs: 600_001 });

    expect((await peer.exchange(code)).json().error).toBe('invalid_grant');
  });

  it('demands the redirect URI of the authorization', async () => {
    const other = 'http://127.0.0.1:3000/other';
    await peer.control('POST', 'applications', { client_id: CLIENT.client_id, addRedirectUris: [other] });
    const code = await peer.consent();

    const response = await peer.form('/oauth/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: other,
      ...CLIENT,
    });

    expect(response.json().error).toBe('invalid_grant');
  });

  it('is exchanged by query string too', async () => {
    const code = await peer.consent();
    const params = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      ...CLIENT,
    });

    expect(
      (await simulator.app.inject({ method: 'POST', url: `/oauth/token?${params.toString()}` })).statusCode,
    ).toBe(200);
  });
});

describe('the token endpoint', () => {
  it.each([
    [
      {
        grant_type: 'refresh_token',
        refresh_token: 'x',
        client_id: CLIENT.client_id,
        client_secret: 'wrong',
      },
      401,
      'invalid_client',
    ],
    [{ ...CLIENT }, 400, 'invalid_request'],
    [{ ...CLIENT, grant_type: 'authorization_code' }, 400, 'invalid_request'],
    [{ ...CLIENT, grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ ...CLIENT, grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
  ])('answers %j with %i %s', async (params, expected, error) => {
    const response = await peer.form('/oauth/token', params);

    expect(response.statusCode).toBe(expected);
    expect(response.json().error).toBe(error);
  });

  it('answers 401 where the switch says so', async () => {
    await peer.control('PUT', 'switches', { tokenErrorStatus: 401 });

    expect((await peer.refresh('x')).statusCode).toBe(401);
  });

  it('gives a user an expiring token with a refresh token', async () => {
    const tokens = (await peer.exchange(await peer.consent())).json();

    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      created_at: expect.any(Number),
    });
    expect(tokens.scope).toBe('employees time_off time_tracking company_holidays');
  });

  it.each([
    ['bare', {}],
    ['nulls', { expires_in: null, refresh_token: null }],
    ['full', { expires_in: 3600, refresh_token: expect.any(String) }],
  ])('gives a company a token in the shape %s', async (shape, expected) => {
    await peer.control('PUT', 'switches', { companyTokenShape: shape });

    const { expires_in, refresh_token } = (
      await peer.exchange(await peer.consent({ resource_owner_type: 'company' }))
    ).json();

    expect(JSON.parse(JSON.stringify({ expires_in, refresh_token }))).toEqual(expected);
  });
});

describe('tokens', () => {
  it('may be signed ones of more than 1 KB', async () => {
    await peer.control('PUT', 'switches', { tokenFormat: 'jwt' });
    const { access_token } = await peer.connect();

    expect(access_token).toMatch(/^[\w-]+\.[\w-]{1200,}\.[\w-]+$/);
    expect((await peer.get(access_token, 'api_public/credentials')).statusCode).toBe(200);
    await peer.control('PUT', 'switches', { tokenFormat: 'hex' });
  });

  const connectUser = async () => (await peer.exchange(await peer.consent())).json();

  it('tell who owns them', async () => {
    const user = await connectUser();
    const company = await peer.connect({ resource_owner_type: 'company' });

    const ofUser = (await peer.get(user.access_token, 'api_public/credentials')).json();
    const ofCompany = (await peer.get(company.access_token, 'api_public/credentials')).json();

    expect(ofUser).toEqual({ errors: null });
    expect(ofCompany.data[0]).toMatchObject({ employee_id: null, name: 'ACME' });
  });

  it('of a user expire, those of a company do not', async () => {
    const user = await connectUser();
    const company = (await peer.exchange(await peer.consent({ resource_owner_type: 'company' }))).json();

    await peer.control('POST', 'clock', { advanceMs: HOUR_MS + 1 });

    expect(await status(user.access_token)).toBe(401);
    expect(await status(company.access_token)).toBe(200);
  });

  it('after a refresh keep the old pair until the new one is used', async () => {
    const old = await connectUser();
    const next = (await peer.refresh(old.refresh_token)).json();

    expect(await status(old.access_token)).toBe(200);
    expect((await peer.refresh(old.refresh_token)).statusCode).toBe(200);

    expect(await status(next.access_token)).toBe(200);
    expect(await status(old.access_token)).toBe(401);
    expect((await peer.refresh(old.refresh_token)).json().error).toBe('invalid_grant');
  });

  it('with immediate revocation end the old pair at the refresh', async () => {
    await peer.control('PUT', 'switches', { refreshRevocation: 'immediate' });
    const old = await connectUser();
    const next = (await peer.refresh(old.refresh_token)).json();

    expect(await status(old.access_token)).toBe(401);
    expect((await peer.refresh(old.refresh_token)).json().error).toBe('invalid_grant');
    expect(await status(next.access_token)).toBe(200);
  });

  it('cannot be refreshed after a week', async () => {
    const { refresh_token } = await connectUser();

    await peer.control('POST', 'clock', { advanceMs: 7 * 24 * HOUR_MS + 1 });

    expect((await peer.refresh(refresh_token)).json().error).toBe('invalid_grant');
  });

  it('end in pairs on revocation; unknown ones are accepted in silence', async () => {
    const { access_token, refresh_token } = await connectUser();

    const unknown = await peer.form('/oauth/revoke', { token: 'unknown', ...CLIENT });
    const revoked = await peer.form('/oauth/revoke', { token: refresh_token, ...CLIENT });

    expect([unknown.statusCode, unknown.json(), revoked.statusCode]).toEqual([200, {}, 200]);
    expect(await status(access_token)).toBe(401);
  });

  it.each([
    [
      'the scopes of the application change',
      () => peer.control('POST', 'applications', { client_id: CLIENT.client_id, scopes: ['employees'] }),
    ],
    ['the application is deleted', () => peer.control('DELETE', `applications/${CLIENT.client_id}`)],
    ['control revokes all', () => peer.control('POST', 'tokens/revoke-all')],
    ['control expires them', () => peer.control('POST', 'tokens/expire')],
  ])('end when %s', async (_case, act) => {
    const { access_token } = await connectUser();

    await act();

    expect(await status(access_token)).toBe(401);
  });

  it('stay when the secret is rotated', async () => {
    const { access_token } = await connectUser();

    const { secret } = await peer.control('POST', 'applications', {
      client_id: CLIENT.client_id,
      rotateSecret: true,
    });

    expect(secret).not.toBe(CLIENT.client_secret);
    expect(await status(access_token)).toBe(200);
    expect((await peer.refresh('x')).json().error).toBe('invalid_client');
  });
});

describe('scopes', () => {
  it.each([
    [403, 403],
    [404, 404],
    ['empty', 200],
  ])('that are missing look as the switch says: %s', async (missingScope, expected) => {
    await peer.control('PUT', 'switches', { missingScope });
    const { access_token } = (await peer.exchange(await peer.consent({ scope: 'employees' }))).json();

    const leaves = await peer.get(access_token, 'timeoff/leaves');

    expect((await peer.get(access_token, 'employees/employees')).statusCode).toBe(200);
    expect(leaves.statusCode).toBe(expected);
    if (expected === 200) expect(leaves.json()).toMatchObject({ data: [], meta: { total: 0 } });
  });

  it('of locations are not among those of the product', async () => {
    const { access_token } = (await peer.exchange(await peer.consent())).json();

    expect((await peer.get(access_token, 'locations/locations')).statusCode).toBe(403);
    expect((await peer.get(access_token, 'contracts/contract_versions')).statusCode).toBe(403);
  });
});
