import { randomUUID } from 'node:crypto';
import type { CivilDate } from '../domain/civil-date.ts';
import { isSameNight } from '../domain/night.ts';
import { resourceKinds, type ResourceKind } from '../domain/resources.ts';
import type { SweepVerdict } from '../domain/sweep.ts';
import { logActivity } from './activity-log.ts';
import { toArrayLiteral } from './array-literal.ts';
import { inTransaction, runPrepared, type Database, type Executor, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';
import { requireGeneration } from './fence.ts';
import { clearWarnings, raiseWarning } from './warnings.ts';
import { listedIds } from './swept-ids.ts';

export type Trigger = 'first' | 'nightly' | 'manual' | 'gap';

/** What a sweep of one kind must remember across a crash: the page it was on, and what it has to prove. */
export interface SweepState {
  readonly done: boolean;
  /** Cursor of the next page; null = from the start. */
  readonly cursor: string | null;
  /** Number of the first read: a row read later was seen, whoever read it. */
  readonly startRead: string | null;
  readonly tries: number;
  readonly read: number;
  /** What Factorial said last that there is in all; null where it does not say. */
  readonly total: number | null;
  /** Whether it has said the same on every page. */
  readonly isSteady: boolean;
  /** Null while it runs; `not_permitted` where Factorial refuses the whole kind, `unreadable` where its answer is no list. */
  readonly verdict: SweepVerdict | 'not_permitted' | 'unreadable' | null;
}

export const freshSweep: SweepState = {
  done: false,
  cursor: null,
  startRead: null,
  tries: 0,
  read: 0,
  total: null,
  isSteady: true,
  verdict: null,
};

/** Whose token it was when the reconciliation began. */
export interface TokenIdentity {
  readonly companyId: string;
  readonly employeeId: string | null;
}

export interface Sweeps {
  readonly owner: TokenIdentity | null;
  /** Whether the token was the same one's at the end; null until then. */
  readonly sameOwner: boolean | null;
  readonly kinds: Partial<Record<ResourceKind, SweepState>>;
}

const noCounts = Object.fromEntries(resourceKinds.map((kind) => [kind, { read: 0, total: null }]));
const noDrift = Object.fromEntries(
  resourceKinds.map((kind) => [kind, { created: 0, updated: 0, deleted: 0 }]),
);

/**
 * Queues a reconciliation; one that waits already serves. A date has one nightly reconciliation; a night that comes much later
 * under the same date, because its hour was moved, is a `gap`: a tenant waits no longer than a day and two hours for the next.
 * Safe to repeat. Fails with `fenced`.
 */
export async function queueReconciliation(
  db: Database,
  tenantId: string,
  generation: number,
  trigger: Trigger,
  nightOn: CivilDate | null,
  at: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, generation);
    const night = nightOn === null ? null : new Date(`${nightOn}T00:00:00Z`);
    const sameDate =
      night === null
        ? null
        : await tx.reconciliation.findFirst({ where: { tenantId, generation, nightOn: night } });
    if (sameDate !== null) {
      const isUnderWay = sameDate.status === 'queued' || sameDate.status === 'running';
      if (isUnderWay || isSameNight(sameDate.requestedAt.getTime(), at.getTime())) return;
    }
    await dropOutdated(tx, tenantId, generation, at);
    const wanted = {
      tenantId,
      id: randomUUID(),
      status: 'queued',
      generation,
      requestedAt: at,
      ...(sameDate === null ? { trigger, nightOn: night } : { trigger: 'gap', nightOn: null }),
    };
    await tx.reconciliation.createMany({ data: [wanted], skipDuplicates: true });
  });
}

/** Ends what waited for an earlier connection: it must not take the place of this one's. */
export async function dropOutdated(
  tx: Transaction,
  tenantId: string,
  generation: number,
  at: Date,
): Promise<void> {
  await tx.reconciliation.updateMany({
    where: { tenantId, status: 'queued', NOT: { generation } },
    data: { status: 'failed', failureCode: 'fenced', finishedAt: at },
  });
}

