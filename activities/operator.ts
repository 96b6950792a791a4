import type { OperateInput, OperateResult } from '../contracts/temporal/operator.ts';
import { reconciliationWorkflowId, replayWorkflowId } from '../contracts/temporal/names.ts';
import { DomainError, isDomainError, type ErrorCode } from '../domain/errors.ts';
import type {
  DecideDeletionsAsk,
  OperatorRequest,
  ReplayAsk,
  ResyncStreamAsk,
  SyncResourceAsk,
} from '../domain/operator-verbs.ts';
import { countBraked, decideBraked } from '../repositories/braked-deletions.ts';
import { readConnectionRow, type ConnectionRow } from '../repositories/connections.ts';
import { inTransaction, type Transaction } from '../repositories/database.ts';
import { failedSince } from '../repositories/failures.ts';
import { requireGeneration } from '../repositories/fence.ts';
import {
  countFailuresOf,
  countStored,
  countWaiting,
  noteOperatorAction,
  readOperatorAction,
  setPaused,
  unfinishedBeside,
} from '../repositories/operator-actions.ts';
import { countLinked } from '../repositories/links-read.ts';
import { queueManually, requireReconciliation } from '../repositories/reconciliation-requests.ts';
import { freezeReplay, previewReplay, type ReplayFilter } from '../repositories/replays.ts';
import { requestAllPlannedMinutes } from '../repositories/sync.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf } from './factorial-access.ts';
import { computeMarked, syncResources } from './sync-resources.ts';

/** What a verb does, or would do. */
interface Effect {
  readonly message: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly id?: string;
}

interface Context {
  readonly tx: Transaction;
  readonly input: OperateInput;
  readonly connection: ConnectionRow;
  readonly actor: string;
  readonly at: Date;
  /** Only to be told what would happen. */
  readonly dryRun: boolean;
}

const nobody = 'operator';

export function createOperatorActivities(deps: ActivityDependencies) {
  const { db } = deps;

  return {
    /**
     * Carries out an operators' verb, or says what it would do, and writes its audit row: in one transaction, also where the
     * state of the connection forbids it. Safe to repeat by `actionId`. Only `syncResource` asks Factorial, before that.
     */
    async operate(input: OperateInput): Promise<OperateResult> {
      const { tenantId, actionId, request } = input;
      const known = await readOperatorAction(db, tenantId, actionId);
      if (known !== null) return toResult(input, known, await waitingFor(request, tenantId));
      let told: Effect | DomainError;
      try {
        const synced = await syncFirst(input);
        told = await inTransaction(db, (tx) => carryOut(tx, input, synced));
      } catch (error) {
        if (!isDomainError(error)) throw error;
        told = error;
        await inTransaction(db, (tx) => note(tx, input, error));
      }
      return toResult(input, toTold(input, told), await waitingFor(request, tenantId));
    },
  };

  async function carryOut(tx: Transaction, input: OperateInput, synced: Effect | null): Promise<Effect> {
    const { tenantId, generation, request, nowMs } = input;
    await requireGeneration(tx, tenantId, generation);
    const connection = await readConnectionRow(tx, tenantId);
    requirePossible(connection, request);
    const { dryRun = false, actor = nobody } = request.ask;
    const effect = synced ?? (await effectOf({ tx, input, connection, actor, at: new Date(nowMs), dryRun }));
    await note(tx, input, effect);
    return effect;
  }

  /** The one verb whose effect is not a row: it asks Factorial, and then says what came of it. */
  async function syncFirst(input: OperateInput): Promise<Effect | null> {
    const { request, tenantId, generation, nowMs, actionId } = input;
    if (request.verb !== 'syncResource' || request.ask.dryRun === true) return null;
    requirePossible(await readConnectionRow(db, tenantId), request);
    const { resource, factorialId } = request.ask;
    const fenced = { tenantId, generation, nowMs };
    const ids = [factorialId];
    const outcomes = await syncResources(deps, fenced, {
      resource,
      ids,
      askedBy: actionId,
      purpose: 'connection',
    });
    const { marked } = await computeMarked(deps, fenced);
    const failure = (await failedSince(db, tenantId, resource, ids, new Date(nowMs))).get(factorialId);
    const outcome = failure === undefined ? (outcomes.get(factorialId) ?? 'gone') : 'failed';
    const message =
      failure === undefined
        ? `${resource} ${factorialId} was read again: ${outcome}.`
        : `${resource} ${factorialId} was read again and failed: ${failure.code}.`;
    return { message, counts: { [outcome]: 1, marked } };
  }

  async function note(tx: Transaction, input: OperateInput, told: Effect | DomainError): Promise<void> {
    const { actionId, request, tenantId, nowMs } = input;
    const { dryRun = false, actor = nobody, reason = null, ...asked } = request.ask;
    const { workflowId, runId } = originOf({ type: 'poll', id: actionId });
    const row = toTold(input, told);
    await noteOperatorAction(
      tx,
      tenantId,
      { ...row, id: actionId, verb: request.verb, input: asked, dryRun, actor, reason, workflowId, runId },
      new Date(nowMs),
    );
  }

  async function waitingFor({ verb, ask }: OperatorRequest, tenantId: string): Promise<string[]> {
    if (verb !== 'resume' || ask.dryRun === true) return [];
    const { reconciliations, replays } = await unfinishedBeside(db, tenantId);
    return [
      ...reconciliations.map((key) => reconciliationWorkflowId(tenantId, key)),
      ...replays.map(replayWorkflowId),
    ];
  }
}

