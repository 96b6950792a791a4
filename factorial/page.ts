import { z } from 'zod';
import { DomainError, isDomainError } from '../domain/errors.ts';
import { flag, orNull, text, wholeNumber } from './fields.ts';
import { labelOf, type ResourceKind } from './resource-kinds.ts';
import { readRow, schemaDrift } from './rows.ts';

/** Factorial's largest page, and its default. */
export const largestPage = 100;
/** Ids in one request: one page's worth, and an address of about 3,500 characters, which every proxy passes. */
export const maxIdsPerRequest = 100;

/** One page of a list, in ascending order of id. Its rows are read when somebody first looks at them. */
export interface Page<Row> {
  readonly rows: Row[];
  /** A `schema_drift` for each row that could not be read; its neighbours are in `rows`. */
  readonly invalid: DomainError[];
  /** Size of the whole filtered list as Factorial counts it, bad rows included; null where it does not say. */
  readonly total: number | null;
  /** What to pass as `afterId` for the next page; null at the end. */
  readonly nextCursor: string | null;
}

const envelope = z.object({
  data: z.array(z.unknown()),
  meta: orNull(z.object({ has_next_page: flag, end_cursor: text, total: wholeNumber })),
});

/**
 * Reads a list's envelope and each row by itself.
 * Throws `schema_drift` where the body is no list (`{"errors":null}` with 200 is not an empty list) and `sweep_unstable` where the
 * list contradicts itself: an empty page that announces more, or a cursor that leads back to the page it came from.
 */
export function toPage<Row>(
  kind: ResourceKind,
  schema: z.ZodType<Row>,
  body: unknown,
  afterId: string | null,
): Page<Row> {
  const result = envelope.safeParse(body);
  if (!result.success) throw schemaDrift(kind, null, result.error.issues[0]?.path.join('.') || 'data');
  const { data, meta } = result.data;
  const saysMore = meta?.has_next_page === true;
  if (data.length === 0 && saysMore) throw unstable(kind, 'an empty page announces more');
  // Where has_next_page is missing the cursor decides; an empty page then is the end.
  const nextCursor = data.length === 0 || meta?.has_next_page === false ? null : (meta?.end_cursor ?? null);
  if (nextCursor !== null && nextCursor === afterId) throw unstable(kind, 'a page leads back to itself');
  let unread = data;
  let read: Pick<Page<Row>, 'rows' | 'invalid'> | null = null;
  const look = () => {
    read ??= readRows(kind, schema, unread);
    unread = []; // nothing that was dropped stays in memory
    return read;
  };
  return {
    get rows() {
      return look().rows;
    },
    get invalid() {
      return look().invalid;
    },
    total: meta?.total ?? null,
    nextCursor,
  };
}

function readRows<Row>(
  kind: ResourceKind,
  schema: z.ZodType<Row>,
  data: readonly unknown[],
): Pick<Page<Row>, 'rows' | 'invalid'> {
  const results = data.map((raw) => readRow(kind, schema, raw));
  return {
    rows: results.flatMap((each) => ('row' in each ? [each.row] : [])),
    invalid: results.flatMap((each) => ('drift' in each ? [each.drift] : [])),
  };
}

/** What a list filtered by an empty set of ids gives: nothing. Sent without the filter, the request would mean "all". */
export function emptyPage(): Page<never> {
  return { rows: [], invalid: [], total: 0, nextCursor: null };
}

/**
 * Every page of a list, one after the other. Ends at the first page without a next cursor.
 * Throws `sweep_unstable` on a cursor seen before, an empty page with a next cursor, or more than `maxPages` pages.
 */
export async function* pages<Row>(
  fetchPage: (afterId: string | null) => Promise<Page<Row>>,
  { maxPages }: { maxPages: number },
): AsyncGenerator<Page<Row>, void, undefined> {
  const seen = new Set<string>();
  let afterId: string | null = null;
  for (let count = 1; count <= maxPages; count += 1) {
    const page: Page<Row> = await fetchPage(afterId);
    afterId = page.nextCursor;
    if (afterId !== null && seen.has(afterId)) throw unstable('list', 'a cursor repeats');
    if (afterId !== null && page.rows.length + page.invalid.length === 0)
      throw unstable('list', 'an empty page announces more');
    yield page;
    if (afterId === null) return;
    seen.add(afterId);
  }
  throw unstable('list', `it does not end within ${maxPages} pages`);
}

/**
 * All that Factorial answers for some ids: its pages may be smaller than we ask for. At most one page for each id. What does
 * not come to an end, or repeats itself, keeps its next cursor: nobody takes it for whole then.
 */
export async function namedRows<Row extends { readonly id: string }>(
  ids: readonly string[],
  fetchPage: (afterId: string | null) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const first = await fetchPage(null);
  const rows = new Map(first.rows.map((row) => [row.id, row]));
  const invalid = [...first.invalid];
  let { nextCursor } = first;
  while (nextCursor !== null && rows.size + invalid.length < ids.length) {
    const before = rows.size + invalid.length;
    const page: Page<Row> | null = await nextOf(fetchPage, nextCursor);
    if (page === null) break;
    for (const row of page.rows) rows.set(row.id, row);
    invalid.push(...page.invalid);
    if (page.nextCursor !== null && rows.size + invalid.length === before) break;
    ({ nextCursor } = page);
  }
  return { rows: [...rows.values()], invalid, total: first.total, nextCursor };
}

/** Null for a page that contradicts itself. */
async function nextOf<Row>(
  fetchPage: (afterId: string | null) => Promise<Page<Row>>,
  afterId: string,
): Promise<Page<Row> | null> {
  try {
    return await fetchPage(afterId);
  } catch (error) {
    if (isDomainError(error, 'sweep_unstable')) return null;
    throw error;
  }
}

function unstable(kind: ResourceKind | 'list', reason: string): DomainError {
  const details = kind === 'list' ? {} : { resource: kind };
  return new DomainError(
    'sweep_unstable',
    `Factorial's ${labelOf(kind)} could not be read to the end: ${reason}.`,
    details,
  );
}