/**
 * Promotes the queued reconciliation when none runs. Answers its id and the key of its workflow's id, or null. Safe to
 * repeat: one that runs is answered again until its workflow has begun, so that a lost answer does not leave it behind.
 */
export async function startQueued(
  db: Database,
  tenantId: string,
  generation: number,
  at: Date,
): Promise<StartedReconciliation | null> {
  return inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, generation);
    const running = await tx.reconciliation.findFirst({ where: { tenantId, status: 'running' } });
    if (running !== null)
      return running.generation === generation && running.workflowId === null ? toStarted(running) : null;
    const queued = await tx.reconciliation.findFirst({ where: { tenantId, status: 'queued' } });
    if (queued === null) return null;
    const status = queued.generation === generation ? 'running' : 'failed';
    const { count } = await tx.reconciliation.updateMany({
      where: { tenantId, id: queued.id, status: 'queued' },
      data: {
        status,
        startedAt: at,
        progressAt: at,
        counts: noCounts,
        drift: noDrift,
        ...(status === 'failed' ? { finishedAt: at, failureCode: 'fenced' } : {}),
      },
    });
    return count === 0 || status === 'failed' ? null : toStarted(queued);
  });
}

export interface StartedReconciliation {
  readonly id: string;
  /** What its workflow's id ends in. */
  readonly key: string;
  readonly trigger: Trigger;
}

function toStarted({
  id,
  nightOn,
  trigger,
}: {
  id: string;
  nightOn: Date | null;
  trigger: string;
}): StartedReconciliation {
  return { id, key: nightOn?.toISOString().slice(0, 10) ?? id, trigger: trigger as Trigger };
}

/** What a reconciliation has done so far. */
export async function readSweeps(db: Executor, tenantId: string, id: string): Promise<Sweeps> {
  const row = await db.reconciliation.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id } } });
  const sweeps = row.sweeps as unknown as Partial<Sweeps>;
  return {
    owner: sweeps.owner ?? null,
    sameOwner: sweeps.sameOwner ?? null,
    kinds: sweeps.kinds ?? {},
  };
}

export async function noteOwner(
  db: Database,
  tenantId: string,
  id: string,
  owner: TokenIdentity,
  run: { workflowId: string; runId: string },
): Promise<void> {
  await db.$executeRaw`
    UPDATE reconciliations SET sweeps = jsonb_set(sweeps, '{owner}', ${JSON.stringify(owner)}::jsonb),
      workflow_id = ${run.workflowId}, run_id = ${run.runId}
    WHERE tenant_id = ${tenantId} AND id = ${id}::uuid`;
}

/** Notes whether the token was the same one's before and after the sweeps. */
export async function noteSameOwner(
  db: Database,
  tenantId: string,
  id: string,
  isSame: boolean,
): Promise<void> {
  await db.$executeRaw`
    UPDATE reconciliations SET sweeps = jsonb_set(sweeps, '{sameOwner}', to_jsonb(${isSame}::boolean))
    WHERE tenant_id = ${tenantId} AND id = ${id}::uuid`;
}

/** Writes, with a page's facts, where the sweep stands: progress, counts, drift. */
export async function noteSweep(
  tx: Transaction,
  tenantId: string,
  id: string,
  kind: ResourceKind,
  state: SweepState,
  drift: { readonly created: number; readonly updated: number; readonly deleted: number },
): Promise<void> {
  const counts = { read: state.read, total: state.total };
  await runPrepared(
    tx,
    'note-sweep',
    Prisma.sql`
    UPDATE reconciliations SET
      phase = ${kind}, progress_at = clock_timestamp(),
      sweeps = jsonb_set(jsonb_set(sweeps, '{kinds}', coalesce(sweeps->'kinds', '{}'::jsonb)), ${['kinds', kind]}::text[], ${JSON.stringify(state)}::jsonb),
      counts = jsonb_set(counts, ${[kind]}::text[], ${JSON.stringify(counts)}::jsonb),
      drift = jsonb_set(drift, ${[kind]}::text[], jsonb_build_object(
        'created', coalesce((drift->${kind}->>'created')::int, 0) + ${drift.created}::int,
        'updated', coalesce((drift->${kind}->>'updated')::int, 0) + ${drift.updated}::int,
        'deleted', coalesce((drift->${kind}->>'deleted')::int, 0) + ${drift.deleted}::int))
    WHERE tenant_id = ${tenantId} AND id = ${id}::uuid AND status = 'running'`,
  );
}

