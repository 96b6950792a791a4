import { builtInDayTypes } from '../domain/day.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import { appendChanges } from './feed.ts';

/** The three kinds of days that every tenant has, in the order of the list. */
export const builtIns = [
  { id: builtInDayTypes.workingDay, name: 'Working day', color: '#4C9F70', expectedMinutes: 480 },
  { id: builtInDayTypes.dayOff, name: 'Day off', color: '#9AA5B1', expectedMinutes: 0 },
  { id: builtInDayTypes.holiday, name: 'Holiday', color: '#E0A030', expectedMinutes: 0 },
].map((dayType) => ({ ...dayType, key: dayType.id, builtIn: true }));

/**
 * Makes the tenant exist, with its built-in day types and their entries of the change feed: the first write of a valid
 * token does so. Safe to repeat and beside others; inside a transaction it becomes part of it.
 */
export async function ensureTenant(db: Executor, tenantId: string): Promise<void> {
  const known = await db.tenant.findUnique({ where: { id: tenantId }, select: { id: true } });
  if (known !== null) return;
  if (isDatabase(db)) await inTransaction(db, (tx) => createTenant(tx, tenantId));
  else await createTenant(db, tenantId);
}

async function createTenant(tx: Transaction, tenantId: string): Promise<void> {
  // Waits for another first write of the same tenant, then finds its row and does nothing.
  const { count } = await tx.tenant.createMany({
    data: [{ id: tenantId, name: tenantId }],
    skipDuplicates: true,
  });
  if (count === 0) return;
  await tx.dayType.createMany({
    data: builtIns.map((dayType) => ({ ...dayType, tenantId })),
    skipDuplicates: true,
  });
  const changes = builtIns.map(
    (data) => ({ entity: 'day_type', id: data.id, operation: 'upsert', data }) as const,
  );
  await appendChanges(tx, tenantId, changes);
}

const isDatabase = (db: Executor): db is Database => '$transaction' in db;