/** Verbs that ask Factorial, or have it asked: not while there is no connection, and not while it is paused. */
function requirePossible({ status, paused }: ConnectionRow, { verb }: OperatorRequest): void {
  const isThere = status === 'connected' || status === 'expired';
  if (!isThere) throw new DomainError('not_connected', 'Factorial is not connected.');
  if (verb === 'pause' || verb === 'resume' || verb === 'decideDeletions') return;
  if (status === 'expired')
    throw new DomainError(
      'not_connected',
      'The connection with Factorial has expired: an admin must reauthorize first.',
    );
  if (paused) throw new DomainError('paused', 'The connection is paused: resume it first.');
}

async function effectOf(context: Context): Promise<Effect> {
  const { request } = context.input;
  switch (request.verb) {
    case 'pause':
      return pause(context);
    case 'resume':
      return resume(context);
    case 'reconcile':
      return reconcile(context);
    case 'syncResource':
      return previewSync(context, request.ask);
    case 'resyncStream':
      return resyncStream(context, request.ask);
    case 'replay':
      return replay(context, request.ask);
    case 'decideDeletions':
      return decideDeletions(context, request.ask);
  }
}

async function pause({ tx, input: { tenantId }, connection, at, dryRun }: Context): Promise<Effect> {
  const counts = await countWaiting(tx, tenantId);
  if (connection.paused) return { message: 'It is paused already.', counts };
  if (!dryRun) await setPaused(tx, tenantId, true, at);
  return {
    message:
      'Factorial is not asked, and nothing is taken over, until somebody resumes. Deliveries are kept.',
    counts,
  };
}

async function resume({ tx, input: { tenantId }, connection, at, dryRun }: Context): Promise<Effect> {
  const counts = await countWaiting(tx, tenantId);
  if (!connection.paused) return { message: 'It is not paused.', counts };
  if (!dryRun) await setPaused(tx, tenantId, false, at);
  return { message: 'What waited is worked off, and a reconciliation catches up.', counts };
}

async function reconcile({ tx, input, dryRun }: Context): Promise<Effect> {
  const { tenantId, generation, nowMs } = input;
  const counts = await countWaiting(tx, tenantId);
  if (dryRun) return { message: 'Everything would be compared with Factorial.', counts };
  const { id } = await queueManually(tx, tenantId, generation, nowMs);
  return { message: 'Everything is compared with Factorial; one that runs already ends first.', counts, id };
}

