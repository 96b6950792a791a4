import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/** An entry of the change feed as a writer hands it in; sequence and time are given here. */
export interface NewChange {
  readonly entity: 'employee' | 'calendar_day' | 'day_type';
  readonly id: string;
  readonly operation: 'upsert' | 'delete';
  readonly data: unknown;
}

/** The text of a statement is held several times over on its way to the database. */
const entriesPerStatement = 2_000;

/**
 * Appends entries to a tenant's change feed, in the order given. Call it last in a transaction: it locks the tenant's
 * counter until the commit, so that sequences become visible in order and a reader never skips one (rule 17).
 */
export async function appendChanges(
  tx: Transaction,
  tenantId: string,
  changes: readonly NewChange[],
): Promise<void> {
  for (let start = 0; start < changes.length; start += entriesPerStatement)
    await append(tx, tenantId, changes.slice(start, start + entriesPerStatement));
}

async function append(tx: Transaction, tenantId: string, changes: readonly NewChange[]): Promise<void> {
  const rows = JSON.stringify(changes.map((change, index) => ({ ...change, index: index + 1 })));
  await runPrepared(
    tx,
    'append-changes',
    Prisma.sql`
    WITH counter AS (
      INSERT INTO change_counters (tenant_id, sequence) VALUES (${tenantId}, ${changes.length}::bigint)
      ON CONFLICT (tenant_id) DO UPDATE SET sequence = change_counters.sequence + ${changes.length}::bigint
      RETURNING sequence - ${changes.length}::bigint AS before
    )
    INSERT INTO changes (tenant_id, sequence, entity, entity_id, operation, data)
    SELECT ${tenantId}, counter.before + row.index, row.entity, row.id, row.operation, coalesce(row.data, 'null'::jsonb)
    FROM counter, jsonb_to_recordset(${rows}::jsonb) AS row(index int, entity text, id text, operation text, data jsonb)`,
  );
}
