import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../repositories/database.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let t: TestApp;
let temporalUp = true;
beforeAll(async () => {
  t = await createTestApp({ temporal: { isReachable: async () => temporalUp } });
});
afterAll(async () => {
  await t.close();
});

const get = (url: string) => t.call({ url, token: null });

describe('the process', () => {
  it('is alive and ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', database: 'up', temporal: 'up' },
    });
  });

  it('is ready without Temporal, and says so', async () => {
    temporalUp = false;
    try {
      expect(await get('/readyz')).toMatchObject({
        status: 200,
        body: { status: 'ready', database: 'up', temporal: 'down' },
      });
    } finally {
      temporalUp = true;
    }
  });

  it('is alive but not ready without its database; routes ask to come back', async () => {
    const db = createDatabase('postgresql://nobody@127.0.0.1:9/none', 1);
    const away = await createTestApp({ db });
    try {
      expect((await away.call({ url: '/healthz', token: null })).status).toBe(200);
      const ready = await away.call({ url: '/readyz', token: null });
      expect([ready.status, ready.body.code]).toEqual([503, 'unavailable']);

      for (const answer of [
        await away.call({ url: '/api/integrations/factorial' }),
        await away.call({
          method: 'PUT',
          url: '/api/integrations/factorial/credentials',
          body: { clientId: 'a', clientSecret: 'b' },
        }),
      ]) {
        expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
        expect(answer.headers['retry-after']).toBe('5');
        expect(answer.text).not.toMatch(/prisma|ECONN|127\.0\.0\.1/i);
      }
    } finally {
      await away.close();
      await db.$disconnect();
    }
  });

  it('counts requests by route, not by address', async () => {
    await get('/webhooks/factorial/some-secret-key/timeoff.leave.approve');
    const { status, text, headers } = await get('/metrics');

    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/healthz",status="200"\} \d+/,
    );
    expect(text).toContain('webhook_deliveries_total');
    expect(text).toContain('relay_rings_total');
    expect(text).not.toContain('some-secret-key');
  });
});

interface Operation {
  readonly requestBody?: unknown;
  readonly responses: Record<string, unknown>;
}

describe('the description', () => {
  it('names every route with its answers, problems included, and who must show a token', async () => {
    const { status, body } = await get('/openapi.json');

    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    expect(body.components.securitySchemes.bearer).toEqual({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
    });
    const base = '/api/integrations/factorial';
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        base,
        `${base}/credentials`,
        `${base}/credentials/replace`,
        `${base}/authorization`,
        `${base}/reauthorization`,
        `${base}/disconnect`,
        `${base}/reconciliations`,
        `${base}/reconciliations/{id}`,
        `${base}/reconciliations/{id}/approval`,
        `${base}/failures`,
        `${base}/activity`,
        '/api/Integration/factorial/Callback',
        '/webhooks/factorial/{key}/{topic}',
        '/healthz',
        '/readyz',
        '/metrics',
      ]),
    );
    const saved = body.paths[`${base}/credentials`].put;
    expect(saved.security).toEqual([{ bearer: [] }]);
    expect(Object.keys(saved.requestBody.content['application/json'].schema.properties)).toEqual([
      'clientId',
      'clientSecret',
    ]);
    expect(saved.responses['202'].content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/Card',
    });
    expect(saved.responses['409'].content['application/problem+json'].schema).toEqual({
      $ref: '#/components/schemas/Problem',
    });
    expect(Object.keys(body.components.schemas.Problem.properties)).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'code',
      'requestId',
    ]);
    expect(body.paths['/healthz'].get.security).toEqual([]);
    const typesOf = (path: string, answer: number) =>
      Object.keys(body.paths[path].get.responses[answer].content);
    expect(typesOf('/metrics', 200)).toEqual(['text/plain']);
    for (const answer of [200, 400, 410])
      expect(typesOf('/api/Integration/factorial/Callback', answer)).toEqual(['text/html']);
  });

  it('says of every route that takes a body that it may be too large, or no JSON', async () => {
    const { body } = await get('/openapi.json');
    const operations = Object.values<Record<string, Operation>>(body.paths).flatMap(Object.values<Operation>);
    const taking = operations.filter((operation) => operation.requestBody !== undefined);

    expect(taking.length).toBeGreaterThan(15);
    for (const { responses } of taking)
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['413', '415']));
  });

  it('has no route without a declared access', async () => {
    const { body } = await get('/openapi.json');

    for (const [path, methods] of Object.entries<Record<string, unknown>>(body.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{[^}]+\}/g, 'x');
        const { status } = await t.call({ method: method.toUpperCase() as 'GET', url, token: null });
        const isPublic = /^\/(?:webhooks|healthz|readyz|metrics)|Callback$/.test(path);
        expect({ path, method, status: isPublic ? 'public' : status }).toEqual({
          path,
          method,
          status: isPublic ? 'public' : 401,
        });
      }
    }
  });
});
