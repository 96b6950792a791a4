import type { Executor } from './database.ts';
import type { DayTypeRow } from './day-types.ts';
import { Prisma } from './generated/client.ts';
import { parkedAbsences } from './parked.ts';
import { readHorizon } from './settings.ts';
import { cutPage, folded, isAfter, type Page, type PageRequest } from './text-order.ts';

/** Factorial's leave type as the wizard shows it, with what it means and what waits for that. */
export interface AbsenceTypeRow {
  readonly absenceTypeId: string;
  readonly name: string;
  readonly color: string | null;
  readonly active: boolean;
  readonly workable: boolean;
  readonly status: 'mapped' | 'to_be_mapped' | 'ignored';
  readonly dayType: DayTypeRow | null;
  readonly parked: { readonly absences: number; readonly employees: number };
}

/** One page of a tenant's absence types, by name and id. */
export async function listAbsenceTypes(
  db: Executor,
  tenantId: string,
  page: PageRequest,
  nowMs: number,
): Promise<Page<AbsenceTypeRow>> {
  const chosen = isAfter(folded(Prisma.sql`type.name`), Prisma.sql`type.id`, page.after);
  const raws = await select(db, tenantId, chosen, nowMs, page.limit + 1);
  return cutPage(raws, page.limit, (raw) => raw.absenceTypeId, toRow);
}

export async function findAbsenceType(
  db: Executor,
  tenantId: string,
  absenceTypeId: string,
  nowMs: number,
): Promise<AbsenceTypeRow | null> {
  const [raw] = await select(db, tenantId, Prisma.sql`type.id = ${absenceTypeId}`, nowMs, 1);
  return raw === undefined ? null : toRow(raw);
}

/** Which of these absence types are not stored yet; each once. */
export async function unknownAbsenceTypes(
  db: Executor,
  tenantId: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT named.id FROM unnest(${[...ids]}::text[]) AS named(id)
    WHERE NOT EXISTS (SELECT 1 FROM absence_types type WHERE type.tenant_id = ${tenantId} AND type.id = named.id)
    ORDER BY named.id`;
  return rows.map(({ id }) => id);
}

interface RawAbsenceType {
  sortKey: string;
  absenceTypeId: string;
  name: string;
  color: string | null;
  active: boolean;
  workable: boolean;
  ignored: boolean | null;
  dayType: DayTypeRow | null;
  absences: number;
  employees: number;
}

async function select(
  db: Executor,
  tenantId: string,
  chosen: Prisma.Sql,
  nowMs: number,
  limit: number,
): Promise<RawAbsenceType[]> {
  const horizon = await readHorizon(db, tenantId, nowMs);
  return await db.$queryRaw<RawAbsenceType[]>`
    WITH parked AS (
      SELECT absence_type_id, count(*)::int AS absences, count(DISTINCT profile_id)::int AS employees
      FROM (${parkedAbsences(tenantId, horizon)}) waiting GROUP BY absence_type_id
    )
    SELECT ${folded(Prisma.sql`type.name`)} COLLATE "C" AS "sortKey", type.id AS "absenceTypeId", type.name, type.color,
           type.active, type.workable, mapping.ignored,
           CASE WHEN day_type.id IS NOT NULL THEN jsonb_build_object('id', day_type.id, 'key', day_type.key,
             'name', day_type.name, 'color', day_type.color, 'expectedMinutes', day_type.expected_minutes,
             'builtIn', day_type.built_in) END AS "dayType",
           coalesce(parked.absences, 0) AS absences, coalesce(parked.employees, 0) AS employees
    FROM absence_types type
    LEFT JOIN day_type_mappings mapping ON mapping.tenant_id = type.tenant_id AND mapping.absence_type_id = type.id
    LEFT JOIN day_types day_type ON day_type.tenant_id = mapping.tenant_id AND day_type.id = mapping.day_type_id
    LEFT JOIN parked ON parked.absence_type_id = type.id
    WHERE type.tenant_id = ${tenantId} AND ${chosen}
    ORDER BY "sortKey", type.id COLLATE "C" LIMIT ${limit}::int`;
}

function toRow(raw: RawAbsenceType): AbsenceTypeRow {
  const { absenceTypeId, name, color, active, workable, dayType, absences, employees } = raw;
  const status = raw.ignored === true ? 'ignored' : dayType === null ? 'to_be_mapped' : 'mapped';
  return { absenceTypeId, name, color, active, workable, status, dayType, parked: { absences, employees } };
}
