import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { createTokenVerifier } from '../../api/token-verifier.ts';
import { Problem } from '../../contracts/http/common.ts';
import { createTestApp, makeToken, type Answer, type TestApp } from './support/test-app.ts';

const base = '/api/integrations/factorial';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(async () => {
  await t.close();
});

const card = (token: string | null, query = ''): Promise<Answer> => t.call({ url: `${base}${query}`, token });

/** The problem that an answer is; null when it is none, or not whole. */
function problemOf({ status, body, headers }: Answer): { status: number; code: string } | null {
  const isProblem =
    headers['content-type']?.startsWith('application/problem+json') === true &&
    Problem.strict().safeParse(body).success;
  return isProblem && body.status === status ? { status, code: body.code } : null;
}

const notFound = { status: 404, code: 'not_found' };

describe('a token', () => {
  it('lets its bearer in', async () => {
    expect((await card(await makeToken())).status).toBe(200);
  });

  const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
  const key = new TextEncoder().encode('a-secret-of-the-tests-32-characters');
  const claims = { sub: 'ana', tenant: 'acme', roles: ['admin'], features: ['time@work'] };
  const signed = (payload: Record<string, unknown>, alg = 'HS256') =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(key);

  it.each([
    ['is missing', async () => null],
    ['is no token', async () => 'abc'],
    ['is signed with another secret', () => makeToken({ secret: 'another-secret-of-32-characters-x' })],
    ['is signed in another way', () => signed({ ...claims, exp: seconds(60) }, 'HS512')],
    ['is not signed', async () => new UnsecuredJWT({ ...claims, exp: seconds(60) }).encode()],
    ['has run out', () => makeToken({ expiresIn: -1 })],
    ['never runs out', () => makeToken({ expiresIn: null })],
    ['says no tenant', () => signed({ ...claims, tenant: undefined, exp: seconds(60) })],
    ['says a wrong tenant', () => makeToken({ tenant: 'a/b' })],
    ['says too long a tenant', () => makeToken({ tenant: 'x'.repeat(61) })],
    ['says no subject', () => signed({ ...claims, sub: undefined, exp: seconds(60) })],
    ['says no roles', () => signed({ ...claims, roles: undefined, exp: seconds(60) })],
    ['says roles that are no list', () => signed({ ...claims, roles: 'admin', exp: seconds(60) })],
    ['says features that are no list', () => signed({ ...claims, features: 'time@work', exp: seconds(60) })],
  ])('that %s is refused', async (_, token) => {
    const answer = await card(await token());

    expect(problemOf(answer)).toEqual({ status: 401, code: 'unauthenticated' });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('without the feature meets the account manager, on every integration route', async () => {
    const token = await makeToken({ features: [] });
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', '/credentials'],
      ['GET', '/failures'],
      ['GET', '/activity'],
      ['GET', '/reconciliations'],
      ['POST', '/disconnect'],
    ] as const) {
      const answer = await t.call({ method, url: `${base}${path}`, token });
      expect(problemOf(answer)).toEqual({ status: 403, code: 'feature_missing' });
      expect(answer.body.detail).toBe('Contact your WorkMeter account manager.');
    }
  });

  it('that says nothing of features is one without the feature', async () => {
    const answer = await card(await signed({ ...claims, features: undefined, exp: seconds(60) }));

    expect(problemOf(answer)).toEqual({ status: 403, code: 'feature_missing' });
  });

  it.each([[['service']], [[]], [['owner']]])('with the roles %j may not use the wizard', async (roles) => {
    expect(problemOf(await card(await makeToken({ roles })))).toEqual({ status: 403, code: 'forbidden' });
  });

  it('of an operator sees any tenant, one at a time', async () => {
    await t.db.connection.create({ data: { tenantId: 'seen', status: 'connected' } });
    const token = await makeToken({ roles: ['operator'], tenant: 'ops' });

    expect((await card(token)).body.status).toBe('not_connected');
    expect((await card(token, '?tenant=seen')).body.status).toBe('connected');
    expect(problemOf(await card(token, '?tenant=a%2Fb'))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await card(token, '?tenant=a&tenant=b'))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('of an admin names no tenant but its own', async () => {
    const token = await makeToken();

    expect((await card(token, '?tenant=acme')).status).toBe(200);
    expect(problemOf(await card(token, '?tenant=seen'))).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('with the keys of an issuer', () => {
  const issuer = 'https://login.example.com';
  const now = Date.now;

  it.each(['RS256', 'ES256'])('%s is verified, and nothing else', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg };
    const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const verifier = createTokenVerifier({ jwksUrl, issuer, audience: 'workmeter' }, now);
    const sign = (claims: { iss?: string; aud?: string; kid?: string; key?: typeof privateKey }) =>
      new SignJWT({ tenant: 'acme', roles: ['admin', 'chef'], features: [] })
        .setProtectedHeader({ alg, kid: claims.kid ?? 'k1' })
        .setSubject('ana')
        .setIssuer(claims.iss ?? issuer)
        .setAudience(claims.aud ?? 'workmeter')
        .setExpirationTime('1m')
        .sign(claims.key ?? privateKey);
    try {
      expect(await verifier.verify(await sign({}))).toMatchObject({
        sub: 'ana',
        tenant: 'acme',
        roles: ['admin'],
      });
      const stranger = await generateKeyPair(alg);
      for (const wrong of [
        await sign({ iss: 'https://elsewhere.example.com' }),
        await sign({ aud: 'another' }),
        await sign({ key: stranger.privateKey }),
        await sign({ kid: 'k2' }),
        await makeToken(), // HS256: a public key must never serve as a shared secret
      ]) {
        await expect(verifier.verify(wrong)).rejects.toMatchObject({ code: 'unauthenticated' });
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('that cannot be read nobody is to blame: try again', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setExpirationTime('1m')
      .sign(privateKey);
    const verifier = createTokenVerifier({ jwksUrl: 'http://127.0.0.1:9/jwks.json' }, now);

    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('every error', () => {
  const raw = async (
    method: string,
    url: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const token = await makeToken();
    return await t.call({
      method: method as 'GET',
      url,
      token,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  };

  it('of an unknown address or method is a problem, with or without a token', async () => {
    expect(problemOf(await raw('GET', '/nowhere'))).toEqual(notFound);
    expect(problemOf(await raw('DELETE', base))).toEqual(notFound);
    expect(problemOf(await raw('POST', `${base}/nowhere`, '{}'))).toEqual(notFound);
    expect(problemOf(await t.call({ url: '/nowhere', token: null }))).toEqual(notFound);
    expect(problemOf(await raw('GET', `/api/%ZZ`))).toEqual(notFound);
  });

  it('of a body says what is wrong with it', async () => {
    const url = `${base}/credentials`;
    expect(problemOf(await raw('PUT', url, '{'))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await raw('PUT', url, ''))).toEqual({ status: 400, code: 'invalid_request' });
    const form = await raw('PUT', url, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(problemOf(form)).toEqual({ status: 415, code: 'unsupported_media_type' });
    const text = await raw('PUT', url, '{}', { 'content-type': 'text/plain' });
    expect(problemOf(text)).toEqual({ status: 415, code: 'unsupported_media_type' });
    expect(problemOf(await raw('PUT', url, JSON.stringify('x'.repeat(300_000))))).toEqual({
      status: 413,
      code: 'too_large',
    });
    expect(problemOf(await raw('PUT', url, '{"__proto__":{"a":1}}'))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  const cursor = (position: object): string => Buffer.from(JSON.stringify(position)).toString('base64url');
  const ofYear0 = '0000-06-01T00:00:00Z';
  const id = '7d1f2f9e-4d2c-4b53-9d0e-3f1f0a6c2a11';

  it.each([
    ['PUT', `${base}/credentials`, { clientId: 'a\0b', clientSecret: 's' }, 'body.clientId'],
    ['PUT', '/api/employees/a', { name: 'half a flower \ud83c' }, 'body.name'],
    ['PUT', '/api/employees/a', { name: 'A', email: '\udf3b@a.example' }, 'body.email'],
    ['PUT', '/api/day-types/a', { name: '\ud83c', color: '#FFFFFF', expectedMinutes: 0 }, 'body.name'],
    ['PUT', '/api/tenant', { name: 'Acme \ud83c' }, 'body.name'],
    ['POST', `${base}/failures/replay`, { filter: { code: 'a\0' } }, 'body.filter.code'],
    ['POST', `${base}/failures/replay`, { filter: { since: ofYear0 } }, 'body.filter.since'],
    ['GET', `${base}/failures?code=%00`, undefined, 'query.code'],
    ['GET', `${base}/failures?resource=a%00`, undefined, 'query.resource'],
    ['GET', `${base}/failures?since=0001-01-01T00:00:00%2B01:00`, undefined, 'query.since'],
    ['GET', `${base}/failures?cursor=${cursor({ lastAt: ofYear0, id })}`, undefined, 'query.cursor'],
    ['GET', `${base}/failures?cursor=${cursor({ lastAt: 8.64e15, id })}`, undefined, 'query.cursor'],
    [
      'GET',
      `${base}/reconciliations?cursor=${cursor({ requestedAt: ofYear0, id })}`,
      undefined,
      'query.cursor',
    ],
  ] as const)('of what cannot be stored names the field: %s %s %j', async (method, url, body, field) => {
    const answer = await t.call({ method, url, tenant: 'hostile', ...(body === undefined ? {} : { body }) });

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(answer.body.detail).toMatch(new RegExp(`^${field}: `));
  });

  it('that nobody expected is logged whole and told to nobody', async () => {
    const broken = await createTestApp({ now: () => Number.NaN });
    try {
      const answer = await broken.call({ url: base });

      expect(problemOf(answer)).toEqual({ status: 500, code: 'internal_error' });
      expect(answer.text).not.toMatch(/RangeError|Invalid time|at .*\.ts/);
      expect(broken.logged()).toMatch(/RangeError/);
      expect(broken.logged()).toContain(answer.body.requestId);
    } finally {
      await broken.close();
    }
  });
});
