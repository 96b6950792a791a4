import { describe, expect, it } from '@jest/globals';
import { createLogger, redactUrl } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(
    createLogger({ process: 'api', level: 'info', destination: { write: (line) => void lines.push(line) } }),
  );
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

describe('createLogger', () => {
  it('writes one JSON line with the process, an instant and the caller’s ids', () => {
    const line = logged((logger) =>
      logger.child({ tenantId: 'acme' }).info({ workflowId: 'factorial-connection/acme' }, 'started'),
    );

    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      process: 'api',
      tenantId: 'acme',
      workflowId: 'factorial-connection/acme',
      msg: 'started',
    });
  });

  it.each([
    ['authorization', { headers: { authorization: 'Bearer hidden' } }],
    ['cookie', { headers: { cookie: 'hidden' } }],
    ['a token', { pair: { accessToken: 'hidden', refresh_token: 'hidden' } }],
    ['a secret', { credentials: [{ clientSecret: 'hidden' }] }],
    ['an OAuth code', { query: { code: 'hidden-4f2A9', state: 'hidden-77' } }],
    ['a name', { employee: { name: 'hidden', firstName: 'hidden' } }],
    ['an e-mail', { profiles: [[{ email: 'hidden' }]] }],
    [
      'a query',
      { callbackUrl: 'https://timework.workmeter.com/api/Integration/factorial/Callback?code=hidden' },
    ],
    ['a webhook’s key', { req: { method: 'POST', url: '/webhooks/factorial/hidden/timeoff.leave' } }],
    ['what an error carries', { err: Object.assign(new Error('refused'), { email: 'hidden' }) }],
  ])('hides %s', (_what, fields) => {
    expect(JSON.stringify(logged((logger) => logger.info(fields)))).not.toContain('hidden');
  });

  it('keeps what the reader needs', () => {
    const err = Object.assign(new Error('Factorial answered 429'), { code: 'rate_limited' });

    const line = logged((logger) =>
      logger.error({ err, statusCode: 503, tokenVersion: 3, tokenStatus: 'correct' }, 'failed'),
    );

    expect(line).toMatchObject({ statusCode: 503, tokenVersion: 3, tokenStatus: 'correct' });
    expect(line['err']).toMatchObject({
      type: 'Error',
      code: 'rate_limited',
      message: 'Factorial answered 429',
    });
  });

  it('survives a cycle', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;

    expect(() => logged((logger) => logger.info({ circular }))).not.toThrow();
  });
});

describe('redactUrl', () => {
  it.each([
    ['/api/tenant', '/api/tenant'],
    ['/api/Integration/factorial/Callback?code=a&state=b', '/api/Integration/factorial/Callback?[query]'],
    ['/webhooks/factorial/k3y/timeoff.leave.create', '/webhooks/factorial/[key]/timeoff.leave.create'],
    ['postgresql://user:password@db:5432/workmeter', 'postgresql://db:5432/workmeter'],
  ])('%s → %s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });
});
