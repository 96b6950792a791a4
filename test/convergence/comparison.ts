import { eachDay, weekday, type CivilDate } from '../../domain/civil-date.ts';
import type { DayProvenance } from '../../domain/day.ts';
import { horizonAt, readWindow } from '../../domain/horizon.ts';
import { onboardedEmployeeId } from '../../domain/onboarding.ts';
import { toCivil } from '../../repositories/civil.ts';
import { findEmployees, type EmployeeRow } from '../../repositories/employee-rows.ts';
import { countParked } from '../../repositories/parked.ts';
import { toEstimatedTime } from '../../simulator/shapes/estimated-time.ts';
import { wrongTombstones } from './early-comparison.ts';
import type { Player } from './player.ts';
import { referenceDay, toLine, type LeaveRow, type Said } from './reference.ts';

/** Things in one line each, by their names, so that two sets compare as text. */
type Lines = Map<string, string>;

/**
 * Where WorkMeter differs from Factorial after a history, in sentences; none when rule 4 holds. Compared are the days with all
 * that explains them, the facts behind them, what is parked, who was taken in, and what the change feed has told.
 */
export async function differences(player: Player): Promise<string[]> {
  const truth = await readTruth(player);
  return [
    ...player.early,
    ...between('fact', await storedFacts(player), expectedFacts(truth)),
    ...between('day', storedDays(truth), expectedDays(truth)),
    ...between('told day', toldDays(truth), visibleDays(truth)),
    ...between('told employee', toldEmployees(truth), expectedEmployees(truth)),
    ...between('all that is told of employee', toldWhole(truth), await wholeEmployees(player, truth)),
    ...between('parked', await parkedCounts(player), expectedParked(truth)),
    ...between('failure', await openFailures(player, truth), expectedFailures(truth)),
    ...(await leftovers(player)),
    ...notTakenIn(player, truth),
    ...takenInWrongly(player, truth),
    ...(await wrongTombstones(player)),
    ...(await deletedWithoutApproval(player)),
  ];
}

function between(what: string, actual: Lines, expected: Lines): string[] {
  const names = [...new Set([...actual.keys(), ...expected.keys()])].toSorted();
  return names
    .filter((name) => actual.get(name) !== expected.get(name))
    .map(
      (name) =>
        `${what} ${name}: is ${actual.get(name) ?? 'missing'}, must be ${expected.get(name) ?? 'missing'}`,
    );
}

/** What Factorial has, and what people set in WorkMeter. */
type Truth = Awaited<ReturnType<typeof readTruth>>;

async function readTruth(player: Player) {
  const { db, tenantId, nowMs, company, world } = player;
  const where = { where: { tenantId } };
  const tenant = await db.tenant.findUniqueOrThrow({ where: { id: tenantId } });
  const horizon = horizonAt(nowMs, tenant);
  const minutesOf = new Map((await db.dayType.findMany(where)).map((one) => [one.id, one.expectedMinutes]));
  const mappings = await db.dayTypeMapping.findMany(where);
  const said = new Map(
    mappings.map(({ absenceTypeId, dayTypeId, ignored }): [string, Said] => [
      absenceTypeId,
      ignored
        ? 'ignored'
        : dayTypeId === null
          ? 'nothing'
          : { dayTypeId, minutes: minutesOf.get(dayTypeId) ?? 0 },
    ]),
  );
  const links = await db.employeeLink.findMany(where);
  // Days that have left the horizon keep the plan that was read while they were in it.
  const plans = await db.plannedMinutes.findMany({
    where: { tenantId, date: { lt: new Date(horizon.from) } },
  });
  const days = await db.calendarDay.findMany(where);
  return {
    company,
    world,
    tenant,
    horizon,
    window: readWindow(horizon),
    saidOf: (typeId: string | null): Said => said.get(typeId ?? '') ?? 'nothing',
    employees: await db.employee.findMany(where),
    profileOf: new Map(links.map((link) => [link.employeeId, link.profileId])),
    edits: await db.manualEdit.findMany(where),
    observed: await db.profileLocation.findMany({ ...where, orderBy: { fromOn: 'asc' } }),
    oldPlans: new Map(plans.map((row) => [`${row.profileId}/${toCivil(row.date)}`, row])),
    days,
    changes: await db.change.findMany({ ...where, orderBy: { sequence: 'asc' } }),
  };
}

