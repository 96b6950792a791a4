import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './database.ts';
import { dropOldDeliveries, type InboxRetention } from './inbox-retention.ts';

/** How long what is over and done is kept, in days. */
export interface Retention extends InboxRetention {
  /** Entries of the change feed that a later one of the same thing has replaced. */
  readonly changeDays: number;
  /**
   * Whatever else only tells what once happened: activity, commands, attempts, failures, reconciliations, replays, retired
   * webhook keys, idle reads.
   */
  readonly historyDays: number;
}

/** Rows that were dropped, by table. */
export type Dropped = Readonly<Record<string, number>>;

const defaults = { batchSize: 500, pauseMs: 50 } as const;

/** Drops up to so many rows; answers how many. */
type Drop = (db: Database, days: number, limit: number) => Promise<number>;

/**
 * Deletes, in small batches, what nobody will ask for again, until nothing is left or `mayGoOn` says no. Each batch picks rows
 * by what it then removes, so it ends; several processes may do it at once; safe to repeat. What is not over stays, however old.
 * Called about once an hour: what has no index for it here is looked through whole, and is small, as people or nights make it.
 */
export async function dropOld(
  db: Database,
  retention: Retention,
  mayGoOn: () => boolean = () => true,
): Promise<Dropped> {
  const { batchSize = defaults.batchSize, pauseMs = defaults.pauseMs } = retention;
  const { rows: inbox, bodies } = await dropOldDeliveries(db, retention, mayGoOn);
  const dropped: Record<string, number> = { inbox, bodies };
  for (const [table, drop] of Object.entries(drops)) {
    const count = await inBatches((limit) => drop(db, retention.historyDays, limit));
    dropped[table] = count;
  }
  dropped['changes'] = await dropReplacedChanges(db, retention.changeDays, { batchSize, pauseMs, mayGoOn });
  return dropped;

  async function inBatches(drop: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    while (mayGoOn()) {
      const count = await drop(batchSize);
      total += count;
      if (count < batchSize) break;
      await sleep(pauseMs);
    }
    return total;
  }
}

