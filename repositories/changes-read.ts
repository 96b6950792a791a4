import type { Database } from './database.ts';
import type { NewChange } from './feed.ts';

/** An entry of the change feed as readers see it. */
export interface ChangeRow {
  readonly sequence: string;
  readonly entity: NewChange['entity'];
  readonly id: string;
  readonly operation: NewChange['operation'];
  readonly data: unknown;
  readonly at: Date;
}

export type ChangesResult =
  | { readonly outcome: 'read'; readonly items: ChangeRow[]; readonly next: string }
  | { readonly outcome: 'expired' };

type RawChange = Omit<ChangeRow, 'sequence'> & { sequence: bigint };

/**
 * A tenant's changes after a sequence, in order; `null` starts with the oldest that is kept. `expired`: entries after
 * the given one are no longer kept, so that a reader who went on would miss them.
 */
export async function readChanges(
  db: Database,
  tenantId: string,
  after: bigint | null,
  limit: number,
): Promise<ChangesResult> {
  const rows = await db.$queryRaw<RawChange[]>`
    SELECT sequence, entity, entity_id AS id, operation, data, at FROM changes
    WHERE tenant_id = ${tenantId} AND sequence > ${after ?? 0n} ORDER BY sequence LIMIT ${limit}::int`;
  // Bounds are read after the rows: entries pruned in between are then noticed, never skipped.
  const { oldest, newest } = await readBounds(db, tenantId);
  if (after !== null && after < newest && (oldest === null || oldest > after + 1n))
    return { outcome: 'expired' };
  const items = rows.map((row) => ({ ...row, sequence: String(row.sequence) }));
  const last = rows.at(-1)?.sequence ?? after ?? (oldest === null ? newest : 0n);
  return { outcome: 'read', items, next: String(last) };
}

async function readBounds(
  db: Database,
  tenantId: string,
): Promise<{ oldest: bigint | null; newest: bigint }> {
  const rows = await db.$queryRaw<{ oldest: bigint | null; newest: bigint }[]>`
    SELECT (SELECT min(sequence) FROM changes WHERE tenant_id = ${tenantId}) AS oldest,
           coalesce((SELECT sequence FROM change_counters WHERE tenant_id = ${tenantId}), 0) AS newest`;
  return rows[0] ?? { oldest: null, newest: 0n };
}
