import type { CivilDate } from '../domain/civil-date.ts';
import {
  isPlanKnown,
  type AbsenceFact,
  type AbsenceMeaning,
  type EditFact,
  type EmployeeFacts,
  type HolidayFact,
  type PlannedFact,
} from '../domain/day.ts';
import { DomainError } from '../domain/errors.ts';
import { horizonAt, type DateRange, type HorizonSettings } from '../domain/horizon.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Executor } from './database.ts';
import { Prisma } from './generated/client.ts';

/** What is shared by all employees of a tenant while their days are computed. */
export interface TenantFacts {
  readonly horizon: DateRange & { readonly today: CivilDate };
  readonly defaultWeekMinutes: readonly number[];
  readonly meanings: ReadonlyMap<string, AbsenceMeaning>;
  readonly dayTypes: ReadonlyMap<string, DayTypeFact>;
}

export interface DayTypeFact {
  readonly id: string;
  readonly key: string | null;
  readonly name: string;
  readonly color: string;
}

interface MeaningRow {
  readonly id: string;
  readonly workable: boolean;
  readonly dayTypeId: string | null;
  readonly ignored: boolean | null;
  readonly version: number;
  readonly minutes: number | null;
}

/** The tenant's horizon at an instant, its default week, what its absence types mean, and its day types: in one statement. */
export async function loadTenantFacts(db: Executor, tenantId: string, nowMs: number): Promise<TenantFacts> {
  const [tenant] = await runPrepared<
    HorizonSettings & { defaultWeekMinutes: number[]; dayTypes: DayTypeFact[]; types: MeaningRow[] }
  >(
    db,
    'load-tenant-facts',
    Prisma.sql`
    SELECT time_zone AS "timeZone", horizon_days_back AS "horizonDaysBack", horizon_days_ahead AS "horizonDaysAhead",
      default_week_minutes AS "defaultWeekMinutes",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'name', name, 'color', color)), '[]')
       FROM day_types WHERE tenant_id = ${tenantId}) AS "dayTypes",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', type.id, 'workable', type.workable, 'dayTypeId', mapping.day_type_id,
         'ignored', mapping.ignored, 'version', mapping.version, 'minutes', day_type.expected_minutes)), '[]')
       FROM absence_types type
       LEFT JOIN day_type_mappings mapping ON mapping.tenant_id = type.tenant_id AND mapping.absence_type_id = type.id
       LEFT JOIN day_types day_type ON day_type.tenant_id = type.tenant_id AND day_type.id = mapping.day_type_id
       WHERE type.tenant_id = ${tenantId}) AS types
    FROM tenants WHERE id = ${tenantId}`,
  );
  if (tenant === undefined) throw new DomainError('not_found', 'There is no such tenant.');
  return {
    horizon: horizonAt(nowMs, tenant),
    defaultWeekMinutes: tenant.defaultWeekMinutes,
    meanings: new Map(tenant.types.map((type) => [type.id, toMeaning(type)])),
    dayTypes: new Map(tenant.dayTypes.map((type) => [type.id, type])),
  };
}

function toMeaning({ dayTypeId, ignored, version, minutes, workable }: MeaningRow): AbsenceMeaning {
  if (ignored === true) return { status: 'ignored' };
  if (dayTypeId === null) return { status: 'to_be_mapped' };
  return { status: 'mapped', dayTypeId, minutes: minutes ?? 0, version, workable };
}

interface EmployeeRow {
  id: string;
  startsOn: CivilDate | null;
  endsOn: CivilDate | null;
  profileId: string | null;
  terminatedOn: CivilDate | null;
}

/**
 * Everything that the days of some employees follow from, for one range of dates. The horizon decides whether Factorial's
 * plan is known at all. Employees that do not exist are left out.
 */
