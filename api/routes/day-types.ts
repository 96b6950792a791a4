import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { ListQuery, problems } from '../../contracts/http/common.ts';
import { DayType, DayTypeInput, DayTypeList, DayTypeParams } from '../../contracts/http/day-type.ts';
import { DomainError } from '../../domain/errors.ts';
import { listDayTypes, putDayType } from '../../repositories/day-types.ts';
import { countMarked } from '../../repositories/marks-read.ts';
import type { AppDeps } from '../app-deps.ts';
import { toList, toPageRequest } from '../name-page.ts';

/** WorkMeter's kinds of days. */
export function dayTypeRoutes({ db, doorbell }: Pick<AppDeps, 'db' | 'doorbell'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator', 'service'] } as const;

    app.get(
      '/api/day-types',
      { config, schema: { querystring: ListQuery, response: { 200: DayTypeList, ...problems() } } },
      async ({ auth, query }) => toList(await listDayTypes(db, auth.tenantId, toPageRequest(query))),
    );

    app.put(
      '/api/day-types/:dayTypeId',
      {
        config,
        schema: {
          params: DayTypeParams,
          body: DayTypeInput,
          response: { 200: DayType, 201: DayType, ...problems() },
        },
      },
      async ({ auth: { tenantId }, params: { dayTypeId }, body }, reply) => {
        const result = await putDayType(db, tenantId, dayTypeId, body);
        if (result.outcome === 'built_in') {
          throw new DomainError(
            'forbidden',
            'A built-in day type cannot be changed. Create one of your own instead.',
          );
        }
        if (result.remapped) {
          void doorbell.ring(tenantId, 'factsChanged', { marked: await countMarked(db, tenantId) });
        }
        return reply.code(result.outcome === 'created' ? 201 : 200).send(result.dayType);
      },
    );
  };
}
