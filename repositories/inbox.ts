import { activitySentences } from '../domain/activity.ts';
import type { Database, Executor } from './database.ts';

export type InboxOutcome = 'applied' | 'unchanged' | 'parked' | 'failed' | 'gone' | 'unreadable';

/** A delivery that waits to be worked off. */
export interface PendingDelivery {
  readonly id: bigint;
  readonly topic: string;
  readonly resourceId: string;
  readonly receivedAt: Date;
  readonly tries: number;
}

/** Deliveries that are due, oldest first. What was begun and not ended by a crash is among them. */
export async function dueDeliveries(
  db: Database,
  tenantId: string,
  now: Date,
  limit: number,
): Promise<PendingDelivery[]> {
  const rows = await db.inboxRow.findMany({
    where: {
      tenantId,
      outcome: null,
      resourceId: { not: null },
      OR: [{ dueAt: null }, { dueAt: { lte: now } }],
    },
    orderBy: { id: 'asc' },
    take: limit,
    select: { id: true, topic: true, resourceId: true, receivedAt: true, tries: true },
  });
  return rows.map((row) => ({ ...row, resourceId: row.resourceId ?? '' }));
}

/**
 * Notes, before the request is sent, that reading begins: from now on a copy of these deliveries is a new row (rule 3).
 * Answers, by delivery, how new an answer must at least be: what copies brought up to this moment counts.
 */
export async function beginReading(
  db: Database,
  tenantId: string,
  reads: readonly { id: bigint; readNumber: bigint }[],
): Promise<Map<bigint, Date | null>> {
  const rows = await db.$queryRaw<{ id: bigint; floor: Date | null }[]>`
    UPDATE inbox SET read_number = begun.number, tries = tries + 1
    FROM unnest(${reads.map((read) => read.id)}::bigint[], ${reads.map((read) => read.readNumber)}::bigint[]) AS begun(id, number)
    WHERE inbox.tenant_id = ${tenantId} AND inbox.id = begun.id AND inbox.outcome IS NULL
    RETURNING inbox.id, inbox.updated_at_floor AS floor`;
  return new Map(rows.map((row) => [row.id, row.floor]));
}

/** What the activity tab says of deliveries that ended, by how. */
const sentences: Record<InboxOutcome, string> = activitySentences.delivery;

/**
 * Ends deliveries, once what they asked for is written: a crash in between has them read again, which changes nothing.
 * The activity counts each once.
 */
export async function endDeliveries(
  db: Executor,
  tenantId: string,
  outcomes: ReadonlyMap<bigint, InboxOutcome>,
  at: Date,
): Promise<void> {
  if (outcomes.size === 0) return;
  const names = Object.keys(sentences);
  await db.$executeRaw`
    WITH done AS (
      UPDATE inbox SET outcome = ended.outcome, outcome_at = ${at}, due_at = NULL
      FROM unnest(${[...outcomes.keys()]}::bigint[], ${[...outcomes.values()]}::text[]) AS ended(id, outcome)
      WHERE inbox.tenant_id = ${tenantId} AND inbox.id = ended.id AND inbox.outcome IS NULL
      RETURNING inbox.outcome
    )
    INSERT INTO activity_entries (tenant_id, kind, summary, count, outcome)
    SELECT ${tenantId}, 'delivery', said.sentence, count(*)::int, said.outcome
    FROM done JOIN unnest(${names}::text[], ${Object.values(sentences)}::text[]) AS said(outcome, sentence)
      ON said.outcome = done.outcome
    GROUP BY said.outcome, said.sentence ORDER BY said.outcome`;
}

/** Puts deliveries off: Factorial's answer was older than they are, and is asked for again. */
export async function postponeDeliveries(
  db: Executor,
  tenantId: string,
  ids: readonly bigint[],
  dueAt: Date,
): Promise<void> {
  await db.inboxRow.updateMany({ where: { tenantId, id: { in: [...ids] }, outcome: null }, data: { dueAt } });
}

/** How many deliveries wait, and when the next of those that were put off is due (null: at once, or none). */
export async function remainingDeliveries(
  db: Database,
  tenantId: string,
  now: Date,
): Promise<{ left: number; nextDueAt: Date | null }> {
  const [row] = await db.$queryRaw<{ left: number; due: number; next: Date | null }[]>`
    SELECT count(*)::int AS left, count(*) FILTER (WHERE due_at IS NULL OR due_at <= ${now})::int AS due, min(due_at) AS next
    FROM inbox WHERE tenant_id = ${tenantId} AND outcome IS NULL AND resource_id IS NOT NULL`;
  return { left: row?.left ?? 0, nextDueAt: (row?.due ?? 0) > 0 ? null : (row?.next ?? null) };
}
