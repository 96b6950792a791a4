import { getEventListeners } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '../domain/errors.ts';
import { createFactorialHttp, toQueryString, type FactorialHttpOptions } from './http.ts';
import {
  listOf,
  neverAborted,
  rejectionOf,
  startLocalServer,
  type LocalServer,
} from './test-support/local-server.ts';

const secretToken = 'tOkEn-never-to-be-shown';
let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
});
afterAll(() => server.close());

function makeHttp(options: Partial<FactorialHttpOptions> = {}) {
  return createFactorialHttp({
    apiHost: server.origin,
    apiVersion: '2026-10-01',
    accessToken: secretToken,
    ...options,
  });
}

/** Asks for employees by an e-mail that no error may repeat. */
function ask(options: Partial<FactorialHttpOptions> = {}, signal = neverAborted) {
  return makeHttp(options).get('employees', { ids: ['1', '2'], emails: 'nora@acme.example' }, signal);
}

async function failureOf(promise: Promise<unknown>): Promise<DomainError> {
  const error = await rejectionOf(promise);
  expect(error).toBeInstanceOf(DomainError);
  const shown = inspect(error, { depth: 6 });
  expect(shown).not.toContain(secretToken);
  expect(shown).not.toContain('nora');
  expect(shown).not.toContain('http:');
  return error as DomainError;
}

describe('a request', () => {
  it('carries the token, asks for JSON and names the version in its path', async () => {
    server.answerWith(200, listOf());

    await ask();

    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/api/2026-10-01/resources/employees/employees',
    });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${secretToken}`,
      accept: 'application/json',
    });
    expect(server.requests[0]?.query.getAll('ids[]')).toEqual(['1', '2']);
  });

  it('waits for the budget first, and does not leave where there is none', async () => {
    server.answerWith(200, listOf());
    const noBudget = new DomainError('budget_exhausted', 'No request left in this minute.');
    const kinds: string[] = [];

    await ask({ beforeRequest: async (kind) => void kinds.push(kind) });
    expect(await rejectionOf(ask({ beforeRequest: () => Promise.reject(noBudget) }))).toBe(noBudget);

    expect(kinds).toEqual(['employees']);
    expect(server.requests).toHaveLength(1);
  });

  it('reports each outcome with its status, or null where no answer came', async () => {
    const outcomes: unknown[] = [];
    const onResponse = ({ kind, status }: { kind: string; status: number | null }) =>
      void outcomes.push([kind, status]);

    server.answerWith(200, listOf());
    await ask({ onResponse });
    server.answerWith(502, 'x');
    await failureOf(ask({ onResponse }));
    server.answer((_request, response) => response.socket?.destroy());
    await failureOf(ask({ onResponse }));

    expect(outcomes).toEqual([
      ['employees', 200],
      ['employees', 502],
      ['employees', null],
    ]);
  });

  it('writes query parameters as Factorial reads them', () => {
    expect(
      toQueryString({ ids: ['a b', '1'], only_active: false, limit: 100, after_id: null, from: undefined }),
    ).toBe('?ids%5B%5D=a+b&ids%5B%5D=1&only_active=false&limit=100');
    expect(toQueryString({})).toBe('');
  });
});

describe('an answer that is no success', () => {
  it.each<[number, string]>([
    [301, 'factorial_unreachable'],
    [400, 'factorial_rejected'],
    [401, 'token_refused'],
    [403, 'permission_missing'],
    [404, 'factorial_not_found'],
    [408, 'factorial_unreachable'],
    [409, 'factorial_rejected'],
    [410, 'factorial_rejected'],
    [422, 'factorial_rejected'],
    [425, 'factorial_unreachable'],
    [429, 'rate_limited'],
    [500, 'factorial_unreachable'],
    [502, 'factorial_unreachable'],
    [503, 'factorial_unreachable'],
    [504, 'factorial_unreachable'],
    [599, 'factorial_unreachable'],
  ])('with status %i becomes %s whatever its body', async (status, code) => {
    for (const body of [
      '',
      '{"errors":null}',
      '{"errors":["nora@acme.example"]}',
      '<html>nora</html>',
      '{"data":[]}',
      '{"err',
    ]) {
      server.answerWith(status, body);

      const error = await failureOf(ask());

      expect(error).toMatchObject({ code, details: { status, resource: 'employees' } });
      expect(server.requests).toHaveLength(1);
    }
  });

  it('tells how long to wait after too many requests, in seconds or as a date', async () => {
    server.answerWith(429, '', { 'retry-after': '7' });
    expect((await failureOf(ask())).details.retryAfterMs).toBe(7_000);

    server.answer((_request, response) => {
      response
        .writeHead(429, {
          date: new Date(1_795_000_000_000).toUTCString(),
          'retry-after': new Date(1_795_000_090_000).toUTCString(),
        })
        .end();
    });
    expect((await failureOf(ask())).details.retryAfterMs).toBe(90_000);

    server.answerWith(429, '');
    expect((await failureOf(ask())).details.retryAfterMs).toBe(30_000);
  });

  it('tells how long to wait after a 503 only where the answer does', async () => {
    server.answerWith(503, '', { 'retry-after': '5' });
    expect((await failureOf(ask())).details.retryAfterMs).toBe(5_000);

    server.answerWith(503, '');
    expect((await failureOf(ask())).details).not.toHaveProperty('retryAfterMs');
  });

  it.each([301, 302, 303, 307, 308])('with status %i is never followed', async (status) => {
    const other = await startLocalServer();
    other.answerWith(200, listOf());
    server.answerWith(status, '', { location: `${other.origin}/elsewhere` });

    expect((await failureOf(ask())).code).toBe('factorial_unreachable');

    expect(other.requests).toHaveLength(0);
    expect(server.requests).toHaveLength(1);
    await other.close();
  });

  it('is told at once, though its body never ends', async () => {
    server.answer((_request, response) => void response.writeHead(401).write('{'));

    expect((await failureOf(ask({ timeoutMs: 2_000 }))).code).toBe('token_refused');
  });
});

describe('a success that cannot be read', () => {
  it.each([
    '',
    ' ',
    '<!doctype html><title>nora</title>',
    '{"data":[{"id":"1"',
    '{"data":[]} x',
    'Bad gateway',
  ])('is no answer: %j', async (body) => {
    server.answerWith(200, body);

    expect(await failureOf(ask())).toMatchObject({ code: 'factorial_unreachable', details: { status: 200 } });
  });

  it('is no answer when the connection is cut within the body', async () => {
    for (const headers of [{ 'content-length': '1000' }, { 'transfer-encoding': 'chunked' }]) {
      server.answer((_request, response) => {
        response.writeHead(200, headers);
        response.write('{"data":[]}', () => response.socket?.destroy());
      });

      expect((await failureOf(ask())).code).toBe('factorial_unreachable');
    }
  });

  it('is no answer when it is longer than 20 MiB, also if it was small when compressed', async () => {
    const body = JSON.stringify({ data: ['x'.repeat(21 * 1024 * 1024)] });
    const zipped = gzipSync(body);
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped),
    );

    expect((await failureOf(ask())).message).toContain('longer than this API sends');
  });

  it('reads letters that arrive in two pieces', async () => {
    const bytes = Buffer.from('{"name":"Nòra 🌍"}');
    server.answer(async (_request, response) => {
      response.writeHead(200);
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });

    expect(await ask()).toEqual({ name: 'Nòra 🌍' });
  });
});

describe('no answer', () => {
  it('becomes factorial_unreachable when the time is up before the headers', async () => {
    server.answer(() => undefined);

    expect(await failureOf(ask({ timeoutMs: 50 }))).toMatchObject({
      code: 'factorial_unreachable',
      message: 'Factorial could not be reached: it did not answer in time.',
    });
  });

  it('becomes factorial_unreachable when the time is up within the body', async () => {
    server.answer((_request, response) => void response.writeHead(200).write('{"data":['));

    expect((await failureOf(ask({ timeoutMs: 50 }))).message).toContain('in time');
  });

  it('becomes factorial_unreachable when the connection is cut', async () => {
    server.answer((_request, response) => response.socket?.destroy());

    expect((await failureOf(ask())).code).toBe('factorial_unreachable');
    expect(server.requests).toHaveLength(1);
  });

  it('becomes factorial_unreachable, with the system code, when nobody listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));

    expect((await failureOf(ask({ apiHost: `http://127.0.0.1:${port}` }))).message).toContain('ECONNREFUSED');
  });

  it('does not quote a token that does not fit into a header', async () => {
    expect((await failureOf(ask({ accessToken: `${secretToken}\n` }))).code).toBe('factorial_unreachable');
  });
});

