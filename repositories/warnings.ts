import { warningTexts, type WarningCode } from '../domain/warnings.ts';
import { inTransaction, type Database, type Executor } from './database.ts';
import { requireGeneration } from './fence.ts';

/** Shows a warning on the card, or refreshes its sentence; `since` stays that of the first time. */
export async function raiseWarning(
  db: Executor,
  tenantId: string,
  code: WarningCode,
  at: Date,
  message = warningTexts[code].message,
): Promise<void> {
  await db.connectionWarning.upsert({
    where: { tenantId_code: { tenantId, code } },
    create: { tenantId, code, message, since: at },
    update: { message },
  });
}

/**
 * Says, in the name of one generation of a connection, what is wrong with it and what is not: a warning that is `true` is
 * shown, one that is `false` goes. Answers whether that changed which ones there are. Fails with `fenced`: a late activity
 * must not speak for a connection that moved on.
 */
export async function noteWarnings(
  db: Database,
  tenantId: string,
  generation: number,
  warnings: Partial<Record<WarningCode, boolean>>,
  at: Date,
): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    await requireGeneration(tx, tenantId, generation);
    const said = await tx.connectionWarning.findMany({ where: { tenantId }, select: { code: true } });
    const entries = Object.entries(warnings) as [WarningCode, boolean][];
    const news = entries.filter(([code, isSo]) => isSo !== said.some((one) => one.code === code));
    for (const [code, isSo] of entries) if (isSo) await raiseWarning(tx, tenantId, code, at);
    await clearWarnings(
      tx,
      tenantId,
      entries.flatMap(([code, isSo]) => (isSo ? [] : [code])),
    );
    return news.length > 0;
  });
}

/** Takes warnings off the card: their cause has gone. */
export async function clearWarnings(
  db: Executor,
  tenantId: string,
  codes?: readonly WarningCode[],
): Promise<void> {
  await db.connectionWarning.deleteMany({
    where: { tenantId, ...(codes === undefined ? {} : { code: { in: [...codes] } }) },
  });
}
