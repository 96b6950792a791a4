import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeCursor, ListQuery, problems, toPage } from '../../contracts/http/common.ts';
import { NoBody } from '../../contracts/http/connection.ts';
import {
  Replay,
  ReplayAccepted,
  ReplayBody,
  ReplayItemList,
  ReplayParams,
  ReplayPreview,
  type ReplayItem,
} from '../../contracts/http/replays.ts';
import { requireFailure } from '../../repositories/failures-read.ts';
import {
  askToCancel,
  listReplayItems,
  previewReplay,
  replayOf,
  requestReplay,
  requireReplay,
  type ReplayFilter,
} from '../../repositories/replays.ts';
import { DomainError } from '../../domain/errors.ts';
import type { AppDeps } from '../app-deps.ts';
import { waitFor } from '../commands.ts';
import { toFailure } from '../failure-view.ts';
import { requireUuid } from '../uuid.ts';

const base = '/api/integrations/factorial';
const config = { access: ['admin', 'operator'] as const };
/** Failures shown of what a replay would take. */
const sampleSize = 20;
const Position = z.object({ failureId: z.uuid() });

/** Failures tried again: one, or all that match; how it goes, what came of each, and its end. */
export function replayRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  const { db } = deps;

  const start = async (tenantId: string, actor: string, filter: ReplayFilter) => {
    const replay = { id: randomUUID(), actor, filter };
    const count = await requestReplay(db, tenantId, replay, new Date(deps.now()));
    if (count > 0) void deps.replays.start(tenantId, replay.id); // never rejects; the supervisor starts it otherwise
    return { id: replay.id, count };
  };

  return async (app) => {
    app.post(
      `${base}/failures/:id/replay`,
      {
        config,
        schema: { params: ReplayParams, body: NoBody, response: { 202: ReplayAccepted, ...problems(409) } },
      },
      async (request, reply) => {
        const { tenantId, subject } = request.auth;
        const id = requireUuid(request.params.id, 'failure');
        const { status } = await requireFailure(db, tenantId, id);
        if (status === 'resolved')
          throw new DomainError('conflict', 'This failure is resolved: there is nothing to try again.');
        const running = status === 'retrying' ? await replayOf(db, tenantId, id) : null;
        if (running !== null) return await reply.code(202).send({ id: running.id, count: running.count });
        return await reply.code(202).send(await start(tenantId, subject, { ids: [id] }));
      },
    );

    app.post(
      `${base}/failures/replay`,
      {
        config,
        schema: { body: ReplayBody, response: { 200: ReplayPreview, 202: ReplayAccepted, ...problems(409) } },
      },
      async (request, reply) => {
        const { tenantId, subject } = request.auth;
        const { filter: asked, dryRun } = request.body;
        const { since, ...rest } = asked;
        const filter = { ...rest, since: since === undefined ? undefined : new Date(since) };
        if (!dryRun) return await reply.code(202).send(await start(tenantId, subject, filter));
        const { count, sample } = await previewReplay(db, tenantId, filter, sampleSize);
        return await reply.code(200).send({ count, sample: sample.map(toFailure) });
      },
    );

    app.get(
      `${base}/replays/:id`,
      { config, schema: { params: ReplayParams, response: { 200: Replay, ...problems() } } },
      async (request) =>
        view(await requireReplay(db, request.auth.tenantId, requireUuid(request.params.id, 'replay'))),
    );

    app.get(
      `${base}/replays/:id/items`,
      {
        config,
        schema: {
          params: ReplayParams,
          querystring: ListQuery,
          response: { 200: ReplayItemList, ...problems() },
        },
      },
      async (request) => {
        const { tenantId } = request.auth;
        const { limit, cursor } = request.query;
        const { id } = await requireReplay(db, tenantId, requireUuid(request.params.id, 'replay'));
        const after = decodeCursor(cursor, Position)?.failureId;
        const rows = await listReplayItems(db, tenantId, id, limit + 1, after);
        return toPage(rows, limit, toItem, ({ failureId }) => ({ failureId }));
      },
    );

    app.post(
      `${base}/replays/:id/cancel`,
      { config, schema: { params: ReplayParams, body: NoBody, response: { 202: Replay, ...problems() } } },
      async (request, reply) => {
        const { tenantId } = request.auth;
        const { id } = await requireReplay(db, tenantId, requireUuid(request.params.id, 'replay'));
        await askToCancel(db, tenantId, id, new Date(deps.now()));
        void deps.replays.cancel(id); // never rejects; the next batch sees the wish otherwise
        await waitFor(deps, async () => (await requireReplay(db, tenantId, id)).finishedAt !== null);
        return await reply.code(202).send(view(await requireReplay(db, tenantId, id)));
      },
    );
  };
}

function view(row: Awaited<ReturnType<typeof requireReplay>>): Replay {
  const { id, status, count, done, succeeded, failed, startedAt, finishedAt } = row;
  return {
    id,
    status: status as Replay['status'],
    count,
    done,
    succeeded,
    failed,
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

function toItem({
  failureId,
  outcome,
  code,
  message,
}: Awaited<ReturnType<typeof listReplayItems>>[number]): ReplayItem {
  return { failureId, outcome: outcome as ReplayItem['outcome'], code, message };
}
