import { hash } from 'node:crypto';
import type { CivilDate } from '../domain/civil-date.ts';
import type { ComputedDay } from '../domain/day.ts';
import type { DateRange } from '../domain/horizon.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';

/** The stored calendar days, as `recompute` compares and writes them. Each has a fingerprint of all that it says and why. */

/** Days written by one statement: its text is held several times over on its way to the database. */
const daysPerStatement = 2_000;

/** What is stored of a day that the feed tells. */
export interface StoredDay {
  dayTypeId: string;
  plannedMinutes: number;
  expectedMinutes: number;
  source: string;
}

/** All stored days of an employee in a range. */
interface StoredSpan {
  readonly first: CivilDate;
  readonly last: CivilDate;
  /** Of the fingerprints of its days, in their order. */
  readonly fingerprint: string;
}

/** What tells whether any day differs, by employee; those without a stored day are left out. */
export async function storedSpans(
  tx: Transaction,
  tenantId: string,
  ids: readonly string[],
  { from, to }: DateRange,
): Promise<Map<string, StoredSpan>> {
  if (ids.length === 0) return new Map();
  const rows = await runPrepared<StoredSpan & { employeeId: string }>(
    tx,
    'stored-spans',
    Prisma.sql`
    SELECT employee_id AS "employeeId", min(date)::text AS first, max(date)::text AS last,
      md5(string_agg(content_hash, '' ORDER BY date)) AS fingerprint
    FROM calendar_days WHERE tenant_id = ${tenantId} AND employee_id = ANY(${toArrayLiteral(ids)}::text::text[])
      AND date BETWEEN ${from}::date AND ${to}::date GROUP BY employee_id`,
  );
  return new Map(rows.map(({ employeeId, ...span }) => [employeeId, span]));
}

/** Fingerprints of computed days as they are stored; that of a day that several share is made once. */
export function createFingerprints() {
  const known = new Map<ComputedDay, string>();
  const fingerprintOf = (day: ComputedDay): string => {
    const print = known.get(day) ?? fingerprint(day);
    known.set(day, print);
    return print;
  };
  /** As `storedSpans` answers it; null where there is no day. */
  const fingerprintOfAll = (
    dates: readonly CivilDate[],
    dayOn: (date: CivilDate) => ComputedDay | null,
  ): string | null => {
    let prints = '';
    for (const date of dates) {
      const day = dayOn(date);
      if (day !== null) prints += fingerprintOf(day);
    }
    return prints === '' ? null : hash('md5', prints, 'hex');
  };
  return { fingerprintOf, fingerprintOfAll };
}

/** The date is part of it: the same days on other dates are other days. */
function fingerprint(day: ComputedDay): string {
  const content = [
    day.date,
    day.dayTypeId,
    day.plannedMinutes,
    day.expectedMinutes,
    day.source,
    day.provenance,
  ];
  return hash('md5', JSON.stringify(content), 'base64url'); // equality only, nothing to defend
}

/** Of each employee the stored days of a range, each with the hash of its content: all that is needed to see what differs. */
export async function storedHashes(
  tx: Transaction,
  tenantId: string,
  ids: readonly string[],
  { from, to }: DateRange,
): Promise<Map<string, Map<CivilDate, string>>> {
  if (ids.length === 0) return new Map();
  // One row an employee: a row a day would cost more than all the rest.
  const rows = await runPrepared<{ employeeId: string; dates: string; hashes: string }>(
    tx,
    'stored-hashes',
    Prisma.sql`
    SELECT employee_id AS "employeeId", string_agg(date::text, ' ') AS dates, string_agg(content_hash, ' ') AS hashes
    FROM calendar_days WHERE tenant_id = ${tenantId} AND employee_id = ANY(${toArrayLiteral(ids)}::text::text[])
      AND date BETWEEN ${from}::date AND ${to}::date GROUP BY employee_id`,
  );
  const hashesOf = new Map<string, Map<CivilDate, string>>(ids.map((id) => [id, new Map()]));
  for (const { employeeId, dates, hashes } of rows) {
    const all = hashes.split(' ');
    hashesOf.set(employeeId, new Map(dates.split(' ').map((date, index) => [date, all[index] ?? ''])));
  }
  return hashesOf;
}

/** The stored form of certain days, by `<employee>/<date>`. */
export async function storedDays(
  tx: Transaction,
  tenantId: string,
  days: readonly { readonly employeeId: string; readonly date: CivilDate }[],
): Promise<Map<string, StoredDay>> {
  if (days.length === 0) return new Map();
  const rows = await tx.$queryRaw<(StoredDay & { employeeId: string; date: CivilDate })[]>`
    SELECT day.employee_id AS "employeeId", day.date::text, day_type_id AS "dayTypeId", planned_minutes AS "plannedMinutes",
           expected_minutes AS "expectedMinutes", source
    FROM calendar_days day
    JOIN unnest(${days.map((one) => one.employeeId)}::text[], ${days.map((one) => one.date)}::date[]) AS wanted(employee_id, date)
      ON day.employee_id = wanted.employee_id AND day.date = wanted.date
    WHERE day.tenant_id = ${tenantId}`;
  return new Map(rows.map((row) => [`${row.employeeId}/${row.date}`, row]));
}

export async function deleteDays(
  tx: Transaction,
  tenantId: string,
  days: readonly { employeeId: string; date: CivilDate }[],
): Promise<void> {
  if (days.length === 0) return;
  await tx.$executeRaw`
    DELETE FROM calendar_days USING jsonb_to_recordset(${JSON.stringify(days)}::jsonb) AS gone("employeeId" text, date date)
    WHERE tenant_id = ${tenantId} AND employee_id = gone."employeeId" AND calendar_days.date = gone.date`;
}

export async function upsertDays(
  tx: Transaction,
  tenantId: string,
  days: readonly (ComputedDay & { employeeId: string; contentHash: string })[],
): Promise<void> {
  for (let start = 0; start < days.length; start += daysPerStatement) {
    const some = JSON.stringify(days.slice(start, start + daysPerStatement));
    await runPrepared(
      tx,
      'upsert-days',
      Prisma.sql`
    INSERT INTO calendar_days (tenant_id, employee_id, date, day_type_id, planned_minutes, expected_minutes, source, provenance, content_hash)
    SELECT ${tenantId}, day."employeeId", day.date, day."dayTypeId", day."plannedMinutes", day."expectedMinutes", day.source,
           day.provenance, day."contentHash"
    FROM jsonb_to_recordset(${some}::jsonb) AS day("employeeId" text, date date, "dayTypeId" text,
      "plannedMinutes" int, "expectedMinutes" int, source text, provenance jsonb, "contentHash" text)
    ON CONFLICT (tenant_id, employee_id, date) DO UPDATE SET
      day_type_id = excluded.day_type_id, planned_minutes = excluded.planned_minutes,
      expected_minutes = excluded.expected_minutes, source = excluded.source, provenance = excluded.provenance,
      content_hash = excluded.content_hash, computed_at = now()`,
    );
  }
}