function leavesOf({ company, window }: Pick<Truth, 'company' | 'window'>): LeaveRow[] {
  return company.leaves
    .all()
    .filter(
      (row) =>
        row.deleted_at === null && row.start_on <= window.to && (row.finish_on ?? window.from) >= window.from,
    );
}

function expectedDays(truth: Truth): Lines {
  const { company, world, tenant, horizon, window } = truth;
  const leaves = leavesOf(truth);
  const holidays = company.holidays.all();
  const workable = new Set(company.leaveTypes.all().flatMap(({ id, workable: yes }) => (yes ? [id] : [])));
  const days: Lines = new Map();
  for (const employee of truth.employees) {
    const person = company.employees.get(truth.profileOf.get(employee.id) ?? '');
    const own = leaves.filter((row) => row.employee_id === person?.id);
    const planOn = (date: CivilDate): string | null => {
      if (person === undefined) return null;
      const { expected_minutes: minutes, source } =
        date < horizon.from
          ? toPlan(truth.oldPlans.get(`${person.id}/${date}`))
          : toEstimatedTime(world, company, person, date);
      return minutes === null || source === 'none' ? null : String(minutes);
    };
    const isPlanKnown = [...eachDay(horizon.from, horizon.to)].some((date) => planOn(date) !== null);
    // Days that have left the horizon stay.
    const kept = truth.days
      .filter((day) => day.employeeId === employee.id)
      .map((day) => toCivil(day.date))
      .filter((date) => date >= window.from && date < horizon.from);
    for (const date of [...kept, ...eachDay(horizon.from, horizon.to)]) {
      const edit = truth.edits.find((one) => one.employeeId === employee.id && toCivil(one.date) === date);
      const line = referenceDay({
        date,
        firstDay: employee.startsOn && toCivil(employee.startsOn),
        lastDay: employee.endsOn && toCivil(employee.endsOn),
        person:
          person === undefined
            ? null
            : {
                terminatedOn: person.terminated_on,
                locationId: observedOn(truth, person.id, date),
                plannedMinutes: planOn(date),
                isPlanKnown,
                leaves: own,
                holidays,
              },
        usualMinutes: tenant.defaultWeekMinutes[weekday(date)] ?? 0,
        saidOf: truth.saidOf,
        isWorkable: (typeId) => workable.has(typeId ?? ''),
        edit: edit ?? null,
      });
      if (line !== null) days.set(`${employee.id}/${date}`, line);
    }
  }
  return days;
}

function toPlan(row: { minutes: { toString(): string } | null; source: string | null } | undefined) {
  return { expected_minutes: row?.minutes?.toString() ?? null, source: row?.source ?? null };
}

function observedOn({ observed }: Truth, profileId: string, date: CivilDate): string | null {
  const own = observed.filter((one) => one.profileId === profileId);
  return (own.findLast((one) => toCivil(one.fromOn) <= date) ?? own[0])?.locationId ?? null;
}

function storedDays({ days, window, horizon }: Truth): Lines {
  const inWindow = days.filter(({ date }) => toCivil(date) >= window.from && toCivil(date) <= horizon.to);
  return new Map(
    inWindow.map(({ employeeId, date, provenance, ...day }) => {
      const { claims, ignored } = provenance as unknown as DayProvenance;
      const line = toLine({
        ...day,
        claims: claims.map((claim) => ({ id: claim.factorialId, share: claim.share })),
        ignored: ignored.map((one) => ({ id: one.factorialId, reason: one.reason })),
      });
      return [`${employeeId}/${toCivil(date)}`, line];
    }),
  );
}

