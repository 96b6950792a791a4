import { DomainError } from '../domain/errors.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { Prisma } from './generated/client.ts';
import type { FailureModel, ReplayItemModel, ReplayModel } from './generated/models.ts';
import { readConnectionRow } from './connections.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';

/** Which failures to try again; all that are given must hold. */
export interface ReplayFilter {
  readonly ids?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly resource?: string | undefined;
  /** Last seen at or after it. */
  readonly since?: Date | undefined;
}

export interface NewReplay {
  /** A new UUID: asking twice with the same one leaves one. */
  readonly id: string;
  readonly generation: number;
  readonly actor: string;
  readonly filter: ReplayFilter;
}

export type ReplayEnd = 'completed' | 'cancelled' | 'stopped' | 'failed';

/** Failures that a replay would take: open ones, for what is being retried belongs to another replay. */
function matching(tenantId: string, { ids, code, resource, since }: ReplayFilter): Prisma.Sql {
  const conditions = [
    Prisma.sql`tenant_id = ${tenantId}`,
    Prisma.sql`status = 'open'`,
    ...(ids === undefined ? [] : [Prisma.sql`id = ANY(${[...ids]}::uuid[])`]),
    ...(code === undefined ? [] : [Prisma.sql`code = ${code}`]),
    ...(resource === undefined ? [] : [Prisma.sql`resource = ${resource}`]),
    ...(since === undefined ? [] : [Prisma.sql`last_at >= ${since}`]),
  ];
  return Prisma.join(conditions, ' AND ');
}

export interface ReplayPreview {
  readonly count: number;
  /** The latest few. */
  readonly sample: readonly Omit<FailureModel, 'tenantId'>[];
}

/** What a replay would take now. Changes nothing. */
export async function previewReplay(
  db: Executor,
  tenantId: string,
  filter: ReplayFilter,
  sampleSize: number,
): Promise<ReplayPreview> {
  const where = matching(tenantId, filter);
  const [counted] = await db.$queryRaw<
    { count: number }[]
  >`SELECT count(*)::int AS count FROM failures WHERE ${where}`;
  const latest = await db.$queryRaw<{ id: string }[]>`
    SELECT id::text AS id FROM failures WHERE ${where} ORDER BY last_at DESC, id LIMIT ${sampleSize}`;
  const sample = await db.failure.findMany({
    where: { tenantId, id: { in: latest.map(({ id }) => id) } },
    orderBy: [{ lastAt: 'desc' }, { id: 'asc' }],
    omit: { tenantId: true },
  });
  return { count: counted?.count ?? 0, sample };
}

/** Freezes a replay for an admin, in the name of the connection as it is now. Throws `not_connected`. */
export async function requestReplay(
  db: Database,
  tenantId: string,
  replay: Omit<NewReplay, 'generation'>,
  at: Date,
): Promise<number> {
  return await inTransaction(db, async (tx) => {
    const { status, generation } = await readConnectionRow(tx, tenantId);
    if (status === 'expired')
      throw new DomainError('not_connected', 'The connection with Factorial has expired');
    if (status !== 'connected') throw new DomainError('not_connected', 'Factorial is not connected.');
    return await freezeReplay(tx, tenantId, { ...replay, generation }, at);
  });
}

/**
 * Freezes the failures that match into a replay and its items, and marks them as being retried: one statement, so that
 * nothing is in two replays and nothing slips in later. An empty one is completed at once. Answers how many it took.
 */
export async function freezeReplay(
  db: Executor,
  tenantId: string,
  { id, generation, actor, filter }: NewReplay,
  at: Date,
): Promise<number> {
  const asked = JSON.stringify({ ...filter, since: filter.since?.toISOString() });
  const rows = await db.$queryRaw<{ count: number }[]>`
    WITH picked AS MATERIALIZED (
      SELECT id, resource, factorial_id FROM failures WHERE ${matching(tenantId, filter)} FOR UPDATE
    ), counted AS (SELECT count(*)::int AS count FROM picked
    ), replay AS (
      INSERT INTO replays (tenant_id, id, generation, status, filter, actor, count, requested_at, finished_at)
      SELECT ${tenantId}::text, ${id}::uuid, ${generation}::int, CASE WHEN count = 0 THEN 'completed' ELSE 'queued' END,
        ${asked}::jsonb, ${actor}::text, count, ${at}::timestamptz, CASE WHEN count = 0 THEN ${at}::timestamptz END FROM counted
    ), items AS (
      INSERT INTO replay_items (tenant_id, replay_id, failure_id, resource, factorial_id)
      SELECT ${tenantId}::text, ${id}::uuid, id, resource, factorial_id FROM picked
    ), marked AS (
      UPDATE failures SET status = 'retrying', next_step = ${nextSteps.replay}::text, next_try_at = ${at}::timestamptz
      FROM picked WHERE failures.tenant_id = ${tenantId} AND failures.id = picked.id
    )
    SELECT count FROM counted`;
  return rows[0]?.count ?? 0;
}

/** Throws `not_found` for another tenant's as for none. */
export async function requireReplay(db: Executor, tenantId: string, id: string): Promise<ReplayModel> {
  const row = await db.replay.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (row === null) throw new DomainError('not_found', 'There is no such replay.');
  return row;
}

/** A replay's items in the order of their ids, at most `take`, after an id. */
export async function listReplayItems(
  db: Executor,
  tenantId: string,
  replayId: string,
  take: number,
  after?: string,
): Promise<Pick<ReplayItemModel, 'failureId' | 'outcome' | 'code' | 'message'>[]> {
  return await db.replayItem.findMany({
    where: { tenantId, replayId, ...(after === undefined ? {} : { failureId: { gt: after } }) },
    orderBy: { failureId: 'asc' },
    take,
    select: { failureId: true, outcome: true, code: true, message: true },
  });
}

