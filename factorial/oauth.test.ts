import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exchangeCode, refreshTokens, revokeToken } from './oauth.ts';
import {
  neverAborted as signal,
  rejectionOf,
  startLocalServer,
  type LocalServer,
} from './test-support/local-server.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
});
afterAll(() => server.close());

const redirectUri = 'https://timework.workmeter.com/api/Integration/factorial/Callback';
const secrets = ['s3cret', 'c0de', 'refr3sh'];
const application = () => ({
  apiHost: server.origin,
  clientId: 'id',
  clientSecret: 's3cret',
  timeoutMs: 500,
});
const exchange = (given = signal) => exchangeCode({ ...application(), redirectUri, code: 'c0de' }, given);
const refresh = () => refreshTokens({ ...application(), refreshToken: 'refr3sh' }, signal);
const revoke = () => revokeToken({ ...application(), token: 'refr3sh' }, signal);
const form = () => Object.fromEntries(new URLSearchParams(server.requests[0]?.body));

describe('tokens', () => {
  it('come for a code', async () => {
    server.answerWith(200, {
      access_token: '3f1c',
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: '9b7e',
      scope: 'employees time_off',
      created_at: 1795312800,
    });

    expect(await exchange()).toEqual({
      accessToken: '3f1c',
      refreshToken: '9b7e',
      expiresInSeconds: 3600,
      scope: 'employees time_off',
    });

    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/oauth/token' });
    expect(server.requests[0]?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(form()).toEqual({
      grant_type: 'authorization_code',
      code: 'c0de',
      redirect_uri: redirectUri,
      client_id: 'id',
      client_secret: 's3cret',
    });
  });

  it('come for a refresh token', async () => {
    server.answerWith(200, { access_token: 'a'.repeat(4000), expires_in: 7200, refresh_token: 'new' });

    expect(await refresh()).toMatchObject({
      accessToken: 'a'.repeat(4000),
      refreshToken: 'new',
      expiresInSeconds: 7200,
    });

    expect(form()).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refr3sh',
      client_id: 'id',
      client_secret: 's3cret',
    });
  });

  it.each([
    ['missing', {}, { refreshToken: null, expiresInSeconds: null }],
    [
      'null',
      { refresh_token: null, expires_in: null, scope: null, created_at: null },
      { refreshToken: null, expiresInSeconds: null },
    ],
    ['given', { refresh_token: 'r', expires_in: 3600 }, { refreshToken: 'r', expiresInSeconds: 3600 }],
    ['without a life', { refresh_token: 'r', expires_in: 0 }, { refreshToken: 'r', expiresInSeconds: null }],
    [
      'blank or text',
      { refresh_token: '', expires_in: '3600' },
      { refreshToken: null, expiresInSeconds: 3600 },
    ],
    [
      'odd where it does no harm',
      { expires_in: 'soon', created_at: '2026', scope: [] },
      { expiresInSeconds: null, scope: null },
    ],
    [
      'odd where it does no harm',
      { expires_in: '', created_at: 1e300, scope: 5 },
      { expiresInSeconds: null, scope: null },
    ],
  ])('of a company may have their other fields %s', async (_case, fields, expected) => {
    server.answerWith(200, { access_token: 'x', token_type: 'Bearer', ...fields });

    expect(await exchange()).toMatchObject({ accessToken: 'x', ...expected });
  });

  it.each([
    {},
    { access_token: null },
    { access_token: '' },
    { access_token: 5 },
    { access_token: 'a\nb' },
    { access_token: 'a', refresh_token: 5 },
    null,
    [],
  ])('without a usable token are schema drift: %j', async (body) => {
    server.answerWith(200, body);

    expect(await rejectionOf(exchange())).toMatchObject({
      code: 'schema_drift',
      details: { resource: 'tokens' },
    });
  });
});

