import type { Executor } from './database.ts';
import type { ActivityEntryModel } from './generated/models.ts';

/** Lines of the activity tab, newest first, at most `take`; ids between `above` and `below`, both exclusive. */
export async function listActivity(
  db: Executor,
  tenantId: string,
  take: number,
  { above, below }: { above?: bigint | undefined; below?: bigint | undefined },
): Promise<ActivityEntryModel[]> {
  const id = { ...(above === undefined ? {} : { gt: above }), ...(below === undefined ? {} : { lt: below }) };
  return await db.activityEntry.findMany({ where: { tenantId, id }, orderBy: { id: 'desc' }, take });
}
