import { DomainError } from '../domain/errors.ts';
import type { Transaction } from './database.ts';

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
