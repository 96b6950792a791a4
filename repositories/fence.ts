import { DomainError } from '../domain/errors.ts';
import type { Database, Transaction } from './database.ts';

/**
 * Lets a transaction go on only while the connection still has `generation` (rule 12). Holds a share lock on the
 * connection until the commit, so that a disconnect waits for what is being written and nothing is written after it.
 * Fails with `fenced`.
 */
export async function requireGeneration(
  tx: Transaction,
  tenantId: string,
  generation: number,
): Promise<void> {
  const rows = await tx.$queryRaw<{ generation: number }[]>`
    SELECT generation FROM connections WHERE tenant_id = ${tenantId} FOR SHARE`;
  const current = rows[0]?.generation ?? 0;
  if (current !== generation) {
    throw new DomainError(
      'fenced',
      `The connection moved on (generation ${current}); this work belonged to generation ${generation}.`,
    );
  }
}

/** The generation that a connection has at this moment; 0 where there is none. Asked before each request. */
export async function currentGeneration(db: Database, tenantId: string): Promise<number> {
  const rows = await db.$queryRaw<{ generation: number }[]>`
    /* prepared: current-generation */ SELECT generation FROM connections WHERE tenant_id = ${tenantId}`;
  return rows[0]?.generation ?? 0;
}
