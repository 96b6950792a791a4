import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { registerAuth } from '../../api/plugins/auth.ts';
import { registerErrorHandler } from '../../api/plugins/error-handler.ts';
import { createTokenVerifier } from '../../api/token-verifier.ts';
import { DomainError } from '../../domain/errors.ts';
import { authSecret, makeToken } from './support/test-app.ts';

const app = fastify();
let url: string;

beforeAll(async () => {
  registerErrorHandler(app);
  registerAuth(app, createTokenVerifier({ secret: authSecret }));
  app.get('/forgotten', async () => 'secret');
  app.get('/open', { config: { public: true } }, async () => 'open');
  app.get('/drift', { config: { public: true } }, async () => {
    throw new DomainError(
      'schema_drift',
      'start_on of Nora is not a date',
      {},
      { cause: new Error('inner') },
    );
  });
  app.get('/wait', { config: { public: true } }, async () => {
    throw new DomainError('too_many_requests', 'Slowly.', { retryAfterMs: 1_200 });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app.close();
});

describe('a route', () => {
  it('that declares no access is denied to everybody', async () => {
    for (const roles of [['admin'], ['operator'], ['service'], ['admin', 'operator', 'service']]) {
      const headers = { authorization: `Bearer ${await makeToken({ roles })}` };
      expect((await fetch(`${url}/forgotten`, { headers })).status).toBe(403);
    }
    expect((await fetch(`${url}/forgotten`)).status).toBe(401);
  });

  it('that is public asks for no token', async () => {
    expect(await (await fetch(`${url}/open`)).text()).toBe('open');
  });
});

describe('a failure', () => {
  it('of work behind the API is told to nobody in detail', async () => {
    const response = await fetch(`${url}/drift`);

    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 500, code: 'internal_error' });
    expect(text).not.toMatch(/Nora|inner|schema_drift/);
  });

  it('that passes says when to come back', async () => {
    const response = await fetch(`${url}/wait`);

    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
  });
});