/** The facts themselves: what days outside of the horizon are computed from, and what a later link or mapping applies. */
function expectedFacts(truth: Truth): Lines {
  const { company, world, window, horizon } = truth;
  const linked = new Set(truth.profileOf.values());
  const plans = company.employees.all().flatMap((person) =>
    linked.has(person.id)
      ? [...eachDay(horizon.from, horizon.to)].flatMap((date): [string, string][] => {
          const { expected_minutes: minutes, source } = toEstimatedTime(world, company, person, date);
          return minutes === null || source === 'none'
            ? []
            : [[`plan ${person.id}/${date}`, String(minutes)]];
        })
      : [],
  );
  return new Map([
    ...company.employees
      .all()
      .map((row): [string, string] => [
        `profile ${row.id}`,
        say([
          `${row.first_name} ${row.last_name}`,
          row.email,
          row.location_id,
          row.terminated_on,
          row.seniority_calculation_date,
        ]),
      ]),
    ...leavesOf(truth).map((row): [string, string] => [
      `absence ${row.id}`,
      say([
        row.employee_id,
        row.leave_type_id,
        row.start_on,
        row.finish_on,
        row.half_day,
        row.hours_amount_in_cents,
        row.approved,
      ]),
    ]),
    ...company.leaveTypes
      .all()
      .map((row): [string, string] => [`type ${row.id}`, say([row.name, row.active, row.workable])]),
    ...company.holidays
      .all()
      .filter(({ date }) => date >= window.from && date <= window.to)
      .map((row): [string, string] => [`holiday ${row.id}`, say([row.location_id, row.date, row.half_day])]),
    ...plans,
  ]);
}

async function storedFacts({ db, tenantId, horizon }: Player): Promise<Lines> {
  const alive = { tenantId, deletedAt: null };
  const window = readWindow(horizon);
  const inWindow = { gte: new Date(window.from), lte: new Date(window.to) };
  const links = await db.employeeLink.findMany({ where: { tenantId } });
  const profiles = await db.profile.findMany({ where: alive });
  const absences = await db.absence.findMany({
    where: {
      ...alive,
      startOn: { lte: inWindow.lte },
      OR: [{ finishOn: null }, { finishOn: { gte: inWindow.gte } }],
    },
  });
  const holidays = await db.holiday.findMany({ where: { ...alive, date: inWindow } });
  const types = await db.absenceType.findMany({ where: { tenantId } });
  const present = new Set(profiles.map(({ id }) => id));
  const plans = await db.plannedMinutes.findMany({
    where: {
      tenantId,
      profileId: { in: links.map((link) => link.profileId).filter((id) => present.has(id)) },
      date: { gte: new Date(horizon.from), lte: new Date(horizon.to) },
      minutes: { not: null },
      NOT: { source: 'none' },
    },
  });
  return new Map([
    ...profiles.map((row): [string, string] => [
      `profile ${row.id}`,
      say([row.name, row.email, row.locationId, toCivil(row.terminatedOn), toCivil(row.seniorityOn)]),
    ]),
    ...absences.map((row): [string, string] => [
      `absence ${row.id}`,
      say([
        row.profileId,
        row.absenceTypeId,
        toCivil(row.startOn),
        toCivil(row.finishOn),
        row.halfDay,
        row.hoursInCents,
        row.approved,
      ]),
    ]),
    ...types.map((row): [string, string] => [`type ${row.id}`, say([row.name, row.active, row.workable])]),
    ...holidays.map((row): [string, string] => [
      `holiday ${row.id}`,
      say([row.locationId, toCivil(row.date), row.halfDay]),
    ]),
    ...plans.map((row): [string, string] => [
      `plan ${row.profileId}/${toCivil(row.date)}`,
      String(row.minutes),
    ]),
  ]);
}

/** What somebody who reads the feed from its start knows of the days. */
function toldDays({ changes }: Truth): Lines {
  const days: Lines = new Map();
  for (const { entity, entityId, operation, data } of changes) {
    if (entity !== 'calendar_day') continue;
    const { dayType, ...day } = data as unknown as FeedDay;
    if (operation === 'delete') days.delete(entityId);
    else days.set(entityId, say([dayType.id, day.plannedMinutes, day.expectedMinutes, day.source]));
  }
  return days;
}

