import { badRequest } from './api-error.ts';
import { lowerBound } from './collection.ts';
import { compareIds } from './ids.ts';
import type { Switches } from './switches.ts';

export const MAX_PAGE_SIZE = 100;

/** Rows in ascending id order; they may be computed as they are asked for. */
export interface Sequence<Row> {
  readonly length: number;
  slice(from: number, to: number): readonly Row[];
  /** Index of the first row whose id is not below `id`. */
  lowerBound(id: string): number;
}

export interface PageRequest {
  limit: string | undefined;
  afterId: string | undefined;
  beforeId: string | undefined;
  /** 1-based page number: the offset mode of older versions. */
  page: string | undefined;
}

export interface Page<Row> {
  rows: readonly Row[];
  meta: {
    has_next_page: boolean;
    has_previous_page: boolean;
    start_cursor?: string | null;
    end_cursor?: string | null;
    total: number;
    limit: number | null;
  };
}

export function sequenceOf<Row extends { id: string }>(rows: readonly Row[]): Sequence<Row> {
  return sequenceBy(rows, compareIds);
}

/** Rows that are sorted by another order of their ids. */
export function sequenceBy<Row extends { id: string }>(
  rows: readonly Row[],
  compare: (left: string, right: string) => number,
): Sequence<Row> {
  return {
    length: rows.length,
    slice: (from, to) => rows.slice(from, to),
    lowerBound: (id) => lowerBound(rows, id, compare),
  };
}

/** Cuts one page out of a sequence: at most 100 rows after, or before, a cursor. */
export function toPage<Row extends { id: string }>(
  sequence: Sequence<Row>,
  request: PageRequest,
  switches: Pick<Switches, 'badCursor' | 'lastCursor'>,
): Page<Row> {
  const limit = toLimit(request.limit);
  const pageNumber =
    request.page === undefined ? undefined : Math.max(1, Math.floor(Number(request.page)) || 1);
  const [from, to] =
    pageNumber === undefined
      ? cursorRange(sequence, request, limit, switches)
      : [(pageNumber - 1) * limit, pageNumber * limit];

  const rows = sequence.slice(from, Math.min(to, sequence.length));
  const hasNext = to < sequence.length;
  const meta: Page<Row>['meta'] = {
    has_next_page: hasNext,
    has_previous_page: from > 0 && sequence.length > 0,
    total: sequence.length,
    limit,
  };
  if (pageNumber === undefined) {
    meta.start_cursor = toCursor(rows[0]);
    const last = toCursor(rows.at(-1));
    if (hasNext || switches.lastCursor === 'set') meta.end_cursor = last;
    else if (switches.lastCursor === 'null') meta.end_cursor = null;
  }
  return { rows, meta };
}

function toLimit(text: string | undefined): number {
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 ? Math.min(limit, MAX_PAGE_SIZE) : MAX_PAGE_SIZE;
}

function cursorRange<Row extends { id: string }>(
  sequence: Sequence<Row>,
  { afterId, beforeId }: PageRequest,
  limit: number,
  { badCursor }: Pick<Switches, 'badCursor'>,
): [number, number] {
  const cursor = afterId ?? beforeId;
  if (cursor === undefined) return [0, limit];

  const id = fromCursor(cursor);
  if (id === undefined) {
    if (badCursor === 400) throw badRequest('invalid cursor');
    return [0, limit];
  }

  const index = sequence.lowerBound(id);
  if (afterId === undefined) return [Math.max(0, index - limit), index];
  const start = sequence.slice(index, index + 1)[0]?.id === id ? index + 1 : index;
  return [start, start + limit];
}

function toCursor(row: { id: string } | undefined): string | null {
  return row === undefined ? null : Buffer.from(row.id).toString('base64');
}

/** A cursor is the base64 of an id; rows that are computed have an employee and a date in theirs. */
function fromCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, 'base64').toString();
  return /^\d+(-\d{4}-\d{2}-\d{2})?$/.test(id) ? id : undefined;
}

/** Keeps the filtered rows of the latest queries, so that the pages of one listing filter once. */
export interface FilterCache {
  rows<Row>(key: string, stamp: string, compute: () => readonly Row[]): readonly Row[];
}

const CACHED_QUERIES = 24;

export function createFilterCache(): FilterCache {
  const entries = new Map<string, { stamp: string; rows: readonly unknown[] }>();
  return {
    rows<Row>(key: string, stamp: string, compute: () => readonly Row[]): readonly Row[] {
      const known = entries.get(key);
      // The key names the resource, hence the type of its rows.
      if (known?.stamp === stamp) return known.rows as readonly Row[];

      const rows = compute();
      entries.delete(key);
      entries.set(key, { stamp, rows });
      const oldest = entries.keys().next().value;
      if (entries.size > CACHED_QUERIES && oldest !== undefined) entries.delete(oldest);
      return rows;
    },
  };
}
