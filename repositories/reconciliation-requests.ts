import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { dropOutdated } from './reconciliations.ts';
import { ensureTenant } from './tenants.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import type { ReconciliationModel } from './generated/models.ts';

/**
 * Asks for a reconciliation: one runs, one may wait. Asking again answers the one that waits (the unique index decides).
 * Throws `not_connected`.
 */
export async function requestReconciliation(
  db: Database,
  tenantId: string,
  nowMs: number,
): Promise<ReconciliationModel> {
  return await inTransaction(db, async (tx) => {
    await ensureTenant(tx, tenantId);
    const connection = await tx.connection.findUnique({
      where: { tenantId },
      select: { status: true, generation: true },
    });
    if (connection?.status === 'expired')
      throw new DomainError('not_connected', 'The connection with Factorial has expired');
    if (connection?.status !== 'connected')
      throw new DomainError('not_connected', 'Factorial is not connected.');
    return await queueManually(tx, tenantId, connection.generation, nowMs);
  });
}

/** Queues a reconciliation that a person wants or has made necessary, and answers it, or the one that waits already. Throws `conflict`. */
export async function queueManually(
  tx: Transaction,
  tenantId: string,
  generation: number,
  nowMs: number,
  trigger: 'manual' | 'gap' = 'manual',
): Promise<ReconciliationModel> {
  await dropOutdated(tx, tenantId, generation, new Date(nowMs));
  const wanted = {
    tenantId,
    id: randomUUID(),
    trigger,
    status: 'queued',
    generation,
    requestedAt: new Date(nowMs),
  };
  // What waited may have begun between the two statements: then there is room for this one.
  for (let tries = 0; tries < 2; tries += 1) {
    await tx.reconciliation.createMany({ data: [wanted], skipDuplicates: true });
    const queued = await tx.reconciliation.findFirst({ where: { tenantId, status: 'queued' } });
    if (queued !== null) return queued;
  }
  throw new DomainError('conflict', 'A reconciliation is starting right now. Try again.');
}

/** Where a page goes on: after the row with these keys. */
export interface ReconciliationPosition {
  readonly requestedAt: Date;
  readonly id: string;
}

/** A tenant's reconciliations, the latest first, at most `take`. */
export async function listReconciliations(
  db: Executor,
  tenantId: string,
  take: number,
  after?: ReconciliationPosition,
): Promise<ReconciliationModel[]> {
  const older =
    after === undefined
      ? {}
      : {
          OR: [
            { requestedAt: { lt: after.requestedAt } },
            { requestedAt: after.requestedAt, id: { gt: after.id } },
          ],
        };
  return await db.reconciliation.findMany({
    where: { tenantId, ...older },
    orderBy: [{ requestedAt: 'desc' }, { id: 'asc' }],
    take,
  });
}

/** Throws `not_found` for another tenant's as for none. */
export async function requireReconciliation(
  db: Executor,
  tenantId: string,
  id: string,
): Promise<ReconciliationModel> {
  const row = await db.reconciliation.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (row === null) throw new DomainError('not_found', 'There is no such reconciliation.');
  return row;
}
