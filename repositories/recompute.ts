import { eachDay, earlier, later, type CivilDate } from '../domain/civil-date.ts';
import { expectedDay, type AbsenceMeaning, type ComputedDay } from '../domain/day.ts';
import { readWindow, type DateRange } from '../domain/horizon.ts';
import { createSharedDays } from '../domain/shared-days.ts';
import { toArrayLiteral } from './array-literal.ts';
import { inTransaction, runPrepared, type Database, type Executor, type Transaction } from './database.ts';
import { lockEmployees } from './employee-lock.ts';
import { Prisma } from './generated/client.ts';
import { loadFacts, loadTenantFacts, type DayTypeFact, type TenantFacts } from './facts.ts';
import { appendChanges, type NewChange } from './feed.ts';
import { requireGeneration } from './fence.ts';
import {
  createFingerprints,
  deleteDays,
  storedDays,
  storedHashes,
  storedSpans,
  upsertDays,
  type StoredDay,
} from './stored-days.ts';

/** Employees whose days are computed in one transaction: bounds memory and the time that their rows are locked. */
const batchSize = 100;
/** Batches at a time: while the database reads and writes one, the days of the other are worked out. */
const atOnce = 2;

export interface RecomputeOptions {
  readonly nowMs: number;
  /** Set by activities: refuses to write for a connection that moved on (rule 12). */
  readonly generation?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch. */
  readonly onProgress?: () => void;
  /** What else is to be done for the employees of a batch, once their days are committed. */
  readonly afterwards?: (employeeIds: readonly string[]) => Promise<void>;
}

export interface RecomputeResult {
  readonly employees: number;
  /** Days that were written or removed because they differed. */
  readonly days: number;
}

/**
 * Brings the stored days of some employees in line with the facts, and tells the change feed what changed.
 * Works off their marks; one set meanwhile stays. Safe to repeat: a day that is right is not written.
 * Each transaction locks its employees first and reads everything anew after that.
 */
export async function recompute(
  db: Database,
  tenantId: string,
  employeeIds: readonly string[],
  options: RecomputeOptions,
): Promise<RecomputeResult> {
  const ids = [...new Set(employeeIds)].sort();
  let [start, days] = [0, 0];
  /** Takes one batch after the other until there are none, or one has failed. */
  const work = async (): Promise<void> => {
    while (start < ids.length) {
      const batch = ids.slice(start, (start += batchSize));
      try {
        options.signal?.throwIfAborted();
        const written = await inTransaction(db, (tx) => recomputeBatch(tx, tenantId, batch, options));
        days += written;
        await options.afterwards?.(batch);
      } catch (error) {
        start = ids.length;
        throw error;
      }
      options.onProgress?.();
    }
  };
  for (const ended of await Promise.allSettled(Array.from({ length: atOnce }, work)))
    if (ended.status === 'rejected') throw ended.reason;
  return { employees: ids.length, days };
}

async function recomputeBatch(
  tx: Transaction,
  tenantId: string,
  ids: string[],
  options: RecomputeOptions,
): Promise<number> {
  if (options.generation !== undefined) await requireGeneration(tx, tenantId, options.generation);
  await lockEmployees(tx, tenantId, ids);
  const marks = await runPrepared<{
    employeeId: string;
    mark: string;
    fromOn: CivilDate | null;
    toOn: CivilDate | null;
  }>(
    tx,
    'read-marks',
    Prisma.sql`
    SELECT employee_id AS "employeeId", mark::text, from_on::text AS "fromOn", to_on::text AS "toOn"
    FROM recompute_marks WHERE tenant_id = ${tenantId} AND employee_id = ANY(${toArrayLiteral(ids)}::text::text[])`,
  );
  if (marks.length === 0) return 0;
  const shared = await loadTenantFacts(tx, tenantId, options.nowMs);
  const window = readWindow(shared.horizon);
  const rangeOf = new Map(
    marks.map(({ employeeId, fromOn, toOn }) => [
      employeeId,
      {
        from: later(fromOn ?? window.from, window.from),
        to: toOn ?? farFuture,
        isWhole: fromOn === null && toOn === null,
      },
    ]),
  );
  const changed = await writeDays(tx, tenantId, rangeOf, shared);
  await runPrepared(
    tx,
    'remove-marks',
    Prisma.sql`
    DELETE FROM recompute_marks WHERE tenant_id = ${tenantId} AND (employee_id, mark) IN (SELECT * FROM unnest(
      ${toArrayLiteral(marks.map((one) => one.employeeId))}::text::text[], ${toArrayLiteral(marks.map((one) => one.mark))}::text::bigint[]))`,
  );
  await appendChanges(tx, tenantId, changed);
  return changed.length;
}

/**
 * The same for one day, inside the caller's transaction: a manual edit is seen in the answer to its request.
 * The day is stored even outside the horizon. Answers the day, or null when the employee is not employed then.
 */
