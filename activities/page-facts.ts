import type { DomainError } from '../domain/errors.ts';
import { readWindow, type DateRange } from '../domain/horizon.ts';
import type { CivilDate } from '../domain/civil-date.ts';
import type { ResourceKind } from '../domain/resources.ts';
import type { FactorialClient } from '../factorial/client.ts';
import type { Page } from '../factorial/page.ts';
import type { Transaction } from '../repositories/database.ts';
import type { NumberOf } from '../repositories/fact-table.ts';
import {
  saveAbsences,
  saveAbsenceTypes,
  saveHolidays,
  saveProfiles,
  type ProfileContext,
} from '../repositories/sync.ts';
import { toAbsenceFact, toAbsenceTypeFact, toHolidayFact, toProfileFact } from './to-facts.ts';
import { unknownHalfDays, unknownHalfHolidays } from './unknown-half-days.ts';

/** A kind that is swept page by page; planned minutes are asked for by person. */
export type SweptKind = Exclude<ResourceKind, 'planned_minutes'>;

/** The rows of one page in the form that they are stored in. */
type Facts =
  | {
      readonly kind: 'employees';
      readonly rows: readonly ReturnType<typeof toProfileFact>[];
      readonly context: ProfileContext;
    }
  | { readonly kind: 'absence_types'; readonly rows: readonly ReturnType<typeof toAbsenceTypeFact>[] }
  | { readonly kind: 'holidays'; readonly rows: readonly ReturnType<typeof toHolidayFact>[] }
  | { readonly kind: 'absences'; readonly rows: readonly ReturnType<typeof toAbsenceFact>[] };

export interface PageFacts {
  readonly page: Page<{ id: string }>;
  readonly facts: Facts;
  /** Rows that are kept and yet do not count. */
  readonly unknown: readonly DomainError[];
}

export interface PageRequest {
  readonly kind: SweptKind;
  readonly horizon: DateRange & { readonly today: CivilDate };
  /** The page after a cursor within the window that is read; or certain rows, wherever they lie. */
  readonly which: { readonly afterId: string | null } | { readonly ids: readonly string[] };
  /** As `readBaselineBefore` answers it. */
  readonly baselineBefore: Date | null;
}

/** A page whose rows nobody has looked at yet. */
export interface PackedPage {
  /** As a page's. */
  readonly nextCursor: string | null;
  unpack(): PageFacts;
}

export async function askForPage(
  client: FactorialClient,
  { kind, horizon, which, baselineBefore }: PageRequest,
  signal: AbortSignal,
): Promise<PackedPage> {
  const { from, to } = 'ids' in which ? {} : readWindow(horizon);
  switch (kind) {
    case 'employees':
      return pack(await client.listEmployees(which, signal), ({ rows }) => ({
        facts: { kind, rows: rows.map(toProfileFact), context: { today: horizon.today, baselineBefore } },
        unknown: [],
      }));
    case 'absence_types':
      return pack(await client.listAbsenceTypes(which, signal), ({ rows }) => ({
        facts: { kind, rows: rows.map(toAbsenceTypeFact) },
        unknown: [],
      }));
    case 'holidays':
      return pack(await client.listHolidays({ from, to, ...which }, signal), ({ rows }) => ({
        facts: { kind, rows: rows.map(toHolidayFact) },
        unknown: unknownHalfHolidays(rows).map(({ error }) => error),
      }));
    case 'absences':
      return pack(
        await client.listAbsences({ from, to, includeDeleted: true, ...which }, signal),
        ({ rows }) => ({
          facts: { kind, rows: rows.map(toAbsenceFact) },
          unknown: unknownHalfDays(rows).map(({ error }) => error),
        }),
      );
  }
}

function pack<Row extends { id: string }>(
  page: Page<Row>,
  toFacts: (page: Page<Row>) => Omit<PageFacts, 'page'>,
): PackedPage {
  return { nextCursor: page.nextCursor, unpack: () => ({ page, ...toFacts(page) }) };
}

export async function readPageFacts(
  client: FactorialClient,
  request: PageRequest,
  signal: AbortSignal,
): Promise<PageFacts> {
  return (await askForPage(client, request, signal)).unpack();
}

/** What a write changed, in rows. */
export interface Drift {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Writes pages of one kind together, each row with the number of the read that brought it. */
export async function savePageFacts(
  tx: Transaction,
  tenantId: string,
  read: readonly { readonly facts: Facts; readonly readNumber: bigint }[],
): Promise<Drift> {
  const first = read[0]?.facts;
  if (first === undefined) return { created: 0, updated: 0, deleted: 0 };
  // A row that two pages brought counts as the later one brought it.
  const numbers = new Map<string, bigint>();
  for (const { facts, readNumber } of read) for (const { id } of facts.rows) numbers.set(id, readNumber);
  const numberOf: NumberOf<{ id: string }> = ({ id }) => numbers.get(id) ?? 0n;
  switch (first.kind) {
    case 'employees': {
      const rows = read.flatMap(({ facts }) => (facts.kind === first.kind ? facts.rows : []));
      return toDrift(await saveProfiles(tx, tenantId, numberOf, rows, first.context));
    }
    case 'absence_types': {
      const rows = read.flatMap(({ facts }) => (facts.kind === first.kind ? facts.rows : []));
      return toDrift(await saveAbsenceTypes(tx, tenantId, numberOf, rows));
    }
    case 'holidays': {
      const rows = read.flatMap(({ facts }) => (facts.kind === first.kind ? facts.rows : []));
      return toDrift(await saveHolidays(tx, tenantId, numberOf, rows));
    }
    case 'absences': {
      const rows = read.flatMap(({ facts }) => (facts.kind === first.kind ? facts.rows : []));
      return toDrift(await saveAbsences(tx, tenantId, numberOf, rows));
    }
  }
}

function toDrift(outcome: {
  readonly created: readonly unknown[];
  readonly updated: readonly unknown[];
  readonly deleted?: readonly unknown[];
}): Drift {
  const { created, updated, deleted = [] } = outcome;
  return { created: created.length, updated: updated.length, deleted: deleted.length };
}
