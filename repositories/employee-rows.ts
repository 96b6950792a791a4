import { hash } from 'node:crypto';
import type { CivilDate } from '../domain/civil-date.ts';
import { toArrayLiteral } from './array-literal.ts';
import type { Executor, Transaction } from './database.ts';
import { lockEmployees } from './employee-lock.ts';
import type { NewChange } from './feed.ts';
import { Prisma } from './generated/client.ts';
import { parkedAbsences } from './parked.ts';
import { readHorizon } from './settings.ts';
import { containsQuery, folded, isAfter, cutPage, type Page, type PageRequest } from './text-order.ts';

/** An employee as everybody is told: the lists, the feed, the wizard. */
export interface EmployeeRow {
  readonly employeeId: string;
  readonly name: string;
  readonly email: string | null;
  /** Employed today, both ends inclusive. */
  readonly active: boolean;
  readonly startsOn: CivilDate | null;
  readonly endsOn: CivilDate | null;
  readonly link: ProfileName | null;
  readonly suggestion: ProfileName | null;
  /** Absences of the linked profile that wait for a mapping. */
  readonly parked: number;
}

export interface ProfileName {
  readonly profileId: string;
  readonly name: string;
}

export interface EmployeeFilter {
  readonly status?: 'linked' | 'unlinked' | undefined;
  /** Part of a name or an e-mail, without regard to case and accents. */
  readonly query?: string | undefined;
}

/** One page of a tenant's employees, by name and id. */
export async function listEmployees(
  db: Executor,
  tenantId: string,
  filter: EmployeeFilter,
  page: PageRequest,
  nowMs: number,
): Promise<Page<EmployeeRow>> {
  const name = folded(Prisma.sql`employee.name`);
  const id = Prisma.sql`employee.id`;
  const chosen = Prisma.sql`
    ${linkStatus(filter.status)} AND ${containsQuery(filter.query, [Prisma.sql`employee.name`, Prisma.sql`employee.email`])}
    AND ${isAfter(name, id, page.after)}`;
  const everybody = Prisma.sql`employees employee`;
  const raws = await select(db, tenantId, { from: everybody, chosen }, nowMs, page.limit + 1);
  return cutPage(raws, page.limit, (raw) => raw.employeeId, toEmployeeRow);
}

/** Some employees of a tenant by their ids, by name and id. Unknown ones are left out. */
export async function findEmployees(
  db: Executor,
  tenantId: string,
  employeeIds: readonly string[],
  nowMs: number,
): Promise<EmployeeRow[]> {
  if (employeeIds.length === 0) return [];
  const ids = toArrayLiteral([...new Set(employeeIds)]);
  // One look-up each: a tenant that the database takes for a small one would be read whole.
  const named = Prisma.sql`unnest(${ids}::text::text[]) AS named(id) CROSS JOIN LATERAL (
    SELECT * FROM employees WHERE employees.tenant_id = ${tenantId} AND employees.id = named.id LIMIT 1) employee`;
  const raws = await select(db, tenantId, { from: named, chosen: Prisma.sql`TRUE` }, nowMs, null);
  return raws.map(toEmployeeRow);
}

export async function findEmployee(
  db: Executor,
  tenantId: string,
  employeeId: string,
  nowMs: number,
): Promise<EmployeeRow | null> {
  return (await findEmployees(db, tenantId, [employeeId], nowMs))[0] ?? null;
}

/**
 * What the feed must tell of employees that were just written, and remembers that it tells it. The caller appends the
 * entries last in its transaction.
 */
export async function employeeChanges(
  tx: Transaction,
  tenantId: string,
  employeeIds: readonly string[],
  nowMs: number,
): Promise<NewChange[]> {
  await lockEmployees(tx, tenantId, employeeIds);
  return await tell(tx, tenantId, await findEmployees(tx, tenantId, employeeIds, nowMs));
}

/**
 * The same for employees of whom only something around them may have changed: their profile's name, who is suggested, what
 * is parked. Nothing of those that are as they were told. Locks their rows, so that the last to tell has seen the most.
 */
export async function employeeDifferences(
  tx: Transaction,
  tenantId: string,
  employeeIds: readonly string[],
  nowMs: number,
): Promise<NewChange[]> {
  const hashOf = await lockEmployees(tx, tenantId, employeeIds);
  const rows = await findEmployees(tx, tenantId, employeeIds, nowMs);
  const differing = rows.filter((row) => fingerprint(row) !== hashOf.get(row.employeeId));
  return await tell(tx, tenantId, differing);
}

