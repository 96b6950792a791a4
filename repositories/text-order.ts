import { Prisma } from './generated/client.ts';

/** Where a page of a list begins: the sort keys of the last row that the reader has seen. */
export type PageStart = readonly [sortKey: string, id: string];

export interface PageRequest {
  readonly limit: number;
  readonly after: PageStart | null;
}

export interface Page<Row> {
  readonly rows: Row[];
  /** Null: this was the last page. */
  readonly next: PageStart | null;
}

/** Text without case and accents, as people look it up: `Álvaro` is found by `alva` and stands before `Bea`. */
export const folded = (text: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`lower(regexp_replace(normalize(${text}, NFD), '[\\u0300-\\u036f]', '', 'g'))`;

/** Whether one of `columns` contains what a person typed. Without a query everything does. */
export function containsQuery(query: string | undefined, columns: readonly Prisma.Sql[]): Prisma.Sql {
  if (query === undefined || query === '') return Prisma.sql`TRUE`;
  const wanted = folded(Prisma.sql`${query}::text`);
  return Prisma.sql`(${Prisma.join(
    columns.map((column) => Prisma.sql`strpos(${folded(column)}, ${wanted}) > 0`),
    ' OR ',
  )})`;
}

/** Whether a row comes after the page's start. Bytes decide, so that every database sorts alike. */
export function isAfter(sortKey: Prisma.Sql, id: Prisma.Sql, after: PageStart | null): Prisma.Sql {
  if (after === null) return Prisma.sql`TRUE`;
  return Prisma.sql`(${sortKey} COLLATE "C", ${id} COLLATE "C") > (${after[0]}, ${after[1]})`;
}

/** Cuts the one row too many that tells whether there is a next page. */
export function cutPage<Raw extends { sortKey: string }, Row>(
  raws: readonly Raw[],
  limit: number,
  idOf: (raw: Raw) => string,
  toRow: (raw: Raw) => Row,
): Page<Row> {
  const shown = raws.slice(0, limit);
  const last = raws.length > limit ? shown.at(-1) : undefined;
  return { rows: shown.map(toRow), next: last === undefined ? null : [last.sortKey, idOf(last)] };
}
