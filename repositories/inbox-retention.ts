import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Executor } from './database.ts';

export interface InboxRetention {
  /** Deliveries are deleted so many days after their outcome. */
  readonly rowDays: number;
  /** Bodies of which no id could be read are dropped so many days after they came. */
  readonly bodyDays: number;
  /** Rows in one statement: few, so that no lock is held for long. 500 unless told. */
  readonly batchSize?: number;
  /** Rest between two statements, which is the traffic's. 50 ms unless told. */
  readonly pauseMs?: number;
}

export interface RetentionResult {
  readonly rows: number;
  readonly bodies: number;
}

/**
 * Deletes what is over and done, in small batches, until nothing is left or `mayGoOn` says no. Rows without an outcome
 * stay, however old. Several processes may do it at once: each takes what no other holds. Safe to repeat.
 */
export async function dropOldDeliveries(
  db: Database,
  { rowDays, bodyDays, batchSize = 500, pauseMs = 50 }: InboxRetention,
  mayGoOn: () => boolean = () => true,
): Promise<RetentionResult> {
  const inBatches = async (drop: (limit: number) => Promise<number>): Promise<number> => {
    let dropped = 0;
    while (mayGoOn()) {
      const count = await drop(batchSize);
      dropped += count;
      if (count < batchSize) break;
      await sleep(pauseMs);
    }
    return dropped;
  };
  const bodies = await inBatches((limit) => dropBodies(db, bodyDays, limit));
  const rows = await inBatches((limit) => dropRows(db, rowDays, limit));
  return { rows, bodies };
}

/** By the index `inbox_bodies`. */
async function dropBodies(db: Executor, days: number, limit: number): Promise<number> {
  return await db.$executeRaw`
    UPDATE inbox SET body_enc = NULL WHERE (tenant_id, id) IN (
      SELECT tenant_id, id FROM inbox WHERE body_enc IS NOT NULL AND received_at < now() - make_interval(days => ${days})
      ORDER BY received_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
}

/** By the index `inbox_done`. */
async function dropRows(db: Executor, days: number, limit: number): Promise<number> {
  return await db.$executeRaw`
    DELETE FROM inbox WHERE (tenant_id, id) IN (
      SELECT tenant_id, id FROM inbox WHERE outcome IS NOT NULL AND outcome_at < now() - make_interval(days => ${days})
      ORDER BY outcome_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
}
