import type { Database, Transaction } from '../../repositories/database.ts';
import { waitFor } from './wait-for.ts';

export interface OpenTransaction {
  /** Lets it commit, and waits until it has. */
  commit(): Promise<void>;
}

/** A transaction that has done its work and stays open until it is told to commit: for tests of what runs beside it. */
export async function openTransaction(
  db: Database,
  work: (tx: Transaction) => Promise<unknown>,
): Promise<OpenTransaction> {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = db.$transaction(async (tx) => {
      await work(tx);
      resolve();
      await held;
    });
    ended.catch(reject);
  });
  return {
    commit: async () => {
      release();
      await ended;
    },
  };
}

/** Waits until so many transactions of this database wait for another one's lock. */
export async function waitForLock(db: Database, count = 1): Promise<void> {
  await waitFor(`${count} transactions that wait for a lock`, async () => {
    const rows = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return rows.length >= count;
  });
}