const drops: Readonly<Record<string, Drop>> = {
  // By the index `reads_idle`. What brought a change explains a day.
  reads: (db, days, limit) => db.$executeRaw`
    DELETE FROM reads WHERE ctid = ANY(ARRAY(SELECT ctid FROM reads
      WHERE NOT brought_change AND at < now() - make_interval(days => ${days})
      ORDER BY at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  activity_entries: (db, days, limit) => db.$executeRaw`
    DELETE FROM activity_entries WHERE ctid = ANY(ARRAY(SELECT ctid FROM activity_entries
      WHERE at < now() - make_interval(days => ${days}) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  connection_commands: (db, days, limit) => db.$executeRaw`
    DELETE FROM connection_commands WHERE ctid = ANY(ARRAY(SELECT ctid FROM connection_commands
      WHERE outcome IS NOT NULL AND done_at < now() - make_interval(days => ${days}) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  // One that was overtaken by another is void and has no end of its own. A pair that it got is still to be revoked.
  authorization_attempts: (db, days, limit) => db.$executeRaw`
    DELETE FROM authorization_attempts WHERE ctid = ANY(ARRAY(SELECT ctid FROM authorization_attempts
      WHERE coalesce(finished_at, voided_at) < now() - make_interval(days => ${days}) AND pair_enc IS NULL
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  failures: (db, days, limit) => db.$executeRaw`
    DELETE FROM failures WHERE ctid = ANY(ARRAY(SELECT ctid FROM failures
      WHERE status = 'resolved' AND last_at < now() - make_interval(days => ${days}) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  // The last one that ended well stays: it says what is verified, and that the first synchronisation is over.
  reconciliations: (db, days, limit) => db.$executeRaw`
    DELETE FROM reconciliations WHERE ctid = ANY(ARRAY(SELECT old.ctid FROM reconciliations old
      WHERE old.status IN ('completed', 'failed') AND old.finished_at < now() - make_interval(days => ${days})
        AND EXISTS (SELECT 1 FROM reconciliations newer WHERE newer.tenant_id = old.tenant_id
          AND newer.generation = old.generation AND newer.status = 'completed' AND newer.finished_at > old.finished_at)
      LIMIT ${limit} FOR UPDATE OF old SKIP LOCKED))`,
  pending_deletions: (db, days, limit) => db.$executeRaw`
    DELETE FROM pending_deletions WHERE ctid = ANY(ARRAY(SELECT ctid FROM pending_deletions
      WHERE carried_out_at < now() - make_interval(days => ${days}) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  replay_items: (db, days, limit) => db.$executeRaw`
    DELETE FROM replay_items WHERE ctid = ANY(ARRAY(SELECT item.ctid FROM replay_items item
      JOIN replays replay ON replay.tenant_id = item.tenant_id AND replay.id = item.replay_id
      WHERE replay.finished_at < now() - make_interval(days => ${days}) LIMIT ${limit} FOR UPDATE OF item SKIP LOCKED))`,
  replays: (db, days, limit) => db.$executeRaw`
    DELETE FROM replays WHERE ctid = ANY(ARRAY(SELECT ctid FROM replays replay
      WHERE finished_at < now() - make_interval(days => ${days}) AND NOT EXISTS (SELECT 1 FROM replay_items item
        WHERE item.tenant_id = replay.tenant_id AND item.replay_id = replay.id)
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  // A key that is not known answers as a retired one does.
  subscriptions: (db, days, limit) => db.$executeRaw`
    DELETE FROM subscriptions WHERE ctid = ANY(ARRAY(SELECT ctid FROM subscriptions
      WHERE greatest(retired_at, drop_until) < now() - make_interval(days => ${days}) AND retired_at IS NOT NULL
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
  // Of reconciliations that ended without saying so.
  swept_ids: (db, _days, limit) => db.$executeRaw`
    DELETE FROM swept_ids WHERE ctid = ANY(ARRAY(SELECT ctid FROM swept_ids swept
      WHERE NOT EXISTS (SELECT 1 FROM reconciliations WHERE reconciliations.tenant_id = swept.tenant_id
        AND reconciliations.id = swept.reconciliation_id AND reconciliations.status IN ('queued', 'running'))
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`,
};

/** Found by one look through a tenant's feed. */
const changesPerLook = 20_000;
const lookEveryHours = 20;

/**
 * Of the feed only what a later entry of the same employee, day or day type has replaced: the last word about each stays for
 * ever, deletions too. So a reader who starts anew, or comes late, still learns how everything is.
 */
async function dropReplacedChanges(
  db: Database,
  days: number,
  { batchSize, pauseMs, mayGoOn }: { batchSize: number; pauseMs: number; mayGoOn: () => boolean },
): Promise<number> {
  let dropped = 0;
  const tenants = await db.$queryRaw<{ id: string }[]>`
    SELECT tenant_id AS id FROM change_counters WHERE pruned_at < now() - make_interval(hours => ${lookEveryHours}) ORDER BY pruned_at`;
  for (const { id: tenantId } of tenants) {
    if (!mayGoOn()) break;
    // Its feed is read whole: by one process, once a day.
    const isOurs = await db.$executeRaw`
      UPDATE change_counters SET pruned_at = now()
      WHERE tenant_id = ${tenantId} AND pruned_at < now() - make_interval(hours => ${lookEveryHours})`;
    if (isOurs === 0) continue;
    for (let found = changesPerLook; found === changesPerLook && mayGoOn();) {
      const replaced = await db.$queryRaw<{ sequence: bigint }[]>`
        SELECT sequence FROM (
          SELECT sequence, at, lead(sequence) OVER (PARTITION BY entity, entity_id ORDER BY sequence) AS next
          FROM changes WHERE tenant_id = ${tenantId}) entry
        WHERE next IS NOT NULL AND at < now() - make_interval(days => ${days})
        ORDER BY sequence LIMIT ${changesPerLook}`;
      found = replaced.length;
      for (let start = 0; start < found && mayGoOn(); start += batchSize) {
        const batch = replaced.slice(start, start + batchSize).map(({ sequence }) => sequence);
        dropped += await db.$executeRaw`
          DELETE FROM changes WHERE tenant_id = ${tenantId} AND sequence = ANY(${batch}::bigint[])`;
        await sleep(pauseMs);
      }
    }
  }
  return dropped;
}
