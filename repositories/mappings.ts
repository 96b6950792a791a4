import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { logActivity } from './activity-log.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import {
  createDayType,
  dayTypeChange,
  findDayType,
  isSameContent,
  requireDayType,
  type DayTypeContent,
  type DayTypeRow,
} from './day-types.ts';
import { appendChanges, type NewChange } from './feed.ts';
import { markAbsenceType } from './marks.ts';
import { holdMeanings } from './meanings-lock.ts';
import { previewMapping, type MappingPreview } from './recompute.ts';

/** What a person says that an absence type means. */
export type MappingWish =
  | { readonly dayTypeId: string }
  | { readonly create: DayTypeContent }
  | { readonly ignored: true };

/** What of a mapping can change. Neither: to be mapped. */
interface Meaning {
  readonly dayTypeId: string | null;
  readonly ignored: boolean;
}

/**
 * Sets what an absence type means. `create` makes the day type with it; asked again with the same content it stays with
 * the one it made. Raises the version, marks the employees concerned and answers true only where something changes.
 * Throws `not_found` (absence type) and `unknown_day_type`.
 */
export async function setMapping(
  db: Database,
  tenantId: string,
  absenceTypeId: string,
  wish: MappingWish,
  actor: string,
): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    const before = await lockMeaning(tx, tenantId, absenceTypeId);
    const { meaning, created } = await resolve(tx, tenantId, wish, before);
    return await write(tx, tenantId, absenceTypeId, before, meaning, actor, created);
  });
}

/** Puts an absence type back to be mapped. The row stays, with a new version. Throws `not_found`. Safe to repeat. */
export async function clearMapping(
  db: Database,
  tenantId: string,
  absenceTypeId: string,
  actor: string,
): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    const before = await lockMeaning(tx, tenantId, absenceTypeId);
    return await write(tx, tenantId, absenceTypeId, before, toBeMapped, actor, []);
  });
}

/** What `setMapping` would change, without writing. Throws the same errors. */
export async function previewWish(
  db: Executor,
  tenantId: string,
  absenceTypeId: string,
  wish: MappingWish,
  nowMs: number,
): Promise<MappingPreview> {
  const type = await db.absenceType.findUnique({ where: { tenantId_id: { tenantId, id: absenceTypeId } } });
  if (type === null) throw unknownAbsenceType(absenceTypeId);
  if ('ignored' in wish)
    return await previewMapping(db, tenantId, absenceTypeId, { status: 'ignored' }, nowMs);
  const dayType =
    'create' in wish
      ? ((await presentDayType(
          db,
          tenantId,
          await readMeaning(db, tenantId, absenceTypeId),
          wish.create,
        )) ?? {
          id: '',
          ...wish.create,
        })
      : await requireDayType(db, tenantId, wish.dayTypeId);
  const mapped = {
    dayTypeId: dayType.id,
    minutes: dayType.expectedMinutes,
    version: 0,
    workable: type.workable,
  };
  return await previewMapping(db, tenantId, absenceTypeId, { status: 'mapped', ...mapped }, nowMs);
}

export const unknownAbsenceType = (id: string): DomainError =>
  new DomainError('not_found', `There is no absence type ${id}.`);

const toBeMapped: Meaning = { dayTypeId: null, ignored: false };

/** Locks the absence type, so that its mapping is changed by one at a time, and answers what it means now. */
async function lockMeaning(tx: Transaction, tenantId: string, absenceTypeId: string): Promise<Meaning> {
  const types = await tx.$queryRaw<unknown[]>`
    SELECT id FROM absence_types WHERE tenant_id = ${tenantId} AND id = ${absenceTypeId} FOR UPDATE`;
  if (types.length === 0) throw unknownAbsenceType(absenceTypeId);
  return await readMeaning(tx, tenantId, absenceTypeId);
}

async function readMeaning(db: Executor, tenantId: string, absenceTypeId: string): Promise<Meaning> {
  const key = { tenantId_absenceTypeId: { tenantId, absenceTypeId } };
  return (await db.dayTypeMapping.findUnique({ where: key })) ?? toBeMapped;
}

/**
 * The day type that an absence type means already, where that is what is wished for: a lost answer makes a client ask
 * twice, and that must not leave two day types of the same name.
 */
async function presentDayType(
  db: Executor,
  tenantId: string,
  before: Meaning,
  wished: DayTypeContent,
): Promise<DayTypeRow | null> {
  const present = before.dayTypeId === null ? null : await findDayType(db, tenantId, before.dayTypeId);
  return present !== null && !present.builtIn && isSameContent(present, wished) ? present : null;
}

async function resolve(
  tx: Transaction,
  tenantId: string,
  wish: MappingWish,
  before: Meaning,
): Promise<{ meaning: Meaning; created: NewChange[] }> {
  if ('ignored' in wish) return { meaning: { dayTypeId: null, ignored: true }, created: [] };
  if ('dayTypeId' in wish) {
    const { id } = await requireDayType(tx, tenantId, wish.dayTypeId);
    return { meaning: { dayTypeId: id, ignored: false }, created: [] };
  }
  if ((await presentDayType(tx, tenantId, before, wish.create)) !== null)
    return { meaning: before, created: [] };
  const dayType = await createDayType(tx, tenantId, randomUUID(), wish.create);
  return { meaning: { dayTypeId: dayType.id, ignored: false }, created: [dayTypeChange(dayType)] };
}

async function write(
  tx: Transaction,
  tenantId: string,
  absenceTypeId: string,
  before: Meaning,
  { dayTypeId, ignored }: Meaning,
  actor: string,
  created: readonly NewChange[],
): Promise<boolean> {
  if (before.dayTypeId === dayTypeId && before.ignored === ignored) return false;
  const content = { dayTypeId, ignored, changedBy: actor, changedAt: new Date() };
  await tx.dayTypeMapping.upsert({
    where: { tenantId_absenceTypeId: { tenantId, absenceTypeId } },
    create: { tenantId, absenceTypeId, ...content },
    update: { ...content, version: { increment: 1 } },
  });
  await holdMeanings(tx, tenantId);
  await markAbsenceType(tx, tenantId, absenceTypeId);
  const outcome = ignored ? 'ignored' : dayTypeId === null ? 'to_be_mapped' : 'mapped';
  await logActivity(tx, tenantId, { kind: 'person', outcome });
  await appendChanges(tx, tenantId, created);
  return true;
}
