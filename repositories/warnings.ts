import { warningTexts, type WarningCode } from '../domain/warnings.ts';
import type { Executor } from './database.ts';

/** Shows a warning on the card, or refreshes its sentence; `since` stays that of the first time. */
export async function raiseWarning(
  db: Executor,
  tenantId: string,
  code: WarningCode,
  at: Date,
  message = warningTexts[code].message,
): Promise<void> {
  const { action } = warningTexts[code];
  await db.connectionWarning.upsert({
    where: { tenantId_code: { tenantId, code } },
    create: { tenantId, code, message, since: at, actionCode: action.code, actionLabel: action.label },
    update: { message },
  });
}

/** Takes warnings off the card: their cause has gone. */
export async function clearWarnings(db: Executor, tenantId: string, codes?: readonly WarningCode[]): Promise<void> {
  await db.connectionWarning.deleteMany({ where: { tenantId, ...(codes === undefined ? {} : { code: { in: [...codes] } }) } });
}
