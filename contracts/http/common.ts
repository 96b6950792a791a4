import { z } from 'zod';
import { firstInstantMs } from '../../domain/civil-date.ts';
import { DomainError, errorCodes } from '../../domain/errors.ts';

/** An instant in UTC with milliseconds, e.g. `2026-11-22T08:00:00.000Z`. */
export const Instant = z.iso.datetime({
  precision: 3,
  error: 'must be an instant like 2026-11-22T08:00:00.000Z',
});

/** An instant that a caller sends: any number of fractional digits, any offset. */
export const InstantInput = z.iso
  .datetime({ offset: true, error: 'must be an instant like 2026-11-22T08:00:00.000Z' })
  .refine((text) => Date.parse(text) >= firstInstantMs, 'must not be before the year 1');

/** An instant in a cursor. */
export const InstantPosition = InstantInput.transform((text) => new Date(text));

/** A real day of the calendar. */
export const CivilDate = z.iso.date({ error: 'must be a date like 2026-11-22' });

/** The form of ids that callers choose: tenants, employees, day types. */
export const OwnId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, dashes or underscores');

/** The body of every error (RFC 9457); `code` is stable, `detail` is a sentence to act on. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorCodes),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** What any route may answer. */
type CommonStatus = 400 | 401 | 403 | 404 | 500 | 503;

/** The error replies of a route's schema: the common ones and those it names, e.g. `{ 200: Card, ...problems(409) }`. */
export function problems<const Status extends number = never>(
  ...statuses: readonly Status[]
): Record<CommonStatus | Status, typeof Problem> {
  const all = [400, 401, 403, 404, 500, 503, ...statuses];
  return Object.fromEntries(all.map((status) => [status, Problem])) as Record<
    CommonStatus | Status,
    typeof Problem
  >;
}

/** A page of a list: `nextCursor` is null on the last one. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

const limitText = 'must be a whole number from 1 to 200';

/** A query's `limit`: 50 unless told, at most 200. */
export const Limit = z
  .string(limitText)
  .regex(/^\d{1,3}$/, limitText)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= 200, limitText)
  .default(50);

export const Cursor = z.string('must be the nextCursor of the page before').min(1).max(2_000);

/** The query of every list; routes extend it with their filters. `tenant` is read by the authentication. */
export const ListQuery = z.object({ limit: Limit, cursor: Cursor.optional() });
export type ListQuery = z.infer<typeof ListQuery>;

/** An opaque cursor: where the next page goes on, e.g. the sort keys of the last row. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** What `encodeCursor` was given, checked; undefined without a cursor. Throws `invalid_request`. */
export function decodeCursor<Position extends z.ZodType>(
  cursor: string | undefined,
  position: Position,
): z.output<Position> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = position.safeParse(readJson(cursor));
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid_request', 'query.cursor: must be the nextCursor of the page before');
}

function readJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Makes a page of rows that were asked for with `limit + 1`: the row too many only tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toPosition: (row: Row) => unknown,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isLast = rows.length <= limit || last === undefined;
  return { items: page.map(toItem), nextCursor: isLast ? null : encodeCursor(toPosition(last)) };
}
