import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import { parse as parseLossless } from 'lossless-json';
import { ApiError, badRequest } from './api-error.ts';
import { createClock, type Clock } from './clock.ts';
import { addControl } from './control/routes.ts';
import { callControl } from './control/call.ts';
import { distort } from './distortion.ts';
import { rateLimitHeaders, type Fault } from './faults.ts';
import { addOAuth } from './oauth/routes.ts';
import { createRateLimit } from './rate-limit.ts';
import { addResources } from './resources/index.ts';
import { defaultSeed, seedWorld, type SeedOptions } from './seed/seed.ts';
import { createWorld, type World } from './world.ts';

export interface SimulatorOptions {
  /** Size of the first company; see SeedOptions for what is left out. */
  seed?: Partial<SeedOptions>;
  logger?: FastifyBaseLogger;
  clock?: Clock;
}

export interface Simulator {
  app: FastifyInstance;
  world: World;
  close(): Promise<void>;
}

/** Domain and resource in a path of the API. Hyphens are seen in them too, as in `timeoff/leave-types`. */
const RESOURCE_PATH = /(?<=^\/api\/[^/]+\/resources\/)[^/?]+\/[^/?]+/;

/** Builds the simulator; it does not listen. */
export function createSimulator({
  seed = {},
  logger,
  clock = createClock(),
}: SimulatorOptions = {}): Simulator {
  const world = createWorld({ clock, logger });
  seedWorld(world, { ...defaultSeed, ...seed });

  const app: FastifyInstance = Fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    bodyLimit: 8_388_608,
    rewriteUrl: ({ url = '/' }) => url.replace(RESOURCE_PATH, (path) => path.replaceAll('-', '_')),
  });
  addParsers(app);
  addErrorHandler(app, world);
  addRequestLog(app, world);
  addFaults(app, world);
  app.addHook('onRequest', createRateLimit(world));
  addOAuth(app, world);
  addResources(app, world);
  addControl(app, world);

  return {
    app,
    world,
    async close() {
      await world.deliveries.close();
      clock.close();
      await app.close();
    },
  };
}

/** A listening simulator; port 0 takes a free port. */
export async function startSimulator({
  port = 0,
  host = '127.0.0.1',
  ...options
}: SimulatorOptions & { port?: number; host?: string } = {}): Promise<Simulator & { url: string }> {
  const simulator = createSimulator(options);
  const url = await simulator.app.listen({ port, host });
  return { ...simulator, url };
}

function addParsers(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : parseLossless(String(text), undefined, parseNumber));
    } catch {
      done(badRequest('the body is not JSON'), undefined);
    }
  });
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, text, done) => {
    done(null, String(text));
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, text, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(text))));
    },
  );
}

/** Ids sent as JSON numbers keep their digits, as text. */
function parseNumber(digits: string): number | string {
  return /^\d{16,}$/.test(digits) ? digits : Number(digits);
}

function addErrorHandler(app: FastifyInstance, world: World): void {
  app.setErrorHandler((err, request, reply) => {
    if (err instanceof ApiError) {
      const { errors, headers, status } = err;
      void reply.code(status).headers(headers);
      if (errors === '') return reply.send();
      if (errors === undefined)
        return reply.send({ error: 'invalid_token', error_description: 'The access token is invalid' });
      const asList = status === 422 && world.switches.validationErrors === 'list' && !isControl(request);
      return reply.send({ errors: asList ? toSentences(errors) : errors });
    }
    const status =
      err instanceof Error && 'statusCode' in err && typeof err.statusCode === 'number'
        ? err.statusCode
        : 500;
    request.log.error({ err }, 'request failed');
    return reply.code(status).send({ errors: [err instanceof Error ? err.message : 'internal error'] });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ errors: null }));
}

/** `{"name":["is missing"]}` as `["name is missing"]`. */
function toSentences(errors: unknown): string[] {
  return Object.entries(errors ?? {}).flatMap(([field, texts]) =>
    (Array.isArray(texts) ? texts : [texts]).map((text) => `${field} ${text}`),
  );
}

const isControl = (request: FastifyRequest) => request.url.startsWith('/control');

function addRequestLog(app: FastifyInstance, world: World): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isControl(request)) return done();
    // Written on arrival: an answer that is cut off belongs to a request that was made all the same.
    const entry = world.requests.add({
      at: new Date(world.clock.now()).toISOString(),
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      path: request.url.split('?')[0] ?? '',
      query: request.query,
      status: null,
    });
    reply.raw.once('finish', () => {
      entry.status = reply.statusCode;
    });
    done();
  });
}

/** Asks the list of faults before each public request. */
function addFaults(app: FastifyInstance, world: World): void {
  const inFlight = new WeakMap<FastifyRequest, Fault>();

  app.addHook('onRequest', async (request, reply) => {
    const fault = isControl(request) ? undefined : world.faults.take(request.method, request.url);
    switch (fault?.kind) {
      case undefined:
        return undefined;
      case 'status':
        return reply.code(fault.status).send(fault.body ?? { errors: null });
      case 'html':
        return reply
          .code(fault.status)
          .type('text/html')
          .send('<html><body><h1>502 Bad Gateway</h1></body></html>');
      case '429':
        return reply
          .code(429)
          .headers(
            rateLimitHeaders(fault.headers ?? world.switches.rateLimitHeaders, fault.retryAfterSeconds),
          )
          .send({ errors: ['Too many requests'] });
      case 'change':
        for (const call of fault.calls) await callControl(app, world, call, fault.company_id);
        return undefined;
      case 'page':
        // The query is what the resources look at: without its cursor they answer the first page.
        if (fault.shape === 'repeat') delete (request.query as { after_id?: string }).after_id;
        inFlight.set(request, fault);
        return undefined;
      case 'fields':
      case 'truncated':
        inFlight.set(request, fault);
        return undefined;
      case 'slow':
        if (fault.when === 'before') await sleep(fault.delayMs);
        else inFlight.set(request, fault);
        return undefined;
      case 'cut':
        if (fault.when === 'after') {
          inFlight.set(request, fault);
          return undefined;
        }
        reply.hijack();
        request.raw.socket.destroy();
        return reply;
    }
  });

  app.addHook('onSend', async (request, _reply, payload) => {
    const fault = inFlight.get(request);
    if (fault?.kind === 'slow') await sleep(fault.delayMs);
    if (fault?.kind === 'cut') request.raw.socket.destroy();
    if (typeof payload !== 'string') return payload;
    if (fault?.kind === 'fields' || fault?.kind === 'page') return distort(fault, payload);
    return fault?.kind === 'truncated' ? payload.slice(0, Math.floor(payload.length / 2)) : payload;
  });
}
