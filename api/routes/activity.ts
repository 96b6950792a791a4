import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ActivityList, ActivityQuery, type ActivityEntry } from '../../contracts/http/activity.ts';
import { decodeCursor, problems, toPage } from '../../contracts/http/common.ts';
import { listActivity } from '../../repositories/activity-entries.ts';
import type { AppDeps } from '../app-deps.ts';

const config = { access: ['admin', 'operator'] as const };
const Position = z.object({ below: z.string().regex(/^\d{1,18}$/) });
type Row = Awaited<ReturnType<typeof listActivity>>[number];

/** What has happened, newest first; with `after` only what is newer than an entry already known. */
export function activityRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/integrations/factorial/activity',
      { config, schema: { querystring: ActivityQuery, response: { 200: ActivityList, ...problems() } } },
      async (request) => {
        const { limit, cursor, after } = request.query;
        const position = decodeCursor(cursor, Position);
        const rows = await listActivity(deps.db, request.auth.tenantId, limit + 1, {
          above: after === undefined ? undefined : BigInt(after),
          below: position === undefined ? undefined : BigInt(position.below),
        });
        return toPage(rows, limit, toEntry, ({ id }) => ({ below: String(id) }));
      },
    );
  };
}

function toEntry({ id, at, kind, summary, count, outcome }: Row): ActivityEntry {
  return {
    id: String(id),
    at: at.toISOString(),
    kind: kind as ActivityEntry['kind'],
    summary,
    count,
    outcome,
  };
}
