import { runPrepared, type Database, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/** On whose behalf Factorial is read, for the explanation of a day. */
export interface ReadOrigin {
  readonly via: { readonly type: 'delivery' | 'reconciliation' | 'poll'; readonly id: string };
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Takes the number of a read. Call it before the request is sent: a fact is only written over a smaller number, so
 * what was asked for later always wins, whichever answer comes first (rule 5).
 */
export async function takeReadNumber(db: Database, tenantId: string, origin: ReadOrigin): Promise<bigint> {
  const { via, workflowId, runId } = origin;
  const [row] = await runPrepared<{ number: string }>(db, 'take-read-number', {
    text: `INSERT INTO reads (tenant_id, via_type, via_id, workflow_id, run_id) VALUES ($1, $2, $3, $4, $5)
      RETURNING number::text AS number`,
    values: [tenantId, via.type, via.id, workflowId, runId],
  });
  if (row === undefined) throw new Error('The database gave no read number.');
  return BigInt(row.number);
}

/** Notes that something was new in the answers to these reads: they explain days from now on, and are kept. */
export async function noteChange(
  tx: Transaction,
  tenantId: string,
  numbers: readonly bigint[],
): Promise<void> {
  if (numbers.length === 0) return;
  await runPrepared(
    tx,
    'note-change',
    Prisma.sql`
    UPDATE reads SET brought_change = true
    WHERE tenant_id = ${tenantId} AND number = ANY(${[...new Set(numbers)]}::bigint[]) AND NOT brought_change`,
  );
}

/** A number as `takeReadNumber` gives it, for several reads that one request answers, each with its own origin; numbers in the order of `origins`. */
export async function takeReadNumbers(
  db: Database,
  tenantId: string,
  origins: readonly ReadOrigin[],
): Promise<bigint[]> {
  const rows = await db.read.createManyAndReturn({
    data: origins.map(({ via, workflowId, runId }) => ({
      tenantId,
      viaType: via.type,
      viaId: via.id,
      workflowId,
      runId,
    })),
    select: { number: true },
  });
  return rows.map((row) => row.number);
}
