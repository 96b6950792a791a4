import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '../../contracts/http/common.ts';
import { DomainError } from '../../domain/errors.ts';
import { isDatabaseReady } from '../../repositories/database-ready.ts';
import type { AppDeps } from '../app-deps.ts';

const config = { public: true } as const;
const Up = z.enum(['up', 'down']);
const Ready = z.object({ status: z.literal('ready'), database: Up, temporal: Up });

/** For the platform: whether to restart us, whether to send us requests, and our figures. */
export function healthRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  return async (app) => {
    const alive = { response: { 200: z.object({ status: z.literal('ok') }) } };
    app.get('/healthz', { config, schema: alive }, async () => ({ status: 'ok' }) as const);

    // Without Temporal deliveries are still stored, so that it is reported and not required.
    app.get('/readyz', { config, schema: { response: { 200: Ready, 503: Problem } } }, async () => {
      const [database, temporal] = await Promise.all([isDatabaseReady(deps.db), deps.temporal.isReachable()]);
      if (!database)
        throw new DomainError(
          'unavailable',
          `The database does not answer. Temporal is ${upOrDown(temporal)}.`,
        );
      return { status: 'ready', database: 'up', temporal: upOrDown(temporal) } as const;
    });

    app.get(
      '/metrics',
      {
        config: { ...config, text: { type: 'text/plain', answers: { 200: 'Figures for Prometheus' } } },
        schema: { summary: 'Figures' },
      },
      async (_request, reply) =>
        reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics()),
    );
  };
}

const upOrDown = (isUp: boolean): 'up' | 'down' => (isUp ? 'up' : 'down');
