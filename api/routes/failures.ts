import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeCursor, InstantPosition, problems, toPage } from '../../contracts/http/common.ts';
import { FailureList, FailureQuery } from '../../contracts/http/failures.ts';
import { listFailures } from '../../repositories/failures-read.ts';
import type { AppDeps } from '../app-deps.ts';
import { toFailure } from '../failure-view.ts';

const config = { access: ['admin', 'operator'] as const };
const Position = z.object({ lastAt: InstantPosition, id: z.uuid() });

/** What could not be synced, and why. */
export function failureRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/integrations/factorial/failures',
      { config, schema: { querystring: FailureQuery, response: { 200: FailureList, ...problems() } } },
      async (request) => {
        const { limit, cursor, code, resource, since } = request.query;
        const filter = { code, resource, since: since === undefined ? undefined : new Date(since) };
        const after = decodeCursor(cursor, Position);
        const rows = await listFailures(deps.db, request.auth.tenantId, filter, limit + 1, after);
        return toPage(rows, limit, toFailure, ({ lastAt, id }) => ({ lastAt, id }));
      },
    );
  };
}
