import { activitySentences } from '../domain/activity.ts';
import { topicsOf } from '../domain/resources.ts';
import type { Database, Executor, Transaction } from './database.ts';
import { unansweredCodes } from './failures.ts';
import { Prisma } from './generated/client.ts';

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

/** Puts deliveries off until an instant. */
export async function postponeDeliveries(
  db: Executor,
  tenantId: string,
  ids: readonly bigint[],
  dueAt: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await db.inboxRow.updateMany({ where: { tenantId, id: { in: [...ids] }, outcome: null }, data: { dueAt } });
}

/** Outcomes that Factorial's answer decided, whatever it was. */
const answeredOutcomes: readonly InboxOutcome[] = ['applied', 'unchanged', 'parked', 'failed', 'gone'];

const answeredSince = (tenantId: string, topics: readonly string[], id: Prisma.Sql): Prisma.Sql => Prisma.sql`
  EXISTS (SELECT 1 FROM inbox later WHERE later.tenant_id = ${tenantId} AND later.id > ${id}
    AND later.topic = ANY(${[...topics]}::text[]) AND later.outcome = ANY(${[...answeredOutcomes]}::text[]))`;

/**
 * Whether one of some deliveries without an answer must ask for all that wait with these topics: Factorial has answered none that
 * came later, so that all of the kind may be without an answer, and no other one is due until `soon`.
 */
export async function mustAskForAll(
  db: Executor,
  tenantId: string,
  topics: readonly string[],
  ids: readonly bigint[],
  soon: Date,
): Promise<boolean> {
  const oldest = Prisma.sql`(SELECT min(id) FROM unnest(${[...ids]}::bigint[]) AS given(id))`;
  const [row] = await db.$queryRaw<{ answered: boolean; asked: boolean }[]>`
    SELECT ${answeredSince(tenantId, topics, oldest)} AS answered,
      EXISTS (SELECT 1 FROM inbox other WHERE other.tenant_id = ${tenantId} AND other.outcome IS NULL
        AND other.topic = ANY(${[...topics]}::text[]) AND (other.due_at IS NULL OR other.due_at <= ${soon})
        AND other.id <> ALL(${[...ids]}::bigint[])) AS asked`;
  return row?.answered === false && !row.asked;
}

/**
 * Makes due what got no answer, before `at`, about resources that now have one, and, where it is the first of their kind since, about
 * any other. Whoever stays without an answer while others get theirs waits its own time. Call it before these deliveries are ended.
 */
export async function wakeUnanswered(
  tx: Transaction,
  tenantId: string,
  {
    resource,
    topics,
    ids,
  }: { readonly resource: string; readonly topics: readonly string[]; readonly ids: readonly string[] },
  at: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE inbox waiting SET due_at = ${at}
    WHERE waiting.tenant_id = ${tenantId} AND waiting.outcome IS NULL AND waiting.due_at > ${at}
      AND waiting.topic = ANY(${[...topics]}::text[])
      AND EXISTS (SELECT 1 FROM failures WHERE failures.tenant_id = ${tenantId} AND failures.resource = ${resource}
        AND failures.factorial_id = waiting.resource_id AND failures.last_at < ${at}
        AND failures.code = ANY(${[...unansweredCodes]}::text[]))
      AND (waiting.resource_id = ANY(${[...ids]}::text[]) OR NOT ${answeredSince(tenantId, topics, Prisma.sql`waiting.id`)})`;
}

/** No read ends what is about our own subscriptions, but a look at those. */
const aboutUs = [...topicsOf('subscriptions')];

/**
 * How many deliveries wait for a read, when the next of those that were put off is due (null: at once, or none), and how many wait
 * for a look at our subscriptions.
 */
export async function remainingDeliveries(
  db: Database,
  tenantId: string,
  now: Date,
): Promise<{ left: number; nextDueAt: Date | null; aboutSubscriptions: number }> {
  const [row] = await db.$queryRaw<
    { left: number; due: number; next: Date | null; aboutSubscriptions: number }[]
  >`
    SELECT count(*) FILTER (WHERE NOT about_us)::int AS left,
      count(*) FILTER (WHERE NOT about_us AND (due_at IS NULL OR due_at <= ${now}))::int AS due,
      min(due_at) FILTER (WHERE NOT about_us) AS next, count(*) FILTER (WHERE about_us)::int AS "aboutSubscriptions"
    FROM (SELECT due_at, topic = ANY(${aboutUs}::text[]) AS about_us FROM inbox
      WHERE tenant_id = ${tenantId} AND outcome IS NULL AND resource_id IS NOT NULL) waiting`;
  const { left = 0, due = 0, next = null, aboutSubscriptions = 0 } = row ?? {};
  return { left, nextDueAt: due > 0 ? null : next, aboutSubscriptions };
}

/**
 * Notes that a look at our subscriptions begins: from now on a copy of what asks for it is a new row. Answers the deliveries that
 * it will have answered; `endDeliveries` ends them afterwards.
 */
export async function beginLooking(db: Database, tenantId: string): Promise<bigint[]> {
  const rows = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE inbox SET read_number = nextval('read_numbers'), tries = tries + 1
    WHERE tenant_id = ${tenantId} AND outcome IS NULL AND topic = ANY(${aboutUs}::text[]) RETURNING id`;
  return rows.map(({ id }) => id);
}
