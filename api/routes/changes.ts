import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { ChangeList, ChangeQuery } from '../../contracts/http/change.ts';
import { problems } from '../../contracts/http/common.ts';
import { DomainError } from '../../domain/errors.ts';
import { readChanges } from '../../repositories/changes-read.ts';
import type { AppDeps } from '../app-deps.ts';

/** What changed since a reader last asked, for time@work. */
export function changeRoutes({ db }: Pick<AppDeps, 'db'>): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/changes',
      {
        config: { access: ['admin', 'operator', 'service'] },
        schema: { querystring: ChangeQuery, response: { 200: ChangeList, ...problems(410) } },
      },
      async ({ auth, query: { after, limit } }) => {
        const result = await readChanges(
          db,
          auth.tenantId,
          after === undefined ? null : BigInt(after),
          limit,
        );
        if (result.outcome === 'expired') {
          const advice = 'Read the employees and their calendars anew, and go on without after.';
          throw new DomainError('cursor_expired', `Changes after ${after} are no longer kept. ${advice}`);
        }
        const items = result.items.map((item) => ({ ...item, at: item.at.toISOString() }));
        return { items, next: result.next };
      },
    );
  };
}
