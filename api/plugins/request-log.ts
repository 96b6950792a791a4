import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';

/** Measures every request by its route, and logs one line for it: the route's pattern, never an address with ids or keys. */
export function registerRequestLog(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    metrics.httpSeconds.observe({ method, route, status: String(status) }, ms / 1000);
    // `auth` is unset on public routes and where the token was refused.
    const tenantId = (request as { auth?: { tenantId: string } }).auth?.tenantId;
    request.log.debug({ method, route, status, ms: Math.round(ms), tenantId }, 'request');
    done();
  });
}
