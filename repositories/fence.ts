import { DomainError } from '../domain/errors.ts';
import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

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
  await readFence(tx, tenantId, generation);
}

/**
 * The same for what is written in the name of Factorial: a paused connection takes nothing over, also not what was asked
 * for before the pause. Fails with `fenced` or `paused`.
 */
export async function requireSyncing(tx: Transaction, tenantId: string, generation: number): Promise<void> {
  if ((await readFence(tx, tenantId, generation)).paused) throw pausedError();
}

/** What a paused connection answers to work that would ask Factorial, or write what it said. */
export const pausedError = (): DomainError =>
  new DomainError('paused', 'The connection is paused: Factorial is not asked, and nothing is taken over.');

async function readFence(
  tx: Transaction,
  tenantId: string,
  generation: number,
): Promise<{ readonly paused: boolean }> {
  const rows = await runPrepared<{ generation: number; paused: boolean }>(
    tx,
    'read-fence',
    Prisma.sql`
    SELECT generation, paused FROM connections WHERE tenant_id = ${tenantId} FOR SHARE`,
  );
  const current = rows[0]?.generation ?? 0;
  if (current !== generation) {
    throw new DomainError(
      'fenced',
      `The connection moved on (generation ${current}); this work belonged to generation ${generation}.`,
    );
  }
  return { paused: rows[0]?.paused ?? false };
}
