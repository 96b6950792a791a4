import type { ReplayInput, ReplayProgress } from '../contracts/temporal/replay.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { inTransaction } from '../repositories/database.ts';
import { failedSince } from '../repositories/failures.ts';
import { requireSyncing } from '../repositories/fence.ts';
import type { InboxOutcome } from '../repositories/inbox.ts';
import {
  beginReplay,
  endReplayItems,
  finishReplay,
  nextReplayItems,
  requireReplay,
  type ItemOutcome,
  type ReplayWork,
} from '../repositories/replays.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { readableResources, type ReadableResource } from './read-again.ts';
import { computeMarked, syncResources } from './sync-resources.ts';
import { pulse } from './pulse.ts';

/** Items of one request, and requests of one activity: their number bounds how fast a replay goes beside the budget. */
const itemsPerRequest = 100;
const requestsPerBatch = 5;
/** A replay stops when more than this part of it failed again, but lets a few fail in any case. */
const mostFailedPart = 0.2;
const leastFailed = 100;

export interface ReplayStep extends ReplayInput {
  readonly nowMs: number;
}

export function createReplayActivities(deps: ActivityDependencies) {
  const { db } = deps;

  return {
    /**
     * Reads up to 500 failed resources of a replay again and writes what came of each. It leaves the part of the budget
     * that people and webhooks need. Ends the replay when all had their turn, when it was cancelled, when too many failed
     * again, or when the connection is another one by now. At its end the connection workflow looks at what is still open.
     * Safe to repeat: an item counts once.
     */
    async replayBatch({ tenantId, replayId, nowMs }: ReplayStep): Promise<ReplayProgress> {
      const at = new Date(nowMs);
      await beginReplay(db, tenantId, replayId, at);
      for (let request = 0; request < requestsPerBatch; request += 1) {
        const replay = await requireReplay(db, tenantId, replayId);
        if (replay.finishedAt !== null) break;
        const end = await endOf(tenantId, replay);
        if (end !== null) {
          await finishReplay(db, tenantId, replayId, end, at);
          break;
        }
        const work = await nextReplayItems(db, tenantId, replayId, itemsPerRequest);
        if (work === null) {
          await finishReplay(db, tenantId, replayId, 'completed', at);
          break;
        }
        const fenced = { tenantId, generation: replay.generation, nowMs };
        const outcomes = await tryAgain(fenced, replayId, work);
        await inTransaction(db, async (tx) => {
          await requireSyncing(tx, tenantId, fenced.generation);
          await endReplayItems(tx, tenantId, replayId, outcomes, at);
        });
        await computeMarked(deps, fenced);
        pulse();
      }
      const progress = progressOf(await requireReplay(db, tenantId, replayId));
      if (progress.ended !== null) await deps.ring?.(tenantId);
      return progress;
    },

    /** Ends a replay from outside; what had no turn is skipped. Safe to repeat. */
    async endReplay({
      tenantId,
      replayId,
      how,
      nowMs,
    }: ReplayStep & { how: 'cancelled' | 'stopped' }): Promise<void> {
      await finishReplay(db, tenantId, replayId, how, new Date(nowMs));
      await deps.ring?.(tenantId);
    },
  };

  async function endOf(
    tenantId: string,
    replay: Awaited<ReturnType<typeof requireReplay>>,
  ): Promise<'cancelled' | 'stopped' | 'failed' | null> {
    if (replay.cancelAskedAt !== null) return 'cancelled';
    if (replay.failed > Math.max(leastFailed, replay.count * mostFailedPart)) return 'stopped';
    const { generation, status } = await readConnectionRow(db, tenantId);
    return generation === replay.generation && status === 'connected' ? null : 'failed';
  }

  async function tryAgain(
    fenced: { tenantId: string; generation: number; nowMs: number },
    replayId: string,
    { resource, items }: ReplayWork,
  ): Promise<ItemOutcome[]> {
    const ids = [...new Set(items.map(({ factorialId }) => factorialId))].filter((id) => id !== '');
    if (!isReadable(resource) || ids.length === 0)
      return items.map(({ failureId }) => ({ failureId, ...wholeKind }));
    const outcomeOf = await syncResources(deps, fenced, {
      resource,
      ids,
      askedBy: replayId,
      purpose: 'reconciliation',
    });
    const failed = await failedSince(db, fenced.tenantId, resource, ids, new Date(fenced.nowMs));
    return items.map(({ failureId, factorialId }) => {
      if (factorialId === '') return { failureId, ...wholeKind };
      const failure = failed.get(factorialId);
      if (failure !== undefined) return { failureId, outcome: 'failed', ...failure };
      return { failureId, outcome: 'succeeded', ...wordsOf(outcomeOf.get(factorialId) ?? 'gone') };
    });
  }
}

const isReadable = (resource: string): resource is ReadableResource =>
  readableResources.some((known) => known === resource);

const wholeKind = {
  outcome: 'failed',
  code: 'whole_kind',
  message: 'It concerns all resources of its kind: only a reconciliation can try it again. Ask for one.',
} as const;

const words: Partial<Record<InboxOutcome, { code: string; message: string }>> = {
  applied: { code: 'synced', message: 'It was read again and taken over.' },
  unchanged: { code: 'unchanged', message: 'It was read again; what is stored was right already.' },
  parked: {
    code: 'parked',
    message: 'It was read again and is kept until its type is mapped or its profile linked.',
  },
  gone: {
    code: 'gone',
    message: 'Factorial does not have it any more; what is stored of it, a reconciliation removes.',
  },
};
const wordsOf = (outcome: InboxOutcome) => words[outcome] ?? { code: outcome, message: 'It was read again.' };

function progressOf(replay: Awaited<ReturnType<typeof requireReplay>>): ReplayProgress {
  const { status, count, done, succeeded, failed } = replay;
  const isOver = status !== 'queued' && status !== 'running';
  return { ended: isOver ? (status as ReplayProgress['ended']) : null, count, done, succeeded, failed };
}