/** Counts what a person let go as drift of the reconciliation that had held it back. */
export async function noteApproved(
  tx: Transaction,
  tenantId: string,
  id: string,
  kind: ResourceKind,
  deleted: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE reconciliations SET drift = jsonb_set(drift, ${[kind, 'deleted']}::text[],
      to_jsonb(coalesce((drift->${kind}->>'deleted')::int, 0) + ${deleted}::int))
    WHERE tenant_id = ${tenantId} AND id = ${id}::uuid`;
}

/** Remembers which ids a sweep has listed on some pages. A row each would cost as much as writing the facts. */
export async function noteSwept(
  tx: Transaction,
  tenantId: string,
  id: string,
  kind: ResourceKind,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await runPrepared(
    tx,
    'note-swept',
    Prisma.sql`
    INSERT INTO swept_ids (tenant_id, reconciliation_id, kind, factorial_ids)
    VALUES (${tenantId}, ${id}::uuid, ${kind}, ${toArrayLiteral(ids)}::text::text[])`,
  );
}

/** How many distinct ids a sweep has listed, over pages that overlap too. */
export async function sweptCount(
  tx: Executor,
  tenantId: string,
  id: string,
  kind: ResourceKind,
): Promise<number> {
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT id)::int AS count FROM (${listedIds(tenantId, id, kind)}) AS listed(id)`;
  return row?.count ?? 0;
}

/** Whether a sweep has not listed one of these ids yet. Looks through all that it has listed. */
export async function anyUnswept(
  tx: Executor,
  tenantId: string,
  id: string,
  kind: ResourceKind,
  ids: readonly string[],
): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ fresh: boolean }[]>`
    SELECT EXISTS (SELECT unnest(${toArrayLiteral(ids)}::text::text[]) EXCEPT ${listedIds(tenantId, id, kind)}) AS fresh`;
  return row?.fresh ?? false;
}

export async function forgetSwept(
  db: Executor,
  tenantId: string,
  id: string,
  kind?: ResourceKind,
): Promise<void> {
  await db.sweptIds.deleteMany({
    where: { tenantId, reconciliationId: id, ...(kind === undefined ? {} : { kind }) },
  });
}

/** Ends a reconciliation. Safe to repeat. */
export async function finishReconciliation(
  db: Database,
  tenantId: string,
  id: string,
  end: {
    readonly status: 'completed' | 'awaiting_approval' | 'failed';
    readonly verified: boolean;
    readonly failureCode: string | null;
  },
  at: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { count } = await tx.reconciliation.updateMany({
      where: { tenantId, id, status: 'running' },
      data: {
        status: end.status,
        verified: end.verified,
        failureCode: end.failureCode,
        finishedAt: at,
        phase: null,
      },
    });
    await forgetSwept(tx, tenantId, id);
    if (count === 0) return;
    await logActivity(tx, tenantId, { kind: 'reconciliation', outcome: end.status });
  });
}

/** A reconciliation whose workflow was lost: it failed, and another one may run. */
export async function abandonReconciliation(
  db: Database,
  tenantId: string,
  id: string,
  at: Date,
): Promise<void> {
  await finishReconciliation(
    db,
    tenantId,
    id,
    { status: 'failed', verified: false, failureCode: 'unavailable' },
    at,
  );
}

/** Whether a reconciliation of the tenant runs or waits. */
export async function isCatchingUp(db: Executor, tenantId: string): Promise<boolean> {
  const where = { tenantId, status: { in: ['queued', 'running'] } };
  return (await db.reconciliation.count({ where })) > 0;
}

/** Whether a reconciliation of the tenant runs. */
export async function isReconciling(db: Executor, tenantId: string): Promise<boolean> {
  return (await db.reconciliation.count({ where: { tenantId, status: 'running' } })) > 0;
}

