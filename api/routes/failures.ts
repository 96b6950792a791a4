import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeCursor, problems, toPage } from '../../contracts/http/common.ts';
import { FailureList, FailureQuery, type Failure } from '../../contracts/http/failures.ts';
import { listFailures } from '../../repositories/failures-read.ts';
import type { AppDeps } from '../app-deps.ts';

const config = { access: ['admin', 'operator'] as const };
const Position = z.object({ lastAt: z.coerce.date(), id: z.uuid() });
type Row = Awaited<ReturnType<typeof listFailures>>[number];

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

function toFailure(row: Row): Failure {
  return {
    ...row,
    status: row.status as Failure['status'],
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
  };
}
