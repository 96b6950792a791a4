import { inTransaction, repeatingConflicts, runPrepared, type Database, type Executor } from './database.ts';

/** One resource that a delivery names, or a delivery of which no id could be read. */
export interface NewInboxRow {
  readonly tenantId: string;
  /** The subscription that it came by. */
  readonly subscriptionId: string;
  /** The subscription type, e.g. `timeoff/leave/approve`. */
  readonly topic: string;
  /** Null: unreadable; then `bodyEnc` is the encrypted body. */
  readonly resourceId: string | null;
  readonly updatedAtFloor: Date | null;
  readonly bodyHash: string;
  readonly bodyEnc: string | null;
}

export interface StoredDeliveries {
  /** Ids of subscriptions that are retired by now: what came by them is not stored. */
  readonly retired: ReadonlySet<string>;
  /** Tenants for which there is a row that was not there before. Whoever put a copy's row there has told of it. */
  readonly arrivedFor: ReadonlySet<string>;
}

/** One statement takes this many rows: enough for a burst, small enough to stay quick. */
const rowsPerStatement = 2_000;

/**
 * Stores what was delivered, all or nothing. A copy of a row whose read has not begun is merged into it: the unique index
 * decides, not a check (rule 3). Rows of a tenant that is not connected get their outcome at once; the share lock makes
 * a disconnect wait for this commit and this statement for the disconnect's, so that no row is left undone in between.
 * Nothing is stored for a subscription that is retired by now.
 */
export async function storeDeliveries(db: Database, rows: readonly NewInboxRow[]): Promise<StoredDeliveries> {
  const merged = mergeCopies(rows);
  // A single statement is all or nothing by itself.
  if (merged.length <= rowsPerStatement)
    return toStored(await repeatingConflicts(() => storeRows(db, merged)));
  return await inTransaction(db, async (tx) => {
    const found: Found[] = [];
    for (let start = 0; start < merged.length; start += rowsPerStatement)
      found.push(...(await storeRows(tx, merged.slice(start, start + rowsPerStatement))));
    return toStored(found);
  });
}

/** What one statement answers, in one row. */
interface Found {
  readonly retired: readonly string[];
  readonly arrivedFor: readonly string[];
}

const toStored = (found: readonly Found[]): StoredDeliveries => ({
  retired: new Set(found.flatMap(({ retired }) => retired)),
  arrivedFor: new Set(found.flatMap(({ arrivedFor }) => arrivedFor)),
});

/** One round trip, with a plan that is kept: this statement is the price of a delivery. */
async function storeRows(db: Executor, rows: readonly MergedRow[]): Promise<Found[]> {
  const values = [JSON.stringify(rows)];
  return await runPrepared<Found>(db, 'store-deliveries', { text: storeStatement, values });
}

const storeStatement = `
    WITH delivered AS (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(
        "tenantId" text, "subscriptionId" uuid, topic text, "resourceId" text, "updatedAtFloor" timestamptz,
        "bodyHash" text, "bodyEnc" text, copies int)
    ), gone AS (
      SELECT tenant_id, id FROM subscriptions
      WHERE (tenant_id, id) IN (SELECT "tenantId", "subscriptionId" FROM delivered) AND retired_at IS NOT NULL
    ), tenants AS (
      SELECT tenant_id, generation, status FROM connections
      WHERE tenant_id IN (SELECT "tenantId" FROM delivered) ORDER BY tenant_id FOR SHARE
    ), judged AS (
      SELECT delivered.*, coalesce(tenants.generation, 0) AS generation,
        CASE WHEN tenants.status IS NULL OR tenants.status NOT IN ('connected', 'expired') THEN 'disconnected'
             WHEN delivered."resourceId" IS NULL THEN 'unreadable' END AS outcome
      FROM delivered LEFT JOIN tenants ON tenants.tenant_id = delivered."tenantId"
      WHERE NOT EXISTS (SELECT 1 FROM gone WHERE tenant_id = delivered."tenantId" AND id = delivered."subscriptionId")
    ), stored AS (
    INSERT INTO inbox (tenant_id, generation, topic, resource_id, updated_at_floor, body_hash, body_enc, copies,
                       outcome, outcome_at)
    SELECT "tenantId", generation, topic, "resourceId", "updatedAtFloor", "bodyHash",
      CASE WHEN outcome = 'unreadable' THEN "bodyEnc" END, copies,
      outcome, CASE WHEN outcome IS NOT NULL THEN clock_timestamp() END
    FROM judged ORDER BY "tenantId", topic, "resourceId"
    ON CONFLICT (tenant_id, topic, resource_id)
      WHERE read_number IS NULL AND outcome IS NULL AND resource_id IS NOT NULL
    DO UPDATE SET copies = inbox.copies + excluded.copies, body_hash = excluded.body_hash,
      updated_at_floor = greatest(inbox.updated_at_floor, excluded.updated_at_floor), last_received_at = now()
    RETURNING tenant_id, stored_xid = pg_current_xact_id() AS "isNew"
    )
    SELECT ARRAY(SELECT id::text FROM gone) AS retired,
      ARRAY(SELECT DISTINCT tenant_id FROM stored WHERE "isNew") AS "arrivedFor"`;

type MergedRow = NewInboxRow & { readonly copies: number };

/** One statement may touch a row once only: copies inside it are merged before. */
function mergeCopies(rows: readonly NewInboxRow[]): MergedRow[] {
  const byResource = new Map<string, MergedRow>();
  const unreadable: MergedRow[] = [];
  for (const row of rows) {
    if (row.resourceId === null) {
      unreadable.push(toMerged(row));
      continue;
    }
    // By subscription, though the index knows none: of two for one topic one is retired, and what came by it is not stored.
    const key = `${row.subscriptionId} ${row.topic} ${row.resourceId}`; // none of them has a space in it
    byResource.set(key, toMerged(row, byResource.get(key)));
  }
  return [...byResource.values(), ...unreadable];
}

/** Each field by its name: spreading a row costs as much as the rest of its way to the statement. */
const toMerged = (row: NewInboxRow, known?: MergedRow): MergedRow => ({
  tenantId: row.tenantId,
  subscriptionId: row.subscriptionId,
  topic: row.topic,
  resourceId: row.resourceId,
  updatedAtFloor: latest(known?.updatedAtFloor ?? null, row.updatedAtFloor),
  bodyHash: row.bodyHash,
  bodyEnc: row.bodyEnc,
  copies: (known?.copies ?? 0) + 1,
});

function latest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
