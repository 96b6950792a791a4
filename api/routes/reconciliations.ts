import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeCursor, InstantPosition, ListQuery, problems, toPage } from '../../contracts/http/common.ts';
import { NoBody } from '../../contracts/http/connection.ts';
import {
  Approval,
  Reconciliation,
  ReconciliationList,
  ReconciliationParams,
} from '../../contracts/http/reconciliations.ts';
import { decideBraked, listBraked } from '../../repositories/braked-deletions.ts';
import {
  listReconciliations,
  requestReconciliation,
  requireReconciliation,
} from '../../repositories/reconciliation-requests.ts';
import { isReconciling } from '../../repositories/reconciliations.ts';
import type { AppDeps } from '../app-deps.ts';
import { waitFor } from '../commands.ts';
import { toReconciliation } from '../reconciliation-view.ts';
import { requireUuid } from '../uuid.ts';

const base = '/api/integrations/factorial/reconciliations';
const config = { access: ['admin', 'operator'] as const };
const Position = z.object({ requestedAt: InstantPosition, id: z.uuid() });

/** Comparisons of everything: ask for one, see how they went, decide on the deletions that they held back. */
export function reconciliationRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  const { db } = deps;
  const view = async (tenantId: string, id: string): Promise<Reconciliation> => {
    const row = await requireReconciliation(db, tenantId, id);
    return toReconciliation(row, await listBraked(db, tenantId, [id]));
  };

  return async (app) => {
    app.post(
      base,
      { config, schema: { body: NoBody, response: { 202: Reconciliation, ...problems(409) } } },
      async (request, reply) => {
        const { tenantId } = request.auth;
        const { id } = await requestReconciliation(db, tenantId, deps.now());
        void deps.doorbell.ring(tenantId, 'reconcileNow', { reconciliationId: id }); // never rejects
        const hasBegun = async () => (await requireReconciliation(db, tenantId, id)).status !== 'queued';
        if (!(await isReconciling(db, tenantId))) await waitFor(deps, hasBegun);
        return await reply.code(202).send(await view(tenantId, id));
      },
    );

    app.get(
      base,
      { config, schema: { querystring: ListQuery, response: { 200: ReconciliationList, ...problems() } } },
      async (request) => {
        const { limit, cursor } = request.query;
        const { tenantId } = request.auth;
        const rows = await listReconciliations(db, tenantId, limit + 1, decodeCursor(cursor, Position));
        const braked = await listBraked(
          db,
          tenantId,
          rows.map(({ id }) => id),
        );
        const toItem = (row: (typeof rows)[number]) => toReconciliation(row, braked);
        return toPage(rows, limit, toItem, ({ requestedAt, id }) => ({ requestedAt, id }));
      },
    );

    app.get(
      `${base}/:id`,
      { config, schema: { params: ReconciliationParams, response: { 200: Reconciliation, ...problems() } } },
      async (request) => view(request.auth.tenantId, requireUuid(request.params.id, 'reconciliation')),
    );

    app.post(
      `${base}/:id/approval`,
      {
        config,
        schema: {
          params: ReconciliationParams,
          body: Approval,
          response: { 202: Reconciliation, ...problems(409) },
        },
      },
      async (request, reply) => {
        const { tenantId, subject: decidedBy } = request.auth;
        const id = requireUuid(request.params.id, 'reconciliation');
        await requireReconciliation(db, tenantId, id);
        const { decision } = request.body;
        await decideBraked(db, tenantId, id, { decision, decidedBy, decidedAt: new Date(deps.now()) });
        void deps.doorbell.ring(tenantId, 'reconcileNow', { reconciliationId: id }); // never rejects
        const isDone = async () =>
          (await requireReconciliation(db, tenantId, id)).status !== 'awaiting_approval';
        await waitFor(deps, isDone);
        return await reply.code(202).send(await view(tenantId, id));
      },
    );
  };
}
