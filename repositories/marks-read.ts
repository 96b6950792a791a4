import type { Executor } from './database.ts';

/** How many employees of a tenant wait for a recompute: what a ring says. */
export async function countMarked(db: Executor, tenantId: string): Promise<number> {
  return await db.recomputeMark.count({ where: { tenantId } });
}