async function tell(tx: Transaction, tenantId: string, rows: readonly EmployeeRow[]): Promise<NewChange[]> {
  if (rows.length === 0) return [];
  await tx.$executeRaw`
    UPDATE employees SET announced_active = told.active, announced_hash = told.hash
    FROM unnest(
      ${toArrayLiteral(rows.map((row) => row.employeeId))}::text::text[],
      ${toArrayLiteral(rows.map((row) => row.active))}::text::boolean[],
      ${toArrayLiteral(rows.map(fingerprint))}::text::text[]) AS told(id, active, hash)
    WHERE tenant_id = ${tenantId} AND employees.id = told.id`;
  return rows.map((row) => ({ entity: 'employee', id: row.employeeId, operation: 'upsert', data: row }));
}

const fingerprint = (row: EmployeeRow): string => hash('sha256', JSON.stringify(row), 'base64url');

function linkStatus(status: EmployeeFilter['status']): Prisma.Sql {
  if (status === undefined) return Prisma.sql`TRUE`;
  return status === 'linked' ? Prisma.sql`link.profile_id IS NOT NULL` : Prisma.sql`link.profile_id IS NULL`;
}

interface RawEmployee {
  sortKey: string;
  employeeId: string;
  name: string;
  email: string | null;
  active: boolean;
  startsOn: CivilDate | null;
  endsOn: CivilDate | null;
  profileId: string | null;
  profileName: string | null;
  suggestedId: string | null;
  suggestedName: string | null;
  parked: number;
}

function toEmployeeRow(raw: RawEmployee): EmployeeRow {
  const { employeeId, name, email, active, startsOn, endsOn, profileId, suggestedId, parked } = raw;
  return {
    employeeId,
    name,
    email,
    active,
    startsOn,
    endsOn,
    link: profileId === null ? null : { profileId, name: raw.profileName ?? profileId },
    suggestion:
      suggestedId === null ? null : { profileId: suggestedId, name: raw.suggestedName ?? suggestedId },
    parked,
  };
}

/**
 * The page is cut first, so that suggestions and parked absences are looked up for its rows only.
 * A suggestion needs a profile that is free, present and employed, and an e-mail that nobody shares on either side.
 */
async function select(
  db: Executor,
  tenantId: string,
  { from, chosen }: { from: Prisma.Sql; chosen: Prisma.Sql },
  nowMs: number,
  limit: number | null,
): Promise<RawEmployee[]> {
  const horizon = await readHorizon(db, tenantId, nowMs);
  const today = Prisma.sql`${horizon.today}::date`;
  return await db.$queryRaw<RawEmployee[]>`
    WITH page AS (
      SELECT employee.*, link.profile_id, ${folded(Prisma.sql`employee.name`)} COLLATE "C" AS sort_key
      FROM ${from}
      LEFT JOIN employee_links link ON link.tenant_id = employee.tenant_id AND link.employee_id = employee.id
      WHERE employee.tenant_id = ${tenantId} AND ${chosen}
      ORDER BY sort_key, employee.id COLLATE "C" LIMIT ${limit}::int
    )
    SELECT page.sort_key AS "sortKey", page.id AS "employeeId", page.name, page.email,
           page.starts_on::text AS "startsOn", page.ends_on::text AS "endsOn",
           coalesce(page.starts_on, ${today}) <= ${today}
             AND coalesce(least(page.ends_on, profile.terminated_on), ${today}) >= ${today} AS active,
           page.profile_id AS "profileId", linked.name AS "profileName",
           suggested.id AS "suggestedId", suggested.name AS "suggestedName", parked.count AS parked
    FROM page
    LEFT JOIN profiles linked ON linked.tenant_id = page.tenant_id AND linked.id = page.profile_id
    LEFT JOIN profiles profile
      ON profile.tenant_id = page.tenant_id AND profile.id = page.profile_id AND profile.deleted_at IS NULL
    LEFT JOIN LATERAL (
      SELECT min(free.id) AS id, min(free.name) AS name FROM profiles free
      WHERE page.profile_id IS NULL AND free.tenant_id = page.tenant_id AND free.email_key = page.email_key
        AND free.deleted_at IS NULL AND (free.terminated_on IS NULL OR free.terminated_on >= ${today})
        AND NOT EXISTS (
          SELECT 1 FROM employee_links taken
          WHERE taken.tenant_id = free.tenant_id AND taken.profile_id = free.id)
        AND NOT EXISTS (
          SELECT 1 FROM employees other
          WHERE other.tenant_id = page.tenant_id AND other.email_key = page.email_key AND other.id <> page.id
            AND NOT EXISTS (
              SELECT 1 FROM employee_links taken
              WHERE taken.tenant_id = other.tenant_id AND taken.employee_id = other.id))
      HAVING count(*) = 1
    ) suggested ON TRUE
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count FROM (${parkedAbsences(tenantId, horizon)}) waiting
      WHERE waiting.profile_id = page.profile_id
    ) parked
    ORDER BY page.sort_key, page.id COLLATE "C"`;
}