interface FeedDay {
  readonly dayType: { readonly id: string };
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: string;
}

function visibleDays({ days }: Truth): Lines {
  return new Map(
    days.map((row) => [
      `${row.employeeId}/${toCivil(row.date)}`,
      say([row.dayTypeId, row.plannedMinutes, row.expectedMinutes, row.source]),
    ]),
  );
}

function toldEmployees({ changes }: Truth): Lines {
  const rows = changes.filter(({ entity }) => entity === 'employee');
  return new Map(
    rows.map(({ entityId, data }) => {
      const { active, link } = data as { active: boolean; link: { profileId: string } | null };
      return [entityId, say([active, link?.profileId ?? null])];
    }),
  );
}

/** The feed's last word about each employee, and what the routes say of them: one thing. */
function toldWhole({ changes }: Truth): Lines {
  const rows = changes.filter(({ entity }) => entity === 'employee');
  return new Map(rows.map(({ entityId, data }) => [entityId, sayEmployee(data as unknown as EmployeeRow)]));
}

async function wholeEmployees({ db, tenantId, nowMs }: Player, { employees }: Truth): Promise<Lines> {
  const ids = employees.map((employee) => employee.id);
  const rows = await findEmployees(db, tenantId, ids, nowMs);
  return new Map(rows.map((row) => [row.employeeId, sayEmployee(row)]));
}

const sayEmployee = (row: EmployeeRow): string =>
  say([
    row.name,
    row.email,
    row.active,
    row.startsOn,
    row.endsOn,
    row.link?.profileId,
    row.link?.name,
    row.suggestion?.profileId,
    row.suggestion?.name,
    row.parked,
  ]);

/** Inactive from the day after the last one, whether by Factorial or by WorkMeter. */
function expectedEmployees({ company, horizon: { today }, employees, profileOf }: Truth): Lines {
  return new Map(
    employees.map(({ id, startsOn, endsOn }) => {
      const profileId = profileOf.get(id) ?? null;
      const ends = [toCivil(endsOn), company.employees.get(profileId ?? '')?.terminated_on ?? null];
      const active = (toCivil(startsOn) ?? today) <= today && ends.every((end) => (end ?? today) >= today);
      return [id, say([active, profileId])];
    }),
  );
}

async function parkedCounts({ db, tenantId, horizon }: Player): Promise<Lines> {
  const { absences, types, employees } = await countParked(db, tenantId, horizon);
  return new Map([['counts', say([absences, types, employees])]]);
}

function expectedParked(truth: Truth): Lines {
  const { horizon, saidOf } = truth;
  const linked = new Set(truth.profileOf.values());
  const parked = leavesOf(truth).filter((row) => {
    const said = saidOf(row.leave_type_id);
    const touches = row.start_on <= horizon.to && (row.finish_on ?? horizon.from) >= horizon.from;
    return (
      touches &&
      row.approved === true &&
      said !== 'ignored' &&
      (said === 'nothing' || !linked.has(row.employee_id))
    );
  });
  const types = parked
    .filter((row) => saidOf(row.leave_type_id) === 'nothing')
    .map((row) => row.leave_type_id);
  const people = parked.map((row) => row.employee_id);
  return new Map([['counts', say([parked.length, new Set(types).size, new Set(people).size])]]);
}

/** Of what lies in the window: a reconciliation looks at nothing else. */
async function openFailures(
  { db, tenantId }: Player,
  { company, window, world, profileOf }: Truth,
): Promise<Lines> {
  const rows = await db.failure.findMany({ where: { tenantId, status: { not: 'resolved' } } });
  const isOutside = (id: string): boolean => {
    const leave = company.leaves.get(id);
    const date = company.holidays.get(id)?.date ?? leave?.start_on;
    return date !== undefined && (date > window.to || (leave?.finish_on ?? date) < window.from);
  };
  // Of people who have all vanished, and where no holidays are left, there is nothing to list, and this is how that may look.
  const isEmpty = (resource: string): boolean =>
    resource === 'planned_minutes'
      ? [...profileOf.values()].every((id) => company.employees.get(id) === undefined)
      : resource === 'holidays' &&
        company.holidays.all().every(({ date }) => date < window.from || date > window.to);
  const isNoList = ({ resource, code }: (typeof rows)[number]): boolean =>
    world.switches.emptyList === 'errorsNull' && code === 'schema_drift' && isEmpty(resource);
  return new Map(
    rows
      .filter((row) => !isOutside(row.factorialId) && !isNoList(row))
      .map((row) => [`${row.resource} ${row.factorialId}`, row.code]),
  );
}

