import { eachDay, type CivilDate } from '../../domain/civil-date.ts';
import {
  expectedDay,
  isPlanKnown,
  type AbsenceMeaning,
  type EmployeeFacts,
  type HolidayFact,
  type PlannedFact,
} from '../../domain/day.ts';
import { horizonAt } from '../../domain/horizon.ts';
import { readAbsenceTypes, readDays, readEmployees, type Day, type Employee } from './story.ts';
import type { World } from './world.ts';

/**
 * What the calendars must be, computed apart from the product: from the simulator's own truth (never from what was
 * stored of it), from what people set in WorkMeter, and by the pure rule of a day.
 */

/** The simulator's tables, as its control interface tells them. Rows carry more than is named here. */
interface Truth {
  readonly employees: readonly {
    readonly id: string;
    readonly location_id: string | null;
    readonly schedule_id: string | null;
    readonly seniority_calculation_date: CivilDate | null;
    readonly terminated_on: CivilDate | null;
  }[];
  readonly leaves: readonly {
    readonly id: string;
    readonly employee_id: string;
    readonly leave_type_id: string | null;
    readonly start_on: CivilDate;
    readonly finish_on: CivilDate | null;
    readonly half_day: string | null;
    readonly hours_amount_in_cents: number | null;
    readonly approved: boolean | null;
    readonly deleted_at: string | null;
  }[];
  readonly leave_types: readonly { readonly id: string; readonly workable: boolean }[];
  readonly holidays: readonly {
    readonly id: string;
    readonly location_id: string | null;
    readonly date: CivilDate;
    readonly half_day: string | null;
  }[];
  readonly schedules: readonly {
    readonly id: string;
    readonly archived_at: string | null;
    readonly weekly_minutes: readonly number[];
  }[];
  readonly estimated_times: readonly {
    readonly employee_id: string;
    readonly date: CivilDate;
    readonly expected_minutes: number | null;
    readonly source: string;
  }[];
}

async function readTruth({ factorial }: World): Promise<Truth> {
  const tables = ['employees', 'leaves', 'leave_types', 'holidays', 'schedules', 'estimated_times'] as const;
  const rows = await Promise.all(tables.map((table) => factorial('GET', table)));
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]])) as unknown as Truth;
}

/** A day of a calendar in one line, so that two calendars compare as text. */
type DayLine = string;

const toLine = (dayTypeId: string, planned: number, expected: number, source: string): DayLine =>
  `${dayTypeId} ${planned} → ${expected} (${source})`;

/** By `<employeeId>/<date>`. */
export type Calendars = ReadonlyMap<string, DayLine>;

/** What every linked employee's calendar must say, for every day of the horizon. */
export async function expectedCalendars(world: World): Promise<Calendars> {
  const truth = await readTruth(world);
  const range = await horizonOf(world);
  const meanings = await meaningsOf(world, truth);
  const { defaultWeekMinutes } = (await world.admin<{ defaultWeekMinutes: number[] }>('GET', settingsPath))
    .body;
  const edits = await world.db.manualEdit.findMany({ where: { tenantId: world.tenantId } });
  const holidays = holidaysByDate(truth);

  const calendars = new Map<string, DayLine>();
  for (const employee of await linkedEmployees(world)) {
    const planned = planOf(truth, employee.link.profileId, range);
    const person = truth.employees.find((one) => one.id === employee.link.profileId);
    const facts: EmployeeFacts = {
      startsOn: employee.startsOn,
      endsOn: employee.endsOn,
      profile:
        person === undefined
          ? null
          : {
              terminatedOn: person.terminated_on,
              locations: [{ fromOn: '0001-01-01', locationId: person.location_id }],
            },
      planned,
      planKnown: [...planned.values()].some(isPlanKnown),
      defaultWeekMinutes,
      holidays,
      absences: truth.leaves
        .filter((row) => row.employee_id === employee.link.profileId && row.deleted_at === null)
        .map((row) => ({
          id: row.id,
          absenceTypeId: row.leave_type_id,
          startOn: row.start_on,
          finishOn: row.finish_on,
          halfDay: row.half_day,
          hoursInCents: row.hours_amount_in_cents,
          approved: row.approved,
          readNumber: '',
        })),
      meanings,
      edits: new Map(
        edits
          .filter((edit) => edit.employeeId === employee.employeeId)
          .map((edit) => [edit.date.toISOString().slice(0, 10), edit]),
      ),
    };
    for (const date of eachDay(range.from, range.to)) {
      const day = expectedDay(facts, date);
      if (day === null) continue;
      const line = toLine(day.dayTypeId, day.plannedMinutes, day.expectedMinutes, day.source);
      calendars.set(`${employee.employeeId}/${date}`, line);
    }
  }
  return calendars;
}