describe('an error of the token endpoint', () => {
  // Doorkeeper's own text for every invalid grant.
  const standardText =
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.';

  it.each<[string, string, string, string]>([
    ['invalid_grant', standardText, 'invalid_grant', 'invalid_grant'],
    ['invalid_grant', '', 'invalid_grant', 'invalid_grant'],
    ['invalid_grant', 'The redirect_uri does not match', 'redirect_uri_mismatch', 'invalid_grant'],
    ['invalid_grant', 'Redirect URI mismatch', 'redirect_uri_mismatch', 'invalid_grant'],
    ['invalid_redirect_uri', '', 'redirect_uri_mismatch', 'factorial_rejected'],
    ['invalid_client', 'Client authentication failed', 'invalid_client', 'invalid_client'],
    ['unauthorized_client', '', 'invalid_client', 'invalid_client'],
    [
      'invalid_request',
      'Missing required parameter: redirect_uri',
      'factorial_rejected',
      'factorial_rejected',
    ],
    ['invalid_scope', '', 'factorial_rejected', 'factorial_rejected'],
    ['unsupported_grant_type', '', 'factorial_rejected', 'factorial_rejected'],
    ['something_new', '', 'factorial_rejected', 'factorial_rejected'],
  ])(
    '%s (%j) is %s for a code and %s for a refresh, with 400 as with 401',
    async (error, error_description, codeError, refreshError) => {
      for (const status of [400, 401]) {
        server.answerWith(status, { error, error_description });

        expect(await rejectionOf(exchange())).toMatchObject({ code: codeError, details: { status } });
        expect(await rejectionOf(refresh())).toMatchObject({ code: refreshError, details: { status } });
        expect(server.requests).toHaveLength(2);
      }
    },
  );

  it.each<[number, string, string]>([
    [400, '<html>', 'factorial_rejected'],
    [401, '{"errors":null}', 'factorial_rejected'],
    [401, '', 'factorial_rejected'],
    [403, '{"error":null}', 'factorial_rejected'],
    [404, '', 'factorial_rejected'],
    [408, '', 'factorial_unreachable'],
    [429, '{"error":"invalid_grant"}', 'rate_limited'],
    [500, '{"error":"invalid_grant"}', 'factorial_unreachable'],
    [502, '<html>', 'factorial_unreachable'],
    [503, '', 'factorial_unreachable'],
    [302, '', 'factorial_unreachable'],
    [200, '<html>', 'factorial_unreachable'],
    [200, '{"access_token":"x"', 'factorial_unreachable'],
  ])('with status %i and body %j is %s', async (status, body, code) => {
    server.answerWith(status, body, { 'retry-after': '9', location: '/oauth/token' });

    const error = await rejectionOf(refresh());

    expect(error).toMatchObject({ code });
    if (status === 429) expect(error).toMatchObject({ details: { retryAfterMs: 9_000 } });
    expect(server.requests).toHaveLength(1);
  });

  it('keeps its status where its body is cut or never ends', async () => {
    server.answer((_request, response) => {
      response.writeHead(400, { 'content-length': '1000' });
      response.write('{"error":"inv', () => response.socket?.destroy());
    });
    expect(await rejectionOf(refresh())).toMatchObject({
      code: 'factorial_rejected',
      details: { status: 400 },
    });

    server.answer((_request, response) => void response.writeHead(400).write('{"error":'));
    expect(await rejectionOf(refresh())).toMatchObject({
      code: 'factorial_rejected',
      details: { status: 400 },
    });
  });

  it('is factorial_unreachable when no answer comes, and the abort when the caller gives up', async () => {
    server.answer(() => undefined);
    expect(await rejectionOf(refresh())).toMatchObject({ code: 'factorial_unreachable' });

    const caller = new AbortController();
    const reason = new Error('cancelled');
    server.answer(() => caller.abort(reason));
    expect(await rejectionOf(exchange(caller.signal))).toBe(reason);
  });

  it('shows no secret', async () => {
    for (const body of [
      { error: 'invalid_grant', error_description: secrets.join(' ') },
      secrets.join(' '),
    ]) {
      server.answerWith(400, body);
      for (const attempt of [exchange, refresh, revoke]) {
        const shown = inspect(await rejectionOf(attempt()), { depth: 6 });
        for (const secret of secrets) expect(shown).not.toContain(secret);
      }
    }
  });
});

describe('revokeToken', () => {
  it.each([
    [200, '{}'],
    [200, ''],
    [204, ''],
  ])('is done with %i %j', async (status, body) => {
    server.answerWith(status, body);

    await expect(revoke()).resolves.toBeUndefined();

    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/oauth/revoke' });
    expect(form()).toEqual({ token: 'refr3sh', client_id: 'id', client_secret: 's3cret' });
  });

  it('fails with invalid_client where the server refuses the application', async () => {
    server.answerWith(403, { error: 'unauthorized_client' });

    expect(await rejectionOf(revoke())).toMatchObject({ code: 'invalid_client' });
  });
});
