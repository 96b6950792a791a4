import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import { ProfileList, ProfileQuery } from '../../contracts/http/profile.ts';
import { listProfiles } from '../../repositories/profiles-read.ts';
import type { AppDeps } from '../app-deps.ts';
import { toList, toPageRequest } from '../name-page.ts';

/** Factorial's employees, as last read. */
export function profileRoutes({ db, now }: Pick<AppDeps, 'db' | 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/integrations/factorial/profiles',
      {
        config: { access: ['admin', 'operator'] },
        schema: { querystring: ProfileQuery, response: { 200: ProfileList, ...problems() } },
      },
      async ({ auth, query }) =>
        toList(await listProfiles(db, auth.tenantId, query, toPageRequest(query), now())),
    );
  };
}
