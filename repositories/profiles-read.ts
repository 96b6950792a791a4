import type { CivilDate } from '../domain/civil-date.ts';
import type { Executor } from './database.ts';
import { Prisma } from './generated/client.ts';
import { readHorizon } from './settings.ts';
import { containsQuery, folded, isAfter, cutPage, type Page, type PageRequest } from './text-order.ts';

/** Factorial's employee, as the wizard shows it. */
export interface ProfileRow {
  readonly profileId: string;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly terminatedOn: CivilDate | null;
  readonly linkedTo: { readonly employeeId: string; readonly name: string } | null;
}

type RawProfile = Omit<ProfileRow, 'linkedTo'> & {
  sortKey: string;
  employeeId: string | null;
  employeeName: string | null;
};

/**
 * One page of a tenant's profiles, terminated ones included, by name and id. A profile is active up to and including
 * its `terminatedOn`; Factorial's own flag decides only where it says that there is no access at all.
 */
export async function listProfiles(
  db: Executor,
  tenantId: string,
  filter: { readonly query?: string | undefined },
  page: PageRequest,
  nowMs: number,
): Promise<Page<ProfileRow>> {
  const { today } = await readHorizon(db, tenantId, nowMs);
  const name = folded(Prisma.sql`profile.name`);
  const columns = [Prisma.sql`profile.name`, Prisma.sql`profile.email`];
  const raws = await db.$queryRaw<RawProfile[]>`
    SELECT ${name} COLLATE "C" AS "sortKey", profile.id AS "profileId", profile.name, profile.email,
           coalesce(profile.terminated_on >= ${today}::date, profile.active, TRUE) AS active,
           profile.terminated_on::text AS "terminatedOn", employee.id AS "employeeId", employee.name AS "employeeName"
    FROM profiles profile
    LEFT JOIN employee_links link ON link.tenant_id = profile.tenant_id AND link.profile_id = profile.id
    LEFT JOIN employees employee ON employee.tenant_id = link.tenant_id AND employee.id = link.employee_id
    WHERE profile.tenant_id = ${tenantId} AND profile.deleted_at IS NULL
      AND ${containsQuery(filter.query, columns)} AND ${isAfter(name, Prisma.sql`profile.id`, page.after)}
    ORDER BY "sortKey", profile.id COLLATE "C" LIMIT ${page.limit + 1}::int`;
  return cutPage(raws, page.limit, (raw) => raw.profileId, toProfileRow);
}

function toProfileRow({
  profileId,
  name,
  email,
  active,
  terminatedOn,
  employeeId,
  employeeName,
}: RawProfile): ProfileRow {
  const linkedTo = employeeId === null || employeeName === null ? null : { employeeId, name: employeeName };
  return { profileId, name, email, active, terminatedOn, linkedTo };
}