describe("the caller's abort", () => {
  const reason = new Error('cancelled by the workflow');

  it('passes through before the request, which is then neither sent nor counted', async () => {
    server.answerWith(200, listOf());
    let counted = 0;
    const beforeRequest = async () => void (counted += 1);

    expect(await rejectionOf(ask({ beforeRequest }, AbortSignal.abort(reason)))).toBe(reason);

    expect(server.requests).toHaveLength(0);
    expect(counted).toBe(0);
  });

  it('passes through while waiting for the budget', async () => {
    server.answerWith(200, listOf());
    const caller = new AbortController();

    expect(await rejectionOf(ask({ beforeRequest: async () => caller.abort(reason) }, caller.signal))).toBe(
      reason,
    );

    expect(server.requests).toHaveLength(0);
  });

  it.each(['headers', 'body'])('passes through while waiting for the %s', async (part) => {
    const caller = new AbortController();
    server.answer((_request, response) => {
      if (part === 'body') response.writeHead(200).write('{"data":[');
      setTimeout(() => caller.abort(reason), 30);
    });

    expect(await rejectionOf(ask({}, caller.signal))).toBe(reason);
  });

  it('is no longer listened for after the answer, as the signal lives longer than the request', async () => {
    const caller = new AbortController();
    for (const status of [200, 401, 502]) {
      server.answerWith(status, listOf());
      await ask({}, caller.signal).catch(() => undefined);
    }

    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  });

  it('passes through as the usual AbortError where no reason was given', async () => {
    const caller = new AbortController();
    server.answer(() => caller.abort());

    expect(await rejectionOf(ask({}, caller.signal))).toMatchObject({ name: 'AbortError' });
  });
});
