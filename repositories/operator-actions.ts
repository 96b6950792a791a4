import { operatorSentence } from '../domain/activity.ts';
import type { OperatorVerb } from '../domain/operator-verbs.ts';
import { logActivity } from './activity-log.ts';
import type { Executor, Transaction } from './database.ts';

/** What a person asked, and what came of it: the audit row. */
export interface NewOperatorAction {
  readonly id: string;
  readonly verb: OperatorVerb;
  /** Ids, codes and kinds only. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly actor: string;
  readonly reason: string | null;
  readonly outcome: 'done' | 'previewed' | 'refused' | 'failed';
  readonly code: string | null;
  readonly message: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly resultId: string | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** Writes the audit row; what was not only tried out also shows in the activity tab. Safe to repeat by its id. */
export async function noteOperatorAction(
  tx: Transaction,
  tenantId: string,
  action: NewOperatorAction,
  at: Date,
): Promise<void> {
  const { count } = await tx.operatorAction.createMany({
    data: [{ tenantId, at, ...action, input: JSON.parse(JSON.stringify(action.input)) as object }],
    skipDuplicates: true,
  });
  if (count === 0 || action.outcome === 'previewed') return;
  const summary = operatorSentence(action.verb, action.outcome, action.message);
  await logActivity(tx, tenantId, { kind: 'person', summary, outcome: action.outcome });
}

/** What came of one action; null where it was not carried out yet. */
export async function readOperatorAction(
  db: Executor,
  tenantId: string,
  id: string,
): Promise<Pick<NewOperatorAction, 'outcome' | 'code' | 'message' | 'counts' | 'resultId'> | null> {
  const row = await db.operatorAction.findUnique({ where: { tenantId_id: { tenantId, id } } });
  return row === null
    ? null
    : {
        ...row,
        outcome: row.outcome as NewOperatorAction['outcome'],
        counts: row.counts as Record<string, number>,
      };
}

/** Sets or ends a pause. Answers whether that changed anything. Waits for what is being written in Factorial's name. */
export async function setPaused(
  tx: Transaction,
  tenantId: string,
  paused: boolean,
  at: Date,
): Promise<boolean> {
  const { count } = await tx.connection.updateMany({
    where: { tenantId, paused: !paused },
    data: { paused, updatedAt: at },
  });
  return count > 0;
}

/** What waits for a connection: how much a pause holds up, and what a resume catches up. */
export async function countWaiting(
  db: Executor,
  tenantId: string,
): Promise<Record<'deliveries' | 'reconciliations' | 'replays', number>> {
  return {
    deliveries: await db.inboxRow.count({ where: { tenantId, outcome: null } }),
    reconciliations: await db.reconciliation.count({
      where: { tenantId, status: { in: ['queued', 'running'] } },
    }),
    replays: await db.replay.count({ where: { tenantId, finishedAt: null } }),
  };
}

/** Rows that are stored of a kind and not deleted: what reading it anew would look at. */
export async function countStored(db: Executor, tenantId: string, kind: string): Promise<number> {
  switch (kind) {
    case 'employees':
      return await db.profile.count({ where: { tenantId, deletedAt: null } });
    case 'absence_types':
      return await db.absenceType.count({ where: { tenantId } });
    case 'holidays':
      return await db.holiday.count({ where: { tenantId, deletedAt: null } });
    case 'absences':
      return await db.absence.count({ where: { tenantId, deletedAt: null } });
    case 'planned_minutes':
      return await db.plannedMinutes.count({ where: { tenantId } });
    default:
      return 0;
  }
}

/** Failures of one resource that are not over. */
export async function countFailuresOf(
  db: Executor,
  tenantId: string,
  resource: string,
  factorialId: string,
): Promise<number> {
  return await db.failure.count({ where: { tenantId, resource, factorialId, status: { not: 'resolved' } } });
}

/** Workflows beside the connection workflow that wait while it is paused. */
export async function unfinishedBeside(
  db: Executor,
  tenantId: string,
): Promise<{ readonly reconciliations: readonly string[]; readonly replays: readonly string[] }> {
  const reconciliations = await db.reconciliation.findMany({
    where: { tenantId, status: 'running' },
    select: { id: true, nightOn: true },
  });
  const replays = await db.replay.findMany({ where: { tenantId, finishedAt: null }, select: { id: true } });
  return {
    reconciliations: reconciliations.map(({ id, nightOn }) => nightOn?.toISOString().slice(0, 10) ?? id),
    replays: replays.map(({ id }) => id),
  };
}