/** What every linked employee's calendar says. */
export async function actualCalendars(world: World): Promise<Calendars> {
  const { from, to } = await horizonOf(world);
  const calendars = new Map<string, DayLine>();
  for (const { employeeId } of await linkedEmployees(world)) {
    for (const day of await readDays(world, employeeId, from, to))
      calendars.set(`${employeeId}/${day.date}`, lineOf(day));
  }
  return calendars;
}

/** Where two sets of calendars differ: one sentence a day, none where they are the same. */
export function differences(actual: Calendars, expected: Calendars): string[] {
  const days = [...new Set([...actual.keys(), ...expected.keys()])].toSorted();
  return days
    .filter((day) => actual.get(day) !== expected.get(day))
    .map((day) => `${day}: is ${actual.get(day) ?? 'missing'}, must be ${expected.get(day) ?? 'missing'}`);
}

export const lineOf = ({ dayType, plannedMinutes, expectedMinutes, source }: Day): DayLine =>
  toLine(dayType.id, plannedMinutes, expectedMinutes, source);

const settingsPath = '/api/integrations/factorial/settings';

/** The days that are stored: by the tenant's settings and time zone. */
export async function horizonOf({
  admin,
}: World): Promise<{ from: CivilDate; to: CivilDate; today: CivilDate }> {
  const { timeZone } = (await admin<{ timeZone: string }>('GET', '/api/tenant')).body;
  const { horizonDaysBack, horizonDaysAhead } = (
    await admin<{ horizonDaysBack: number; horizonDaysAhead: number }>('GET', settingsPath)
  ).body;
  return horizonAt(Date.now(), { timeZone, horizonDaysBack, horizonDaysAhead });
}

type LinkedEmployee = Employee & { readonly link: NonNullable<Employee['link']> };

async function linkedEmployees(world: World): Promise<LinkedEmployee[]> {
  return (await readEmployees(world)).filter((one): one is LinkedEmployee => one.link !== null);
}

/** What an admin decided, with `workable` as Factorial has it. */
async function meaningsOf(world: World, { leave_types }: Truth): Promise<Map<string, AbsenceMeaning>> {
  const workable = new Map(leave_types.map((type) => [type.id, type.workable]));
  return new Map(
    (await readAbsenceTypes(world)).map(({ absenceTypeId, status, dayType }): [string, AbsenceMeaning] => {
      if (status !== 'mapped' || dayType === null) return [absenceTypeId, { status: status as 'ignored' }];
      const { id: dayTypeId, expectedMinutes: minutes } = dayType;
      const isWorkable = workable.get(absenceTypeId) === true;
      return [absenceTypeId, { status, dayTypeId, minutes, version: 0, workable: isWorkable }];
    }),
  );
}

/** The simulator's plan of one person: an exception for the day, else the week of the schedule while employed. */
function planOf(
  truth: Truth,
  profileId: string,
  range: { from: CivilDate; to: CivilDate },
): Map<CivilDate, PlannedFact> {
  const person = truth.employees.find((one) => one.id === profileId);
  const schedule = truth.schedules.find((one) => one.id === person?.schedule_id && one.archived_at === null);
  const exceptions = new Map(
    truth.estimated_times.filter((one) => one.employee_id === profileId).map((one) => [one.date, one]),
  );
  return new Map(
    [...eachDay(range.from, range.to)].map((date) => {
      const exception = exceptions.get(date);
      if (exception !== undefined) return [date, plan(exception.expected_minutes, exception.source)];
      const hasStarted = (person?.seniority_calculation_date ?? date) <= date;
      const hasEnded = (person?.terminated_on ?? date) < date;
      if (schedule === undefined || !hasStarted || hasEnded) return [date, plan(null, 'none')];
      const mondayFirst = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
      return [date, plan(schedule.weekly_minutes[mondayFirst] ?? 0, 'work_schedule')];
    }),
  );
}

function holidaysByDate(truth: Truth): Map<CivilDate, HolidayFact[]> {
  const byDate = new Map<CivilDate, HolidayFact[]>();
  for (const { id, location_id: locationId, date, half_day: halfDay } of truth.holidays) {
    const holiday = { id, locationId, date, halfDay, readNumber: '' };
    byDate.set(date, [...(byDate.get(date) ?? []), holiday]);
  }
  return byDate;
}

const plan = (minutes: number | null, source: string): PlannedFact => ({
  minutes: minutes === null ? null : String(minutes),
  source,
  readNumber: '',
});