function expectedFailures(truth: Truth): Lines {
  const isUnknown = (half: string | null) =>
    half !== null && half !== 'beginning_of_day' && half !== 'end_of_day';
  const leaves = leavesOf(truth).filter((row) => row.finish_on !== null && isUnknown(row.half_day));
  const holidays = truth.company.holidays
    .all()
    .filter((row) => isUnknown(row.half_day) && row.date >= truth.window.from && row.date <= truth.window.to);
  return new Map([
    ...leaves.map((row): [string, string] => [`absences ${row.id}`, 'unknown_value']),
    ...holidays.map((row): [string, string] => [`holidays ${row.id}`, 'unknown_value']),
  ]);
}

/** Work that nobody would come back to. */
async function leftovers({ db, tenantId }: Player): Promise<string[]> {
  const [counts = {}] = await db.$queryRaw<Record<string, number>[]>`
    SELECT (SELECT count(*)::int FROM recompute_marks WHERE tenant_id = ${tenantId}) AS marks,
      (SELECT count(*)::int FROM swept_ids WHERE tenant_id = ${tenantId}) AS "listed ids",
      (SELECT count(*)::int FROM employee_links WHERE tenant_id = ${tenantId} AND planned_read_number IS NULL) AS "unread plans",
      (SELECT count(*)::int FROM inbox WHERE tenant_id = ${tenantId} AND outcome IS NULL) AS deliveries`;
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what} are left`] : []));
}

/** People who appeared after the connection was made must have become employees, unless somebody linked them or they left. */
function notTakenIn({ hired }: Player, truth: Truth): string[] {
  const linked = new Set(truth.profileOf.values());
  const known = new Set(truth.employees.map(({ id }) => id));
  return [...hired].flatMap((profileId) => {
    const person = truth.company.employees.get(profileId);
    const isThere =
      person !== undefined && (person.terminated_on ?? truth.horizon.today) >= truth.horizon.today;
    const isKnown = linked.has(profileId) || known.has(onboardedEmployeeId(profileId));
    return isThere && !isKnown ? [`${profileId} was not taken in`] : [];
  });
}

/** Those who were there when the connection was made are matched by people. */
function takenInWrongly({ founders }: Player, { employees }: Truth): string[] {
  const ids = new Set(employees.map(({ id }) => id));
  return [...founders].filter((id) => ids.has(onboardedEmployeeId(id))).map((id) => `${id} was taken in`);
}

/** No profile may be deleted without somebody's approval (rule 6), and each that was let go counts as drift. */
async function deletedWithoutApproval({ db, tenantId }: Player): Promise<string[]> {
  const profiles = await db.profile.findMany({ where: { tenantId, deletedAt: { not: null } } });
  const approved = await db.pendingDeletion.findMany({
    where: { tenantId, kind: 'employees', decision: 'approve' },
  });
  const may = new Set(approved.map(({ factorialId }) => factorialId));
  const reconciliations = await db.reconciliation.findMany({ where: { tenantId }, select: { drift: true } });
  const counted = reconciliations.reduce(
    (sum, { drift }) => sum + ((drift as { employees?: { deleted: number } }).employees?.deleted ?? 0),
    0,
  );
  return [
    ...profiles
      .filter(({ id }) => !may.has(id))
      .map(({ id }) => `profile ${id} was deleted without approval`),
    ...(counted === profiles.length ? [] : [`${counted} of ${profiles.length} deleted profiles are drift`]),
  ];
}

const say = (values: readonly (string | number | boolean | null | undefined)[]): string =>
  values.map((value) => String(value ?? null)).join(' | ');
