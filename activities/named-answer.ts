import type { NamedAnswer } from '../domain/sweep.ts';
import type { Page } from '../factorial/page.ts';

/** Ids of all rows of a page that have one, also of those that could not be read. */
export function idsOf({ rows, invalid }: Page<{ id: string }>): string[] {
  return [...rows.map((row) => row.id), ...invalid.flatMap(({ details }) => details.factorialId ?? [])];
}

/** A page that answers a request for named ids, as `unanswered` judges it. */
export function toNamedAnswer(page: Page<{ id: string }>): NamedAnswer {
  const ids = idsOf(page);
  return {
    ids,
    nameless: page.rows.length + page.invalid.length - ids.length,
    total: page.total,
    hasMore: page.nextCursor !== null,
  };
}
