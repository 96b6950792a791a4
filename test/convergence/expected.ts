import { eachDay, type CivilDate } from '../../domain/civil-date.ts';
import {
  expectedDay,
  isPlanKnown,
  type AbsenceMeaning,
  type HolidayFact,
  type PlannedFact,
} from '../../domain/day.ts';
import { horizonAt, readWindow } from '../../domain/horizon.ts';
import type { Player } from './player.ts';

/** A day in one line, so that two calendars compare as text. */
type Days = Record<string, string>;

/** `expected` of rule 4: from Factorial's own truth, and from links, mappings, edits and observed locations. */
export async function expectedDays(player: Player): Promise<Days> {
  const { db, tenantId, nowMs } = player;
  const where = { where: { tenantId } };
  const tenant = await db.tenant.findUniqueOrThrow({ where: { id: tenantId } });
  const horizon = horizonAt(nowMs, tenant);
  const dayTypes = new Map((await db.dayType.findMany(where)).map((one) => [one.id, one.expectedMinutes]));
  const mappings = new Map((await db.dayTypeMapping.findMany(where)).map((one) => [one.absenceTypeId, one]));
  const links = new Map(
    (await db.employeeLink.findMany(where)).map((one) => [one.employeeId, one.profileId]),
  );
  const edits = await db.manualEdit.findMany(where);
  const observed = await db.profileLocation.findMany({ ...where, orderBy: { fromOn: 'asc' } });

  const people = await player.rows<{
    id: string;
    terminated_on: CivilDate | null;
    schedule_id: string | null;
    seniority_calculation_date: CivilDate | null;
  }>('employees');
  const leaves = await player.rows<{
    id: string;
    employee_id: string;
    leave_type_id: string;
    start_on: CivilDate;
    finish_on: CivilDate | null;
    half_day: string | null;
    hours_amount_in_cents: number | null;
    approved: boolean | null;
    deleted_at: string | null;
  }>('leaves');
  const types = await player.rows<{ id: string; workable: boolean }>('leave_types');
  const holidayRows = await player.rows<{
    id: string;
    location_id: string;
    date: CivilDate;
    half_day: string | null;
  }>('holidays');
  const schedules = new Map(
    (await player.rows<{ id: string; weekly_minutes: number[] }>('schedules')).map((one) => [
      one.id,
      one.weekly_minutes,
    ]),
  );
  const exceptions = await player.rows<{
    employee_id: string;
    date: CivilDate;
    expected_minutes: number | null;
    source: string;
  }>('estimated_times');

  const meanings = new Map(
    types.map(({ id, workable }): [string, AbsenceMeaning] => {
      const mapping = mappings.get(id);
      if (mapping?.ignored === true) return [id, { status: 'ignored' }];
      if (mapping?.dayTypeId == null) return [id, { status: 'to_be_mapped' }];
      return [
        id,
        {
          status: 'mapped',
          dayTypeId: mapping.dayTypeId,
          minutes: dayTypes.get(mapping.dayTypeId) ?? 0,
          version: mapping.version,
          workable,
        },
      ];
    }),
  );
  const holidays = new Map<CivilDate, HolidayFact[]>();
  for (const { id, location_id: locationId, date, half_day: halfDay } of holidayRows) {
    holidays.set(date, [...(holidays.get(date) ?? []), { id, locationId, date, halfDay, readNumber: '' }]);
  }

  const days: Days = {};
  for (const employee of await db.employee.findMany(where)) {
    const person = people.find((one) => one.id === links.get(employee.id));
    const planned = new Map<CivilDate, PlannedFact>();
    for (const date of person === undefined ? [] : eachDay(horizon.from, horizon.to)) {
      const exception = exceptions.find((one) => one.employee_id === person?.id && one.date === date);
      const week = person?.schedule_id == null ? undefined : schedules.get(person.schedule_id);
      const isThere =
        (person?.seniority_calculation_date ?? date) <= date && (person?.terminated_on ?? date) >= date;
      const minutes =
        exception === undefined
          ? isThere
            ? (week?.[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? null)
            : null
          : exception.expected_minutes;
      const source =
        exception === undefined
          ? isThere && week !== undefined
            ? 'work_schedule'
            : 'none'
          : exception.source;
      planned.set(date, { minutes: minutes === null ? null : String(minutes), source, readNumber: '' });
    }
    const facts = {
      startsOn: employee.startsOn?.toISOString().slice(0, 10) ?? null,
      endsOn: employee.endsOn?.toISOString().slice(0, 10) ?? null,
      profile:
        person === undefined
          ? null
          : {
              terminatedOn: person.terminated_on,
              locations: observed
                .filter((one) => one.profileId === person.id)
                .map((one) => ({
                  fromOn: one.fromOn.toISOString().slice(0, 10),
                  locationId: one.locationId,
                })),
            },
      planned,
      planKnown: [...planned.values()].some(isPlanKnown),
      defaultWeekMinutes: tenant.defaultWeekMinutes,
      holidays,
      absences: leaves
        .filter((leave) => leave.employee_id === person?.id && leave.deleted_at === null)
        .map((leave) => ({
          id: leave.id,
          absenceTypeId: leave.leave_type_id,
          startOn: leave.start_on,
          finishOn: leave.finish_on,
          halfDay: leave.half_day,
          hoursInCents: leave.hours_amount_in_cents,
          approved: leave.approved,
          readNumber: '',
        })),
      meanings,
      edits: new Map(
        edits
          .filter((edit) => edit.employeeId === employee.id)
          .map((edit) => [edit.date.toISOString().slice(0, 10), edit]),
      ),
    };
    for (const date of eachDay(horizon.from, horizon.to)) {
      const day = expectedDay(facts, date);
      if (day !== null)
        days[`${employee.id}/${date}`] =
          `${day.dayTypeId} ${day.plannedMinutes} → ${day.expectedMinutes} (${day.source})`;
    }
  }
  return days;
}

/** Ids of what is there, by kind: the facts that reads outside the horizon are computed from. */
type Facts = Record<'profiles' | 'absences' | 'holidays', string[]>;

/** What Factorial has, of the days that are read. */
export async function expectedFacts(player: Player): Promise<Facts> {
  const { from, to } = await windowOf(player);
  const people = await player.rows<{ id: string }>('employees');
  const leaves = await player.rows<{
    id: string;
    start_on: CivilDate;
    finish_on: CivilDate | null;
    deleted_at: string | null;
  }>('leaves');
  const holidays = await player.rows<{ id: string; date: CivilDate }>('holidays');
  const inWindow = leaves.filter(
    (one) =>
      one.deleted_at === null && one.start_on <= to && (one.finish_on === null || one.finish_on >= from),
  );
  return {
    profiles: ids(people),
    absences: ids(inWindow),
    holidays: ids(holidays.filter(({ date }) => date >= from && date <= to)),
  };
}

export async function storedFacts(player: Player): Promise<Facts> {
  const { from, to } = await windowOf(player);
  const { db, tenantId } = player;
  const alive = { tenantId, deletedAt: null };
  const absences = await db.absence.findMany({
    where: {
      ...alive,
      startOn: { lte: new Date(to) },
      OR: [{ finishOn: null }, { finishOn: { gte: new Date(from) } }],
    },
  });
  const holidays = await db.holiday.findMany({
    where: { ...alive, date: { gte: new Date(from), lte: new Date(to) } },
  });
  return {
    profiles: ids(await db.profile.findMany({ where: alive })),
    absences: ids(absences),
    holidays: ids(holidays),
  };
}

const ids = (rows: readonly { id: string }[]): string[] => rows.map((row) => row.id).toSorted();

async function windowOf({ db, tenantId, nowMs }: Player) {
  return readWindow(horizonAt(nowMs, await db.tenant.findUniqueOrThrow({ where: { id: tenantId } })));
}

/** What WorkMeter has stored for the horizon. */
export async function storedDays({ db, tenantId, nowMs }: Player): Promise<Days> {
  const tenant = await db.tenant.findUniqueOrThrow({ where: { id: tenantId } });
  const { from, to } = horizonAt(nowMs, tenant);
  const rows = await db.calendarDay.findMany({
    where: { tenantId, date: { gte: new Date(from), lte: new Date(to) } },
  });
  return Object.fromEntries(
    rows.map((row) => [
      `${row.employeeId}/${row.date.toISOString().slice(0, 10)}`,
      `${row.dayTypeId} ${row.plannedMinutes} → ${row.expectedMinutes} (${row.source})`,
    ]),
  );
}