/** The unfinished replay that a failure is in; null where there is none. */
export async function replayOf(
  db: Executor,
  tenantId: string,
  failureId: string,
): Promise<ReplayModel | null> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT replays.id::text AS id FROM replay_items JOIN replays USING (tenant_id)
    WHERE replay_items.tenant_id = ${tenantId} AND replay_items.failure_id = ${failureId}::uuid
      AND replays.id = replay_items.replay_id AND replays.finished_at IS NULL LIMIT 1`;
  return rows[0] === undefined ? null : await requireReplay(db, tenantId, rows[0].id);
}

/** Asks for a replay's end; its workflow carries it out. One that has ended stays as it is. */
export async function askToCancel(db: Executor, tenantId: string, id: string, at: Date): Promise<void> {
  await db.replay.updateMany({
    where: { tenantId, id, finishedAt: null, cancelAskedAt: null },
    data: { cancelAskedAt: at },
  });
}

/** Notes that a workflow works on it. Safe to repeat. */
export async function beginReplay(db: Executor, tenantId: string, id: string, at: Date): Promise<void> {
  await db.replay.updateMany({
    where: { tenantId, id, status: 'queued' },
    data: { status: 'running', startedAt: at },
  });
}

export interface ReplayWork {
  readonly resource: string;
  readonly items: readonly { readonly failureId: string; readonly factorialId: string }[];
}

/** The next items of one resource, at most `limit`; null when none is left. */
export async function nextReplayItems(
  db: Executor,
  tenantId: string,
  replayId: string,
  limit: number,
): Promise<ReplayWork | null> {
  const items = await db.$queryRaw<{ resource: string; failureId: string; factorialId: string }[]>`
    SELECT resource, failure_id::text AS "failureId", factorial_id AS "factorialId" FROM replay_items
    WHERE tenant_id = ${tenantId} AND replay_id = ${replayId}::uuid AND outcome IS NULL
    ORDER BY resource, factorial_id, failure_id LIMIT ${limit}`;
  const resource = items[0]?.resource;
  return resource === undefined
    ? null
    : { resource, items: items.filter((item) => item.resource === resource) };
}

export interface ItemOutcome {
  readonly failureId: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly code: string;
  readonly message: string;
}

/**
 * Writes what came of some items, and the same on their failures: resolved, or open again. Counts only items that had no
 * outcome yet, so that a batch that is done twice counts once.
 */
export async function endReplayItems(
  tx: Transaction,
  tenantId: string,
  replayId: string,
  outcomes: readonly ItemOutcome[],
  at: Date,
): Promise<void> {
  const column = (name: keyof ItemOutcome): string[] => outcomes.map((one) => one[name]);
  await tx.$executeRaw`
    WITH ended AS (
      UPDATE replay_items SET outcome = told.outcome, code = told.code, message = told.message, done_at = ${at}::timestamptz
      FROM unnest(${column('failureId')}::uuid[], ${column('outcome')}::text[], ${column('code')}::text[], ${column('message')}::text[])
        AS told(failure_id, outcome, code, message)
      WHERE replay_items.tenant_id = ${tenantId} AND replay_items.replay_id = ${replayId}::uuid
        AND replay_items.failure_id = told.failure_id AND replay_items.outcome IS NULL
      RETURNING replay_items.failure_id, replay_items.outcome
    ), failures_told AS (
      UPDATE failures SET status = CASE WHEN ended.outcome = 'succeeded' THEN 'resolved' ELSE 'open' END,
        next_try_at = NULL, next_step = CASE WHEN ended.outcome = 'succeeded' THEN NULL ELSE ${nextSteps.nextNight}::text END
      FROM ended WHERE failures.tenant_id = ${tenantId} AND failures.id = ended.failure_id
    ), counted AS (
      SELECT count(*)::int AS done, count(*) FILTER (WHERE outcome = 'succeeded')::int AS succeeded,
        count(*) FILTER (WHERE outcome = 'failed')::int AS failed FROM ended
    )
    UPDATE replays SET done = replays.done + counted.done, succeeded = replays.succeeded + counted.succeeded,
      failed = replays.failed + counted.failed
    FROM counted WHERE tenant_id = ${tenantId} AND id = ${replayId}::uuid`;
}

const whySkipped: Record<ReplayEnd, string> = {
  completed: '',
  cancelled: 'The replay was cancelled before its turn.',
  stopped:
    'The replay stopped before its turn: too many others failed again, or Factorial could not be asked.',
  failed: 'The connection ended, expired or was made anew before its turn.',
};

/** Ends a replay; what had no turn is skipped, and its failures are open again. Safe to repeat. */
export async function finishReplay(
  db: Database,
  tenantId: string,
  id: string,
  end: ReplayEnd,
  at: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { count } = await tx.replay.updateMany({
      where: { tenantId, id, finishedAt: null },
      data: { status: end, finishedAt: at },
    });
    if (count === 0) return;
    await tx.$executeRaw`
      WITH skipped AS (
        UPDATE replay_items SET outcome = 'skipped', code = ${end}::text, message = ${whySkipped[end]}::text, done_at = ${at}::timestamptz
        WHERE tenant_id = ${tenantId} AND replay_id = ${id}::uuid AND outcome IS NULL RETURNING failure_id
      )
      UPDATE failures SET status = 'open', next_try_at = NULL, next_step = ${nextSteps.nextNight}::text FROM skipped
      WHERE failures.tenant_id = ${tenantId} AND failures.id = skipped.failure_id AND failures.status = 'retrying'`;
  });
}