export async function recomputeDay(
  tx: Transaction,
  tenantId: string,
  employeeId: string,
  date: CivilDate,
  nowMs: number,
): Promise<ComputedDay | null> {
  await lockEmployees(tx, tenantId, [employeeId]);
  const shared = await loadTenantFacts(tx, tenantId, nowMs);
  const range = { from: date, to: date };
  const rangeOf = new Map([[employeeId, { ...range, isWhole: false }]]);
  const changed = await writeDays(tx, tenantId, rangeOf, shared, range);
  await appendChanges(tx, tenantId, changed);
  const [day] = await computeDays(tx, tenantId, employeeId, date, date, nowMs);
  return day ?? null;
}

/** Days of one employee from the facts, stored or not. Writes nothing. */
export async function computeDays(
  db: Executor,
  tenantId: string,
  employeeId: string,
  from: CivilDate,
  to: CivilDate,
  nowMs: number,
): Promise<ComputedDay[]> {
  const shared = await loadTenantFacts(db, tenantId, nowMs);
  const facts = (await loadFacts(db, tenantId, [employeeId], { from, to }, shared)).get(employeeId);
  if (facts === undefined) return [];
  return [...eachDay(from, to)].flatMap((date) => expectedDay(facts, date) ?? []);
}

export interface MappingPreview {
  readonly absences: number;
  readonly employees: number;
  readonly days: number;
  readonly sample: readonly {
    readonly employeeId: string;
    readonly date: CivilDate;
    readonly before: number;
    readonly after: number;
  }[];
}

const sampleSize = 20;

/** What days of the horizon would become if an absence type meant `meaning`. Writes nothing. */
export async function previewMapping(
  db: Executor,
  tenantId: string,
  absenceTypeId: string,
  meaning: AbsenceMeaning,
  nowMs: number,
): Promise<MappingPreview> {
  const shared = await loadTenantFacts(db, tenantId, nowMs);
  const { horizon } = shared;
  const touched = await db.$queryRaw<{ employeeId: string; absences: number }[]>`
    SELECT link.employee_id AS "employeeId", count(*)::int AS absences FROM absences absence
    JOIN employee_links link ON link.tenant_id = absence.tenant_id AND link.profile_id = absence.profile_id
    WHERE absence.tenant_id = ${tenantId} AND absence.absence_type_id = ${absenceTypeId}
      AND absence.deleted_at IS NULL AND absence.approved
      AND absence.start_on <= ${horizon.to}::date AND (absence.finish_on IS NULL OR absence.finish_on >= ${horizon.from}::date)
    GROUP BY link.employee_id ORDER BY link.employee_id`;
  const meanings = new Map(shared.meanings).set(absenceTypeId, meaning);
  const sample: MappingPreview['sample'][number][] = [];
  let days = 0;
  for (let start = 0; start < touched.length; start += batchSize) {
    const ids = touched.slice(start, start + batchSize).map((one) => one.employeeId);
    const loaded = await loadFacts(db, tenantId, ids, horizon, shared);
    for (const [employeeId, facts] of loaded) {
      for (const date of eachDay(horizon.from, horizon.to)) {
        const before = expectedDay(facts, date);
        const after = expectedDay({ ...facts, meanings }, date);
        if (before === null || after === null) continue;
        if (before.expectedMinutes === after.expectedMinutes && before.dayTypeId === after.dayTypeId)
          continue;
        days += 1;
        if (sample.length < sampleSize) {
          sample.push({ employeeId, date, before: before.expectedMinutes, after: after.expectedMinutes });
        }
      }
    }
  }
  return {
    absences: touched.reduce((sum, one) => sum + one.absences, 0),
    employees: touched.length,
    days,
    sample,
  };
}

/** Beyond every horizon: a mark without an end reaches stored days however far they lie ahead. */
const farFuture = '9999-12-31';

/** Which days of somebody are looked at. */
interface DaysToCheck extends DateRange {
  /** All that may still change, as every night. */
  readonly isWhole: boolean;
}

/**
 * Writes the days that differ from the facts and answers what the feed must tell. Days of the horizon are stored;
 * others are kept right where they are stored already, or lie in `alsoStore`.
 */
