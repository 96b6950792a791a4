import type { CivilDate } from '../domain/civil-date.ts';
import type {
  AbsenceFact,
  AbsenceMeaning,
  EditFact,
  EmployeeFacts,
  HolidayFact,
  PlannedFact,
} from '../domain/day.ts';
import type { DateRange } from '../domain/horizon.ts';
import type { Executor } from './database.ts';

/** What is shared by all employees of a tenant while their days are computed. */
export interface TenantFacts {
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

/** The tenant's default week, what its absence types mean, and its day types. */
export async function loadTenantFacts(db: Executor, tenantId: string): Promise<TenantFacts> {
  const tenant = await db.tenant.findUniqueOrThrow({
    where: { id: tenantId },
    select: { defaultWeekMinutes: true },
  });
  const dayTypes = await db.dayType.findMany({ where: { tenantId } });
  const minutes = new Map(dayTypes.map((one) => [one.id, one.expectedMinutes]));
  const types = await db.absenceType.findMany({ where: { tenantId }, select: { id: true, workable: true } });
  const mappings = await db.dayTypeMapping.findMany({ where: { tenantId } });
  const mappingOf = new Map(mappings.map((one) => [one.absenceTypeId, one]));
  const meanings = new Map(
    types.map(({ id, workable }): [string, AbsenceMeaning] => {
      const mapping = mappingOf.get(id);
      return [id, toMeaning(mapping ?? null, workable, minutes)];
    }),
  );
  return {
    defaultWeekMinutes: tenant.defaultWeekMinutes,
    meanings,
    dayTypes: new Map(dayTypes.map(({ id, key, name, color }) => [id, { id, key, name, color }])),
  };
}

function toMeaning(
  mapping: { dayTypeId: string | null; ignored: boolean; version: number } | null,
  workable: boolean,
  minutesOf: ReadonlyMap<string, number>,
): AbsenceMeaning {
  if (mapping?.ignored === true) return { status: 'ignored' };
  if (mapping === null || mapping.dayTypeId === null) return { status: 'to_be_mapped' };
  const { dayTypeId, version } = mapping;
  return { status: 'mapped', dayTypeId, minutes: minutesOf.get(dayTypeId) ?? 0, version, workable };
}

interface EmployeeRow {
  id: string;
  startsOn: CivilDate | null;
  endsOn: CivilDate | null;
  profileId: string | null;
  terminatedOn: CivilDate | null;
}

/**
 * Everything that the days of some employees follow from, for one range of dates. `horizon` decides whether Factorial's
 * plan is known at all. Employees that do not exist are left out.
 */
export async function loadFacts(
  db: Executor,
  tenantId: string,
  employeeIds: readonly string[],
  range: DateRange,
  horizon: DateRange,
  shared: TenantFacts,
): Promise<Map<string, EmployeeFacts>> {
  const ids = [...employeeIds];
  // One look-up each: a tenant that the database's statistics do not know yet would be joined whole to each of its rows.
  const employees = await db.$queryRaw<EmployeeRow[]>`
    SELECT employee.id, employee.starts_on::text AS "startsOn", employee.ends_on::text AS "endsOn",
           profile.id AS "profileId", profile.terminated_on::text AS "terminatedOn"
    FROM employees employee
    LEFT JOIN LATERAL (SELECT profile_id FROM employee_links link
      WHERE link.tenant_id = employee.tenant_id AND link.employee_id = employee.id LIMIT 1) link ON true
    LEFT JOIN LATERAL (SELECT id, terminated_on FROM profiles profile
      WHERE profile.tenant_id = employee.tenant_id AND profile.id = link.profile_id AND profile.deleted_at IS NULL LIMIT 1) profile ON true
    WHERE employee.tenant_id = ${tenantId} AND employee.id = ANY(${ids})`;
  const profileIds = employees.flatMap(({ profileId }) => (profileId === null ? [] : [profileId]));
  const linked = profileIds.length > 0;

  const edits = groupBy(
    await db.$queryRaw<(EditFact & { employeeId: string; date: CivilDate })[]>`
      SELECT employee_id AS "employeeId", date::text, day_type_id AS "dayTypeId", expected_minutes AS "expectedMinutes"
      FROM manual_edits WHERE tenant_id = ${tenantId} AND employee_id = ANY(${ids})
        AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
    (row) => row.employeeId,
  );
  const locations = groupBy(
    !linked
      ? []
      : await db.$queryRaw<{ profileId: string; fromOn: CivilDate; locationId: string | null }[]>`
          SELECT profile_id AS "profileId", from_on::text AS "fromOn", location_id AS "locationId"
          FROM profile_locations WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds}) ORDER BY from_on`,
    (row) => row.profileId,
  );
  const planned = groupBy(
    !linked
      ? []
      : await db.$queryRaw<(PlannedFact & { profileId: string; date: CivilDate })[]>`
          SELECT profile_id AS "profileId", date::text, minutes::text, source, changed_read_number::text AS "readNumber"
          FROM planned_minutes WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds})
            AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
    (row) => row.profileId,
  );
  const planKnown = new Set(
    !linked
      ? []
      : (
          await db.$queryRaw<{ profileId: string }[]>`
            SELECT profile.id AS "profileId" FROM unnest(${profileIds}::text[]) AS profile(id)
            WHERE EXISTS (SELECT 1 FROM planned_minutes plan
              WHERE plan.tenant_id = ${tenantId} AND plan.profile_id = profile.id
                AND plan.date BETWEEN ${horizon.from}::date AND ${horizon.to}::date
                AND plan.minutes IS NOT NULL AND plan.source IS DISTINCT FROM 'none')`
        ).map((row) => row.profileId),
  );
  const absences = groupBy(
    !linked
      ? []
      : await db.$queryRaw<(AbsenceFact & { profileId: string })[]>`
          SELECT id, profile_id AS "profileId", absence_type_id AS "absenceTypeId", start_on::text AS "startOn",
                 finish_on::text AS "finishOn", half_day AS "halfDay", hours_in_cents AS "hoursInCents", approved,
                 changed_read_number::text AS "readNumber"
          FROM absences WHERE tenant_id = ${tenantId} AND profile_id = ANY(${profileIds}) AND deleted_at IS NULL
            AND start_on <= ${range.to}::date AND (finish_on IS NULL OR finish_on >= ${range.from}::date)`,
    (row) => row.profileId,
  );
  const holidays = groupBy(
    !linked
      ? []
      : await db.$queryRaw<HolidayFact[]>`
          SELECT id, location_id AS "locationId", date::text, half_day AS "halfDay", changed_read_number::text AS "readNumber"
          FROM holidays WHERE tenant_id = ${tenantId} AND deleted_at IS NULL
            AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
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

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}