/**
 * Until the first synchronisation of a connection has ended: the instant before which a profile was created to be part of
 * what admins match by hand. Null afterwards: who appears now is new.
 */
export async function readBaselineBefore(db: Executor, tenantId: string): Promise<Date | null> {
  const connection = await db.connection.findUnique({
    where: { tenantId },
    select: { connectedAt: true, generation: true },
  });
  if (connection?.connectedAt == null) return null;
  const ended = await db.reconciliation.count({
    where: {
      tenantId,
      generation: connection.generation,
      status: { in: ['completed', 'awaiting_approval'] },
    },
  });
  return ended > 0 ? null : connection.connectedAt;
}

interface BrakeHolder {
  readonly reconciliationId: string;
  readonly kind: ResourceKind;
  readonly ids: readonly string[];
  readonly provenRead: bigint;
  readonly of: number;
}

/** Holds deletions back for an admin. Those of earlier reconciliations that nobody decided give way: this one looked again. */
export async function holdDeletions(
  tx: Transaction,
  tenantId: string,
  held: BrakeHolder,
  at: Date,
): Promise<void> {
  const { reconciliationId, kind, ids, provenRead, of } = held;
  await tx.pendingDeletion.createMany({
    data: ids.map((factorialId) => ({
      tenantId,
      reconciliationId,
      kind,
      factorialId,
      provenRead,
      ofCount: of,
    })),
    skipDuplicates: true,
  });
  await raiseWarning(tx, tenantId, 'deletions_waiting', at);
}

/** How many deletions of a reconciliation are held back and not carried out. */
export async function heldCount(db: Executor, tenantId: string, reconciliationId: string): Promise<number> {
  return db.pendingDeletion.count({ where: { tenantId, reconciliationId, carriedOutAt: null } });
}

/** Drops held deletions that a newer reconciliation has judged anew. */
export async function supersedeHeld(
  tx: Transaction,
  tenantId: string,
  reconciliationId: string,
): Promise<void> {
  await tx.pendingDeletion.deleteMany({ where: { tenantId, carriedOutAt: null, NOT: { reconciliationId } } });
  await tx.reconciliation.updateMany({
    where: { tenantId, status: 'awaiting_approval', NOT: { id: reconciliationId } },
    data: { status: 'completed' },
  });
  await clearWarnings(tx, tenantId, ['deletions_waiting']);
}

export interface DecidedDeletion {
  readonly reconciliationId: string;
  readonly kind: ResourceKind;
  readonly factorialId: string;
  readonly provenRead: bigint;
  readonly decision: 'approve' | 'reject';
}

/** Deletions that an admin has decided on and nobody has carried out, some at a time. */
export async function decidedDeletions(
  db: Executor,
  tenantId: string,
  limit: number,
): Promise<DecidedDeletion[]> {
  const rows = await db.pendingDeletion.findMany({
    where: { tenantId, carriedOutAt: null, decision: { not: null } },
    take: limit,
  });
  return rows.map((row) => ({
    ...row,
    kind: row.kind as ResourceKind,
    decision: row.decision === 'approve' ? 'approve' : 'reject',
  }));
}

/** Ends held deletions; a reconciliation that holds no more is completed. */
export async function endHeld(
  tx: Transaction,
  tenantId: string,
  decided: readonly DecidedDeletion[],
  at: Date,
): Promise<void> {
  for (const { reconciliationId, kind, factorialId } of decided) {
    const key = { tenantId, reconciliationId, kind, factorialId };
    await tx.pendingDeletion.update({
      where: { tenantId_reconciliationId_kind_factorialId: key },
      data: { carriedOutAt: at },
    });
  }
  for (const id of new Set(decided.map((one) => one.reconciliationId))) {
    const left = await tx.pendingDeletion.count({
      where: { tenantId, reconciliationId: id, carriedOutAt: null },
    });
    if (left === 0)
      await tx.reconciliation.updateMany({
        where: { tenantId, id, status: 'awaiting_approval' },
        data: { status: 'completed' },
      });
  }
  if ((await tx.pendingDeletion.count({ where: { tenantId, carriedOutAt: null } })) === 0)
    await clearWarnings(tx, tenantId, ['deletions_waiting']);
}
