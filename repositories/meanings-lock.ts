import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/**
 * Who writes a fact marks the employees whose days follow from it, by the links that it sees; who changes a link, a mapping or
 * what such a thing means marks the employees concerned, by the facts that it sees. Neither sees what the other has not
 * committed. Side by side, both would miss the same employee, so they take turns: facts together, meanings alone.
 */

/** Taken by who writes facts, before it looks up whom they concern. Held until the commit. */
export async function shareMeanings(tx: Transaction, tenantId: string): Promise<void> {
  await runPrepared(
    tx,
    'share-meanings',
    Prisma.sql`SELECT pg_advisory_xact_lock_shared(${lockClass}::int, hashtext(${tenantId}))::text`,
  );
}

/** Taken by who changes what facts mean, before it looks up whom that concerns: waits for the facts under way. */
export async function holdMeanings(tx: Transaction, tenantId: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(${lockClass}::int, hashtext(${tenantId}))::text`;
}

/** Keeps these locks apart from others of the same database. Two tenants of one hash only wait for each other. */
const lockClass = 5_172;
