import type { CivilDate } from '../domain/civil-date.ts';
import type { Claim, DayProvenance } from '../domain/day.ts';
import { dayTypeOf, employeeExists, readDays, toDayRow, type DayRow } from './calendar-read.ts';
import { fromCivil } from './civil.ts';
import type { Executor } from './database.ts';
import { dayTypesById, type DayTypeRow } from './day-types.ts';

/** How a fact reached us; null where that is no longer known. */
export interface ReadTrace {
  readonly readAt: Date | null;
  readonly via: { readonly type: 'delivery' | 'reconciliation' | 'poll'; readonly id: string } | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
}

export interface ExplanationRow {
  readonly date: CivilDate;
  readonly day: DayRow | null;
  readonly planned: {
    readonly minutes: number;
    readonly origin: 'factorial' | 'default_week';
    readonly readAt: Date | null;
  };
  readonly claims: readonly (Pick<Claim, 'kind' | 'factorialId' | 'share' | 'minutes' | 'mappingVersion'> & {
    readonly dayType: DayTypeRow;
  } & ReadTrace)[];
  readonly ignored: DayProvenance['ignored'];
  readonly manualEdit: {
    readonly dayTypeId: string;
    readonly expectedMinutes: number;
    readonly note: string | null;
    readonly by: string;
    readonly at: Date;
  } | null;
  readonly factorial: { readonly dayType: DayTypeRow; readonly expectedMinutes: number } | null;
}

/** Why an employee's day is as it is. Null: there is no such employee. */
export async function explainDay(
  db: Executor,
  tenantId: string,
  employeeId: string,
  date: CivilDate,
  nowMs: number,
): Promise<ExplanationRow | null> {
  if (!(await employeeExists(db, tenantId, employeeId))) return null;
  const [day] = await readDays(db, tenantId, employeeId, date, date, nowMs);
  const dayTypes = await dayTypesById(db, tenantId); // after the day, so that a new one is among them
  const { planned, claims, ignored, factorial } = day?.provenance ?? notEmployed;
  const traceOf = await readTraces(db, tenantId, [
    planned.readNumber,
    ...claims.map((claim) => claim.readNumber),
  ]);
  return {
    date,
    day: day === undefined ? null : toDayRow(day, dayTypes),
    planned: { minutes: planned.minutes, origin: planned.origin, readAt: traceOf(planned.readNumber).readAt },
    claims: claims.map(({ kind, factorialId, share, minutes, dayTypeId, mappingVersion, readNumber }) => ({
      kind,
      factorialId,
      share,
      minutes,
      dayType: dayTypeOf(dayTypeId, dayTypes),
      mappingVersion,
      ...traceOf(readNumber),
    })),
    ignored,
    manualEdit: await readEdit(db, tenantId, employeeId, date),
    factorial: factorial && {
      dayType: dayTypeOf(factorial.dayTypeId, dayTypes),
      expectedMinutes: factorial.expectedMinutes,
    },
  };
}

/** What there is to say of a day outside the employment. */
const notEmployed: DayProvenance = {
  planned: { minutes: 0, origin: 'default_week', readNumber: null },
  claims: [],
  ignored: [],
  factorial: null,
  manualEdit: false,
};

async function readEdit(
  db: Executor,
  tenantId: string,
  employeeId: string,
  date: CivilDate,
): Promise<ExplanationRow['manualEdit']> {
  const edit = await db.manualEdit.findUnique({
    where: { tenantId_employeeId_date: { tenantId, employeeId, date: fromCivil(date) } },
  });
  if (edit === null) return null;
  const { dayTypeId, expectedMinutes, note, editedBy, editedAt } = edit;
  return { dayTypeId, expectedMinutes, note, by: editedBy, at: editedAt };
}

const noTrace: ReadTrace = { readAt: null, via: null, workflowId: null, runId: null };

async function readTraces(
  db: Executor,
  tenantId: string,
  readNumbers: readonly (string | null)[],
): Promise<(readNumber: string | null) => ReadTrace> {
  const numbers = readNumbers.flatMap((number) => (number === null ? [] : [BigInt(number)]));
  const rows =
    numbers.length === 0 ? [] : await db.read.findMany({ where: { tenantId, number: { in: numbers } } });
  const traces = new Map(
    rows.map(({ number, at, viaType, viaId, workflowId, runId }): [string, ReadTrace] => {
      const type = viaType === 'delivery' || viaType === 'reconciliation' ? viaType : 'poll';
      return [String(number), { readAt: at, via: { type, id: viaId }, workflowId, runId }];
    }),
  );
  return (readNumber) => (readNumber === null ? noTrace : (traces.get(readNumber) ?? noTrace));
}