async function writeDays(
  tx: Transaction,
  tenantId: string,
  rangeOf: ReadonlyMap<string, DaysToCheck>,
  shared: TenantFacts,
  alsoStore?: DateRange,
): Promise<NewChange[]> {
  const { horizon } = shared;
  const ids = [...rangeOf.keys()];
  const all = {
    from: [...rangeOf.values()].map((range) => range.from).reduce(earlier),
    to: [...rangeOf.values()].map((range) => range.to).reduce(later),
  };
  const whole = ids.filter((id) => rangeOf.get(id)?.isWhole);
  const spanOf = await storedSpans(tx, tenantId, whole, all);
  const hashesOf = await storedHashes(
    tx,
    tenantId,
    ids.filter((id) => rangeOf.get(id)?.isWhole === false),
    all,
  );
  // Marks may be open-ended; facts are only needed where days are, or will be, stored.
  const kept = [horizon.from, horizon.to, ...(alsoStore === undefined ? [] : [alsoStore.from, alsoStore.to])];
  for (const hashes of hashesOf.values()) kept.push(...hashes.keys());
  for (const { first, last } of spanOf.values()) kept.push(first, last);
  const range = { from: later(all.from, kept.reduce(earlier)), to: earlier(all.to, kept.reduce(later)) };
  const factsOf = await loadFacts(tx, tenantId, ids, range, shared);

  const daysOf = createSharedDays(range);
  const dayOnOf = new Map(
    ids.map((id) => {
      const facts = factsOf.get(id);
      return [id, facts === undefined ? noDay : daysOf(facts)];
    }),
  );
  const { fingerprintOf, fingerprintOfAll } = createFingerprints();
  const datesFrom = createDates();
  // Of whom all days are as they were, one fingerprint of all says so. A gap among the stored days looks like a difference.
  const suspects = whole.filter((id) => {
    const { first, last, fingerprint } = spanOf.get(id) ?? {
      first: horizon.from,
      last: horizon.to,
      fingerprint: null,
    };
    const ofAll = datesFrom(earlier(first, horizon.from), later(last, horizon.to));
    return fingerprintOfAll(ofAll, dayOnOf.get(id) ?? noDay) !== fingerprint;
  });
  for (const [id, hashes] of await storedHashes(tx, tenantId, suspects, all)) hashesOf.set(id, hashes);

  const dates = datesFrom(horizon.from, horizon.to);
  const gone: { employeeId: string; date: CivilDate }[] = [];
  const differing: (ComputedDay & { employeeId: string; contentHash: string; isNew: boolean })[] = [];
  for (const [employeeId, known] of hashesOf) {
    const dayOn = dayOnOf.get(employeeId) ?? noDay;
    for (const date of datesToCheck(rangeOf.get(employeeId) ?? all, horizon, dates, known, alsoStore)) {
      const before = known.get(date);
      const after = dayOn(date);
      if (after === null) {
        if (before !== undefined) gone.push({ employeeId, date });
        continue;
      }
      const contentHash = fingerprintOf(after);
      if (before !== contentHash)
        differing.push({ ...after, employeeId, contentHash, isNew: before === undefined });
    }
  }
  const befores = await storedDays(
    tx,
    tenantId,
    differing.filter((day) => !day.isNew),
  );
  await deleteDays(tx, tenantId, gone);
  await upsertDays(tx, tenantId, differing);
  return [
    ...gone.map(toDeletion),
    ...differing.flatMap((day) => {
      const before = befores.get(`${day.employeeId}/${day.date}`);
      return before === undefined || isVisibleChange(before, day) ? [toChange(day, shared.dayTypes)] : [];
    }),
  ];
}

const noDay = (): null => null;

/** Lists of dates, each made once. */
function createDates(): (from: CivilDate, to: CivilDate) => readonly CivilDate[] {
  const known = new Map<string, readonly CivilDate[]>();
  return (from, to) => {
    const key = `${from} ${to}`;
    const dates = known.get(key) ?? [...eachDay(from, to)];
    known.set(key, dates);
    return dates;
  };
}

function* datesToCheck(
  range: DateRange,
  horizon: DateRange,
  dates: readonly CivilDate[],
  known: ReadonlyMap<CivilDate, string>,
  alsoStore: DateRange | undefined,
): Generator<CivilDate> {
  for (const date of dates) if (date >= range.from && date <= range.to) yield date;
  for (const date of known.keys()) {
    if (date >= range.from && date <= range.to && (date < horizon.from || date > horizon.to)) yield date;
  }
  if (alsoStore === undefined) return;
  for (const date of eachDay(alsoStore.from, alsoStore.to)) {
    if ((date < horizon.from || date > horizon.to) && !known.has(date)) yield date;
  }
}

function isVisibleChange(before: StoredDay, after: ComputedDay): boolean {
  return (
    before.dayTypeId !== after.dayTypeId ||
    before.plannedMinutes !== after.plannedMinutes ||
    before.expectedMinutes !== after.expectedMinutes ||
    before.source !== after.source
  );
}

const toDeletion = ({ employeeId, date }: { employeeId: string; date: CivilDate }): NewChange => ({
  entity: 'calendar_day',
  id: `${employeeId}/${date}`,
  operation: 'delete',
  data: { employeeId, date },
});

function toChange(
  day: ComputedDay & { readonly employeeId: string },
  dayTypes: ReadonlyMap<string, DayTypeFact>,
): NewChange {
  const { employeeId, date, dayTypeId, plannedMinutes, expectedMinutes, source } = day;
  const dayType = dayTypes.get(dayTypeId) ?? { id: dayTypeId, key: null, name: dayTypeId, color: '#808080' };
  return {
    entity: 'calendar_day',
    id: `${employeeId}/${date}`,
    operation: 'upsert',
    data: { employeeId, date, dayType, plannedMinutes, expectedMinutes, source },
  };
}
