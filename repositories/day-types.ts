import { DomainError } from '../domain/errors.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import { appendChanges } from './feed.ts';
import { Prisma } from './generated/client.ts';
import { markAbsenceType } from './marks.ts';
import { holdMeanings } from './meanings-lock.ts';
import { builtIns, ensureTenant } from './tenants.ts';
import { cutPage, folded, isAfter, type Page, type PageRequest } from './text-order.ts';

/** What people decide about a kind of day. */
export interface DayTypeContent {
  readonly name: string;
  readonly color: string;
  readonly expectedMinutes: number;
}

export interface DayTypeRow extends DayTypeContent {
  readonly id: string;
  readonly key: 'working_day' | 'day_off' | 'holiday' | null;
  readonly builtIn: boolean;
}

/**
 * A tenant's day types, the built-in ones first, then by name and id; before its first write, those that it will make.
 */
export async function listDayTypes(
  db: Executor,
  tenantId: string,
  page: PageRequest,
): Promise<Page<DayTypeRow>> {
  const sortKey = Prisma.sql`((CASE WHEN built_in THEN '0' ELSE '1' END) || ${folded(Prisma.sql`name`)})`;
  const raws = await db.$queryRaw<(DayTypeRow & { sortKey: string })[]>`
    WITH known AS (
      SELECT id, key, name, color, expected_minutes, built_in FROM day_types WHERE tenant_id = ${tenantId}
      UNION ALL
      SELECT id, key, name, color, "expectedMinutes", "builtIn"
      FROM jsonb_to_recordset(${JSON.stringify(builtIns)}::jsonb)
        AS first(id text, key text, name text, color text, "expectedMinutes" int, "builtIn" boolean)
      WHERE NOT EXISTS (SELECT 1 FROM tenants WHERE id = ${tenantId})
    )
    SELECT ${sortKey} COLLATE "C" AS "sortKey", id, key, name, color, expected_minutes AS "expectedMinutes",
           built_in AS "builtIn"
    FROM known WHERE ${isAfter(sortKey, Prisma.sql`id`, page.after)}
    ORDER BY "sortKey", id COLLATE "C" LIMIT ${page.limit + 1}::int`;
  return cutPage(raws, page.limit, (raw) => raw.id, toDayTypeRow);
}

/** Every day type of a tenant by its id. */
export async function dayTypesById(db: Executor, tenantId: string): Promise<Map<string, DayTypeRow>> {
  const rows = await db.dayType.findMany({ where: { tenantId } });
  return new Map(rows.map((row) => [row.id, toDayTypeRow(row)]));
}

export async function findDayType(db: Executor, tenantId: string, id: string): Promise<DayTypeRow | null> {
  const row = await db.dayType.findUnique({ where: { tenantId_id: { tenantId, id } } });
  return row === null ? null : toDayTypeRow(row);
}

/** A tenant's day type. Throws `unknown_day_type`. */
export async function requireDayType(db: Executor, tenantId: string, id: string): Promise<DayTypeRow> {
  const dayType = await findDayType(db, tenantId, id);
  if (dayType !== null) return dayType;
  throw new DomainError(
    'unknown_day_type',
    `There is no day type ${id}. Choose one of the list of day types.`,
  );
}

export type PutDayTypeResult =
  | { readonly outcome: 'built_in' }
  | {
      readonly outcome: 'created' | 'updated' | 'unchanged';
      readonly dayType: DayTypeRow;
      readonly remapped: boolean;
    };

/**
 * Creates or replaces a day type and tells the feed. Other minutes change the days of all absences that are mapped to
 * it: their employees are marked (`remapped`). A built-in one stays as it is. Safe to repeat.
 */
export async function putDayType(
  db: Database,
  tenantId: string,
  id: string,
  wanted: DayTypeContent,
): Promise<PutDayTypeResult> {
  return await inTransaction(db, async (tx) => {
    await ensureTenant(tx, tenantId);
    const dayType: DayTypeRow = { id, key: null, ...wanted, builtIn: false };
    const { count } = await tx.dayType.createMany({ data: [{ ...dayType, tenantId }], skipDuplicates: true });
    if (count > 0) {
      await announce(tx, tenantId, dayType);
      return { outcome: 'created', dayType, remapped: false };
    }
    const before = await lockDayType(tx, tenantId, id);
    if (before.builtIn) return { outcome: 'built_in' };
    if (isSameContent(before, wanted)) return { outcome: 'unchanged', dayType: before, remapped: false };
    await tx.dayType.update({ where: { tenantId_id: { tenantId, id } }, data: wanted });
    const remapped =
      before.expectedMinutes !== wanted.expectedMinutes && (await markMapped(tx, tenantId, id));
    await announce(tx, tenantId, dayType);
    return { outcome: 'updated', dayType, remapped };
  });
}

/** Makes a new day type. The caller appends the entry of the feed last in its transaction. */
export async function createDayType(
  tx: Transaction,
  tenantId: string,
  id: string,
  wanted: DayTypeContent,
): Promise<DayTypeRow> {
  const dayType: DayTypeRow = { id, key: null, ...wanted, builtIn: false };
  await tx.dayType.create({ data: { ...dayType, tenantId } });
  return dayType;
}

/** What the feed tells of a day type. */
export const dayTypeChange = (dayType: DayTypeRow) =>
  ({ entity: 'day_type', id: dayType.id, operation: 'upsert', data: dayType }) as const;

export function isSameContent(a: DayTypeContent, b: DayTypeContent): boolean {
  return a.name === b.name && a.color === b.color && a.expectedMinutes === b.expectedMinutes;
}

async function lockDayType(tx: Transaction, tenantId: string, id: string): Promise<DayTypeRow> {
  await tx.$queryRaw`SELECT id FROM day_types WHERE tenant_id = ${tenantId} AND id = ${id} FOR UPDATE`;
  return toDayTypeRow(await tx.dayType.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id } } }));
}

async function markMapped(tx: Transaction, tenantId: string, dayTypeId: string): Promise<boolean> {
  const mappings = await tx.dayTypeMapping.findMany({
    where: { tenantId, dayTypeId },
    orderBy: { absenceTypeId: 'asc' },
  });
  await holdMeanings(tx, tenantId);
  for (const { absenceTypeId } of mappings) await markAbsenceType(tx, tenantId, absenceTypeId);
  return mappings.length > 0;
}

async function announce(tx: Transaction, tenantId: string, dayType: DayTypeRow): Promise<void> {
  await appendChanges(tx, tenantId, [dayTypeChange(dayType)]);
}

const keys = ['working_day', 'day_off', 'holiday'] as const;

function toDayTypeRow(
  row: DayTypeContent & { id: string; key: string | null; builtIn: boolean },
): DayTypeRow {
  const { id, name, color, expectedMinutes, builtIn } = row;
  return { id, key: keys.find((key) => key === row.key) ?? null, name, color, expectedMinutes, builtIn };
}
