import { decodeCursor, encodeCursor, type ListQuery } from '../contracts/http/common.ts';
import { NamePosition } from '../contracts/http/text.ts';
import type { Page, PageRequest } from '../repositories/text-order.ts';

/** Which page of a list by name and id a query asks for. Throws `invalid_request`. */
export function toPageRequest({ limit, cursor }: ListQuery): PageRequest {
  return { limit, after: decodeCursor(cursor, NamePosition) ?? null };
}

/** A page as lists answer it. */
export function toList<Row>({ rows, next }: Page<Row>): { items: Row[]; nextCursor: string | null } {
  return { items: rows, nextCursor: next === null ? null : encodeCursor(next) };
}