async function previewSync({ tx, input: { tenantId } }: Context, ask: SyncResourceAsk): Promise<Effect> {
  const { resource, factorialId } = ask;
  const failures = await countFailuresOf(tx, tenantId, resource, factorialId);
  return {
    message: `${resource} ${factorialId} would be read again and written if it differs.`,
    counts: { failures },
  };
}

async function resyncStream({ tx, input, dryRun }: Context, { resource }: ResyncStreamAsk): Promise<Effect> {
  const { tenantId, generation, nowMs } = input;
  if (resource === 'planned_minutes') {
    const linked = await countLinked(tx, tenantId);
    if (!dryRun) await requestAllPlannedMinutes(tx, tenantId);
    return { message: 'The plans of all linked profiles are read anew.', counts: { linked } };
  }
  const counts = { stored: await countStored(tx, tenantId, resource) };
  const message = `A reconciliation reads all ${resource} anew, and what belongs to them.`;
  if (dryRun) return { message, counts };
  return { message, counts, id: (await queueManually(tx, tenantId, generation, nowMs)).id };
}

async function replay({ tx, input, actor, at, dryRun }: Context, ask: ReplayAsk): Promise<Effect> {
  const { tenantId, generation, actionId } = input;
  const { failureIds: ids, code, resource, since } = ask;
  const filter: ReplayFilter = {
    ids,
    code,
    resource,
    since: since === undefined ? undefined : new Date(since),
  };
  if (dryRun) {
    const { count } = await previewReplay(tx, tenantId, filter, 0);
    return { message: `${count} failures would be tried again.`, counts: { failures: count } };
  }
  const count = await freezeReplay(tx, tenantId, { id: actionId, generation, actor, filter }, at);
  return { message: `${count} failures are tried again.`, counts: { failures: count }, id: actionId };
}

async function decideDeletions(
  { tx, input, actor, at, dryRun, connection }: Context,
  ask: DecideDeletionsAsk,
): Promise<Effect> {
  const { tenantId } = input;
  const { reconciliationId, decision, kinds } = ask;
  await requireReconciliation(tx, tenantId, reconciliationId);
  const counts = await countBraked(tx, tenantId, reconciliationId, kinds);
  if (Object.keys(counts).length === 0)
    throw new DomainError('conflict', 'No deletion of this reconciliation waits for a decision.');
  if (!dryRun)
    await decideBraked(tx, tenantId, reconciliationId, { decision, decidedBy: actor, decidedAt: at }, kinds);
  const what = decision === 'approve' ? 'The deletions are carried out' : 'The deletions are dropped';
  return {
    message: connection.paused ? `${what} when the connection is resumed.` : `${what}.`,
    counts,
    id: reconciliationId,
  };
}

/** The part of the audit row that says what came of it. */
interface Told {
  readonly outcome: 'done' | 'previewed' | 'refused' | 'failed';
  readonly code: string | null;
  readonly message: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly resultId: string | null;
}

/** What the state of the connection forbids; anything else went wrong on the way. */
const refusals: readonly ErrorCode[] = ['not_connected', 'paused', 'conflict', 'not_found', 'fenced'];

function toTold({ request }: OperateInput, told: Effect | DomainError): Told {
  if (told instanceof DomainError) {
    const outcome = refusals.includes(told.code) ? 'refused' : 'failed';
    return { outcome, code: told.code, message: told.message, counts: {}, resultId: null };
  }
  const outcome = request.ask.dryRun === true ? 'previewed' : 'done';
  const { message, counts = {}, id = null } = told;
  return { outcome, code: null, message, counts, resultId: id };
}

function toResult(
  { actionId, request: { verb } }: OperateInput,
  { outcome, code, message, counts, resultId }: Told,
  waiting: readonly string[],
): OperateResult {
  if (code !== null) return { answer: null, refusal: { code, message }, waiting: [] };
  const answer = {
    actionId,
    verb,
    outcome: outcome === 'previewed' ? 'would' : 'done',
    message,
    counts,
  } as const;
  return { answer: { ...answer, id: resultId }, refusal: null, waiting };
}
