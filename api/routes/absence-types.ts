import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import {
  AbsenceType,
  AbsenceTypeList,
  AbsenceTypeParams,
  MappingInput,
  MappingPreview,
} from '../../contracts/http/absence-type.ts';
import { ListQuery, problems } from '../../contracts/http/common.ts';
import { NoContent } from '../../contracts/http/text.ts';
import { findAbsenceType, listAbsenceTypes } from '../../repositories/absence-type-rows.ts';
import {
  clearMapping,
  previewWish,
  setMapping,
  unknownAbsenceType,
  type MappingWish,
} from '../../repositories/mappings.ts';
import { countMarked } from '../../repositories/marks-read.ts';
import type { AppDeps } from '../app-deps.ts';
import { toList, toPageRequest } from '../name-page.ts';

const path = '/api/integrations/factorial/day-types';

/** Factorial's absence types, and what each means in WorkMeter. */
export function absenceTypeRoutes({
  db,
  doorbell,
  now,
}: Pick<AppDeps, 'db' | 'doorbell' | 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator'] } as const;
    const params = AbsenceTypeParams;

    app.get(
      path,
      { config, schema: { querystring: ListQuery, response: { 200: AbsenceTypeList, ...problems() } } },
      async ({ auth, query }) =>
        toList(await listAbsenceTypes(db, auth.tenantId, toPageRequest(query), now())),
    );

    app.put(
      `${path}/:absenceTypeId`,
      { config, schema: { params, body: MappingInput, response: { 200: AbsenceType, ...problems(422) } } },
      async ({ auth: { tenantId, subject }, params: { absenceTypeId }, body }) => {
        await ringIf(await setMapping(db, tenantId, absenceTypeId, toWish(body), subject), tenantId);
        const type = await findAbsenceType(db, tenantId, absenceTypeId, now());
        if (type === null) throw unknownAbsenceType(absenceTypeId);
        return type;
      },
    );

    app.delete(
      `${path}/:absenceTypeId`,
      { config, schema: { params, response: { 204: NoContent, ...problems() } } },
      async ({ auth: { tenantId, subject }, params: { absenceTypeId } }, reply) => {
        await ringIf(await clearMapping(db, tenantId, absenceTypeId, subject), tenantId);
        return reply.code(204).send(null);
      },
    );

    app.post(
      `${path}/:absenceTypeId/preview`,
      { config, schema: { params, body: MappingInput, response: { 200: MappingPreview, ...problems(422) } } },
      async ({ auth, params: { absenceTypeId }, body }) => {
        const preview = await previewWish(db, auth.tenantId, absenceTypeId, toWish(body), now());
        return { ...preview, sample: [...preview.sample] };
      },
    );
  };

  async function ringIf(changed: boolean, tenantId: string): Promise<void> {
    if (changed) void doorbell.ring(tenantId, 'mappingsChanged', { marked: await countMarked(db, tenantId) });
  }
}

function toWish({ dayTypeId, create }: z.infer<typeof MappingInput>): MappingWish {
  if (dayTypeId !== undefined) return { dayTypeId };
  return create === undefined ? { ignored: true } : { create };
}
