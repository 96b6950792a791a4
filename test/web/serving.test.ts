import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify, type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { registerErrorHandler } from '../../api/plugins/error-handler.ts';
import { registerWeb, type WebOptions } from '../../api/plugins/web.ts';
import { askServer } from '../support/ask-server.ts';

const page = `<head><base href="/" /><meta property="csp-nonce" nonce="" /><meta name="host-origins" content="" /></head>`;
const options: WebOptions = {
  publicUrl: 'https://timework.example.com',
  hostPageOrigins: ['https://app.example.com'],
};

let webDir: string;
beforeAll(() => {
  webDir = mkdtempSync(join(tmpdir(), 'workmeter-web-'));
  mkdirSync(join(webDir, 'assets'));
  writeFileSync(join(webDir, 'index.html'), page);
  writeFileSync(join(webDir, 'assets', 'index-abc.js'), 'plain');
  writeFileSync(join(webDir, 'assets', 'index-abc.js.br'), 'compressed');
});
afterAll(() => rmSync(webDir, { recursive: true }));

async function appWith(more: Partial<WebOptions> = {}): Promise<FastifyInstance> {
  const app = fastify();
  registerErrorHandler(app);
  app.get('/api/tenant', () => ({ id: 'acme' }));
  await registerWeb(app, { webDir, ...options, ...more });
  return app;
}

describe('the pages', () => {
  it.each([
    '/',
    '/integrations',
    '/integrations/factorial/connect',
    '/integrations/factorial/settings/employees',
  ])('answers %s with the page, a nonce of its own and a strict policy', async (url) => {
    const app = await appWith();

    const [first, second] = [await app.inject(url), await app.inject(url)];

    const nonces = [first, second].map(({ body }) => /nonce="([^"]+)"/.exec(body)?.[1]);
    expect(new Set(nonces).size).toBe(2);
    expect(first.body).toContain('name="host-origins" content="https://app.example.com"');
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': [
        "default-src 'none'",
        "script-src 'self'",
        `style-src 'self' 'nonce-${nonces[0]}'`,
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'self' https://app.example.com",
      ].join('; '),
    });
  });

  it('work below the path of PUBLIC_URL', async () => {
    const app = await appWith({ publicUrl: 'https://example.com/timework' });

    expect((await app.inject('/integrations')).body).toContain('<base href="/timework/" />');
  });

  it.each(['/api/unknown', '/integration', '/docs', '/assets/unknown.js'])(
    'leave %s to the API',
    async (url) => {
      const app = await appWith();

      const { statusCode, headers } = await app.inject(url);

      expect([statusCode, headers['content-type']]).toEqual([404, 'application/problem+json; charset=utf-8']);
    },
  );

  it('are not there where nothing was built', async () => {
    const app = await appWith({ webDir: join(webDir, 'nothing') });

    expect((await app.inject('/')).statusCode).toBe(404);
    expect((await app.inject('/api/tenant')).json()).toEqual({ id: 'acme' });
  });
});

describe('hashed files', () => {
  it('may be kept for ever, and are compressed for who reads that', async () => {
    const app = await appWith();

    const compressed = await app.inject({
      url: '/assets/index-abc.js',
      headers: { 'accept-encoding': 'gzip, br' },
    });
    const plain = await app.inject('/assets/index-abc.js');

    expect(compressed.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
      'x-content-type-options': 'nosniff',
    });
    expect([compressed.body, plain.body]).toEqual(['compressed', 'plain']);
  });
});

describe('the build', () => {
  const Chunk = z.object({
    file: z.string(),
    isEntry: z.boolean().default(false),
    imports: z.array(z.string()).default([]),
  });

  it('makes a first visit load less than 250 KB of compressed script', async () => {
    await askServer('/browser'); // builds the web
    const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url));
    const manifest = z
      .record(z.string(), Chunk)
      .parse(JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8')));
    const loaded = new Set<string>();
    const load = (name: string): void => {
      if (loaded.has(name)) return;
      loaded.add(name);
      manifest[name]?.imports.forEach(load);
    };

    const entry = Object.entries(manifest).find(([, { isEntry }]) => isEntry)?.[0] ?? '';
    load(entry);
    load('src/texts/es/index.ts'); // one language; they are about equal
    const bytes = [...loaded].map((name) => statSync(join(dist, `${manifest[name]?.file}.gz`)).size);
    const kilobytes = bytes.reduce((sum, size) => sum + size, 0) / 1024;

    expect(loaded.size).toBeGreaterThan(2);
    expect(kilobytes).toBeLessThan(250);
  }, 120_000);
});
