import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, RouteOptions } from 'fastify';

export interface WebOptions {
  /** Folder of the built web; that of our own build unless told. */
  readonly webDir?: string | undefined;
  /** The web works below its path. */
  readonly publicUrl: string;
  /** Origins of pages that may show the web in a frame and hand it a token; its own may always. */
  readonly hostPageOrigins: readonly string[];
}

/** From the sources and from `dist/` alike. */
const ownBuild = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Every address of a screen: web/src/paths.ts. Whatever is not among them stays the API's. */
const screens = ['/', '/integrations', '/integrations/*'];

/**
 * Serves the wizard and the settings screen from their build: the page itself at each address of a screen, and its
 * hashed files, which never change. Does nothing where there is no build.
 */
export async function registerWeb(app: FastifyInstance, options: WebOptions): Promise<void> {
  const dir = options.webDir ?? ownBuild;
  const index = join(dir, 'index.html');
  if (!existsSync(index)) {
    app.log.info('no web is served: it is not built');
    return;
  }
  const page = pageOf(readFileSync(index, 'utf8'), options);
  await app.register(async (web) => {
    web.addHook('onRoute', openToAll);
    await web.register(fastifyStatic, {
      root: join(dir, 'assets'),
      prefix: '/assets/',
      decorateReply: false,
      immutable: true,
      maxAge: '365d',
      preCompressed: true,
      setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
    });
    for (const url of screens) {
      web.get(url, { schema: { hide: true } }, async (_request, reply) => {
        const nonce = randomBytes(16).toString('base64');
        return await reply
          .headers({
            'cache-control': 'no-store', // each answer has a nonce of its own
            'content-security-policy': policyOf(nonce, options.hostPageOrigins),
            'cross-origin-opener-policy': 'same-origin-allow-popups', // the popup of Factorial must find us
            'referrer-policy': 'no-referrer',
            'x-content-type-options': 'nosniff',
          })
          .type('text/html; charset=utf-8')
          .send(page(nonce));
      });
    }
  });
}

/** Fills in what web/index.html leaves open. None of it can hold a quote: they are origins, a path and base64. */
function pageOf(html: string, { publicUrl, hostPageOrigins }: WebOptions): (nonce: string) => string {
  const path = new URL(publicUrl).pathname.replace(/\/+$/, '');
  const filled = html
    .replace('<base href="/" />', `<base href="${path}/" />`)
    .replace('name="host-origins" content=""', `name="host-origins" content="${hostPageOrigins.join(' ')}"`);
  return (nonce) => filled.replace('property="csp-nonce" nonce=""', `property="csp-nonce" nonce="${nonce}"`);
}

/** Scripts come from our files only. Styles also by the component library, which knows the nonce. */
function policyOf(nonce: string, hostPageOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    `frame-ancestors ${["'self'", ...hostPageOrigins].join(' ')}`,
  ].join('; ');
}

function openToAll(route: RouteOptions): void {
  route.config = { ...route.config, public: true };
}