export async function loadFacts(
  db: Executor,
  tenantId: string,
  employeeIds: readonly string[],
  range: DateRange,
  shared: TenantFacts,
): Promise<Map<string, EmployeeFacts>> {
  const { horizon } = shared;
  const ids = toArrayLiteral(employeeIds);
  // One look-up each: a tenant that the database's statistics do not know yet would be joined whole to each of its rows.
  const employees = await runPrepared<EmployeeRow>(
    db,
    'load-employees',
    Prisma.sql`
    SELECT employee.id, employee.starts_on::text AS "startsOn", employee.ends_on::text AS "endsOn",
           profile.id AS "profileId", profile.terminated_on::text AS "terminatedOn"
    FROM unnest(${ids}::text::text[]) AS named(id)
    CROSS JOIN LATERAL (SELECT * FROM employees
      WHERE employees.tenant_id = ${tenantId} AND employees.id = named.id LIMIT 1) employee
    LEFT JOIN LATERAL (SELECT profile_id FROM employee_links link
      WHERE link.tenant_id = employee.tenant_id AND link.employee_id = employee.id LIMIT 1) link ON true
    LEFT JOIN LATERAL (SELECT id, terminated_on FROM profiles profile
      WHERE profile.tenant_id = employee.tenant_id AND profile.id = link.profile_id AND profile.deleted_at IS NULL LIMIT 1) profile ON true`,
  );
  const linkedIds = employees.flatMap(({ profileId }) => (profileId === null ? [] : [profileId]));
  const linked = linkedIds.length > 0;
  const profileIds = toArrayLiteral(linkedIds);

  const edits = groupBy(
    await runPrepared<EditFact & { employeeId: string; date: CivilDate }>(
      db,
      'load-edits',
      Prisma.sql`
      SELECT employee_id AS "employeeId", date::text, day_type_id AS "dayTypeId", expected_minutes AS "expectedMinutes"
      FROM manual_edits WHERE tenant_id = ${tenantId} AND employee_id = ANY(${ids}::text::text[])
        AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
    ),
    (row) => row.employeeId,
  );
  const locations = groupBy(
    !linked
      ? []
      : await runPrepared<{ profileId: string; fromOn: CivilDate; locationId: string | null }>(
          db,
          'load-locations',
          Prisma.sql`
          SELECT profile_id AS "profileId", from_on::text AS "fromOn", location_id AS "locationId"
          FROM profile_locations WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds}::text::text[]) ORDER BY from_on`,
        ),
    (row) => row.profileId,
  );
  const planned = groupBy(
    !linked
      ? []
      : await runPrepared<PlannedFact & { profileId: string; date: CivilDate }>(
          db,
          'load-plans',
          Prisma.sql`
          SELECT profile_id AS "profileId", date::text, minutes::text, source, changed_read_number::text AS "readNumber"
          FROM planned_minutes WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds}::text::text[])
            AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
        ),
    (row) => row.profileId,
  );
  const planKnown = !linked
    ? new Set<string>()
    : range.from <= horizon.from && horizon.to <= range.to
      ? knownAmong(planned, horizon)
      : await knownPlans(db, tenantId, linkedIds, horizon);
  const absences = groupBy(
    !linked
      ? []
      : await runPrepared<AbsenceFact & { profileId: string }>(
          db,
          'load-absences',
          Prisma.sql`
          SELECT id, profile_id AS "profileId", absence_type_id AS "absenceTypeId", start_on::text AS "startOn",
                 finish_on::text AS "finishOn", half_day AS "halfDay", hours_in_cents AS "hoursInCents", approved,
                 changed_read_number::text AS "readNumber"
          FROM absences WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds}::text::text[]) AND deleted_at IS NULL
            AND start_on <= ${range.to}::date AND (finish_on IS NULL OR finish_on >= ${range.from}::date)`,
        ),
    (row) => row.profileId,
  );
  const holidays = groupBy(
    !linked
      ? []
      : await runPrepared<HolidayFact>(
          db,
          'load-holidays',
          Prisma.sql`
          SELECT id, location_id AS "locationId", date::text, half_day AS "halfDay", changed_read_number::text AS "readNumber"
          FROM holidays WHERE tenant_id = ${tenantId} AND deleted_at IS NULL
            AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
        ),
    (row) => row.date,
  );

  return new Map(
    employees.map(({ id, startsOn, endsOn, profileId, terminatedOn }): [string, EmployeeFacts] => [
      id,
      {
        startsOn,
        endsOn,
        profile: profileId === null ? null : { terminatedOn, locations: locations.get(profileId) ?? [] },
        planned: new Map((planned.get(profileId ?? '') ?? []).map((row) => [row.date, row])),
        planKnown: profileId !== null && planKnown.has(profileId),
        defaultWeekMinutes: shared.defaultWeekMinutes,
        holidays,
        absences: absences.get(profileId ?? '') ?? [],
        meanings: shared.meanings,
        edits: new Map((edits.get(id) ?? []).map((row) => [row.date, row])),
      },
    ]),
  );
}

/** Of whom a day of the horizon says something, among rows that reach over all of it. */
function knownAmong(
  planned: ReadonlyMap<string, readonly (PlannedFact & { readonly date: CivilDate })[]>,
  { from, to }: DateRange,
): Set<string> {
  const known = [...planned].filter(([, rows]) =>
    rows.some((row) => row.date >= from && row.date <= to && isPlanKnown(row)),
  );
  return new Set(known.map(([profileId]) => profileId));
}

async function knownPlans(
  db: Executor,
  tenantId: string,
  profileIds: readonly string[],
  { from, to }: DateRange,
): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ profileId: string }[]>`
    SELECT profile.id AS "profileId" FROM unnest(${toArrayLiteral(profileIds)}::text::text[]) AS profile(id)
    WHERE EXISTS (SELECT 1 FROM planned_minutes plan
      WHERE plan.tenant_id = ${tenantId} AND plan.profile_id = profile.id
        AND plan.date BETWEEN ${from}::date AND ${to}::date
        AND plan.minutes IS NOT NULL AND plan.source IS DISTINCT FROM 'none')`;
  return new Set(rows.map((row) => row.profileId));
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}
