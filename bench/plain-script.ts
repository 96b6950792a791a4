import pg from 'pg';
import { eachDay, type CivilDate } from '../domain/civil-date.ts';
import {
  expectedDay,
  type AbsenceFact,
  type AbsenceMeaning,
  type EmployeeFacts,
  type HolidayFact,
} from '../domain/day.ts';
import type { DateRange } from '../domain/horizon.ts';
import { profilesPerRequest } from '../domain/plan-slices.ts';

/**
 * A process with what a reconciliation is compared with: the script that anybody would write first. It pages the same lists
 * one page after the other, holds all in memory, computes the same days with the same rules, and writes those that differ
 * in bulk. It proves nothing, remembers nothing, explains nothing, and starts from the beginning when it dies.
 */
export interface ScriptJob {
  readonly url: string;
  readonly token: string;
  readonly databaseUrl: string;
  readonly table: string;
  readonly window: DateRange;
  readonly horizon: DateRange;
  readonly defaultWeekMinutes: readonly number[];
  readonly vacationId: string;
}

export interface ScriptResult {
  readonly seconds: number;
  readonly written: number;
}

const daysPerStatement = 10_000;

process.on('message', (message) => {
  void run(message as ScriptJob).then((result) => process.send?.(result)); // both ends are ours
});
process.on('disconnect', () => process.exit());

interface Row {
  readonly id: string;
  readonly employee_id: string;
  readonly location_id: string | null;
  readonly leave_type_id: string;
  readonly start_on: CivilDate;
  readonly finish_on: CivilDate | null;
  readonly half_day: string | null;
  readonly hours_amount_in_cents: number | null;
  readonly approved: boolean | null;
  readonly date: CivilDate;
  readonly terminated_on: CivilDate | null;
}

async function run(job: ScriptJob): Promise<ScriptResult> {
  const startedAt = performance.now();
  const { from, to } = job.window;
  const employees = await readAll(job, 'employees/employees', 'only_active=false&only_managers=false');
  await readAll(job, 'timeoff/leave_types', '');
  const holidays = await readAll(job, 'holidays/company_holidays', `start_at=${from}&end_at=${to}`);
  const leaves = await readAll(job, 'timeoff/leaves', `from=${from}&to=${to}&include_deleted_leaves=true`);
  for (let start = 0; start < employees.length; start += profilesPerRequest) {
    const ids = employees.slice(start, start + profilesPerRequest).map(({ id }) => `employee_ids[]=${id}`);
    const range = `start_on=${job.horizon.from}&end_on=${job.horizon.to}`;
    await readAll(job, 'attendance/estimated_times', `${ids.join('&')}&${range}`);
  }
  const written = await writeDays(job, employees, leaves, holidays);
  return { seconds: (performance.now() - startedAt) / 1_000, written };
}

async function readAll({ url, token }: ScriptJob, path: string, query: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | null = ''; after !== null;) {
    const cursor: string = after === '' ? '' : `&after_id=${after}`;
    const response = await fetch(`${url}/api/2026-10-01/resources/${path}?limit=100&${query}${cursor}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { data, meta } = (await response.json()) as {
      data: Row[];
      meta: { has_next_page: boolean; end_cursor: string };
    };
    rows.push(...data);
    after = meta.has_next_page ? meta.end_cursor : null;
  }
  return rows;
}

interface Columns {
  employees: string[];
  dates: string[];
  types: string[];
  planned: number[];
  expected: number[];
  sources: string[];
}

const noColumns = (): Columns => ({
  employees: [],
  dates: [],
  types: [],
  planned: [],
  expected: [],
  sources: [],
});

async function writeDays(
  job: ScriptJob,
  employees: readonly Row[],
  leaves: readonly Row[],
  holidayRows: readonly Row[],
): Promise<number> {
  const db = new pg.Client({ connectionString: job.databaseUrl });
  await db.connect();
  const holidays = groupBy(holidayRows.map(toHoliday), ({ date }) => date);
  const absences = groupBy(leaves, (leave) => leave.employee_id);
  const mapped: AbsenceMeaning = {
    status: 'mapped',
    dayTypeId: 'vacation',
    minutes: 0,
    version: 1,
    workable: false,
  };
  const shared = {
    startsOn: null,
    endsOn: null,
    planned: new Map(),
    planKnown: false,
    defaultWeekMinutes: job.defaultWeekMinutes,
    holidays,
    meanings: new Map([[job.vacationId, mapped]]),
    edits: new Map(),
  };
  const dates = [...eachDay(job.horizon.from, job.horizon.to)];
  let written = 0;
  let columns = noColumns();
  for (const { id, location_id: locationId, terminated_on: terminatedOn } of employees) {
    const facts: EmployeeFacts = {
      ...shared,
      profile: { terminatedOn, locations: [{ fromOn: '0001-01-01', locationId }] },
      absences: (absences.get(id) ?? []).map(toAbsence),
    };
    for (const date of dates) {
      const day = expectedDay(facts, date);
      if (day === null) continue;
      columns.employees.push(id);
      columns.dates.push(date);
      columns.types.push(day.dayTypeId);
      columns.planned.push(day.plannedMinutes);
      columns.expected.push(day.expectedMinutes);
      columns.sources.push(day.source);
    }
    if (columns.dates.length >= daysPerStatement) {
      written += await upsert(db, job.table, columns);
      columns = noColumns();
    }
  }
  written += await upsert(db, job.table, columns);
  await db.end();
  return written;
}

async function upsert(db: pg.Client, table: string, columns: Columns): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO ${table} AS stored (employee_id, date, day_type_id, planned_minutes, expected_minutes, source)
     SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::int[], $5::int[], $6::text[])
     ON CONFLICT (employee_id, date) DO UPDATE SET day_type_id = excluded.day_type_id,
       planned_minutes = excluded.planned_minutes, expected_minutes = excluded.expected_minutes, source = excluded.source
     WHERE (stored.day_type_id, stored.planned_minutes, stored.expected_minutes, stored.source)
       IS DISTINCT FROM (excluded.day_type_id, excluded.planned_minutes, excluded.expected_minutes, excluded.source)`,
    [columns.employees, columns.dates, columns.types, columns.planned, columns.expected, columns.sources],
  );
  return rowCount ?? 0;
}

const toHoliday = ({ id, location_id: locationId, date, half_day: halfDay }: Row): HolidayFact => ({
  id,
  locationId,
  date,
  halfDay,
  readNumber: '0',
});

const toAbsence = (row: Row): AbsenceFact => ({
  id: row.id,
  absenceTypeId: row.leave_type_id,
  startOn: row.start_on,
  finishOn: row.finish_on,
  halfDay: row.half_day,
  hoursInCents: row.hours_amount_in_cents,
  approved: row.approved,
  readNumber: '0',
});

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}
