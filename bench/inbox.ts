import type { BenchStack } from './bench-stack.ts';
import { until } from './http.ts';
import { tell } from './progress.ts';

export interface InboxCounts {
  /** Rows without an outcome. */
  readonly undone: number;
  /** Deliveries that rows with an outcome stand for, copies included. */
  readonly done: number;
}

/** What became of the deliveries of some tenants. */
export async function countInbox({ db }: BenchStack, tenantIds: readonly string[]): Promise<InboxCounts> {
  const { rows } = await db.query<{ undone: number; done: number }>(
    `SELECT count(*) FILTER (WHERE outcome IS NULL)::int AS undone,
            coalesce(sum(copies) FILTER (WHERE outcome IS NOT NULL), 0)::int AS done
     FROM inbox WHERE tenant_id = ANY($1)`,
    [tenantIds],
  );
  return rows[0] ?? { undone: 0, done: 0 };
}

/** Waits until what had come before a moment has an outcome. Answers how long that took, in seconds. */
export async function backlogDone(
  { db }: BenchStack,
  tenantIds: readonly string[],
  before: Date,
  timeoutMs: number,
): Promise<number> {
  const startedAt = performance.now();
  await until('working off the backlog', timeoutMs, async () => {
    const { rows } = await db.query<{ left: number }>(
      'SELECT count(*)::int AS left FROM inbox WHERE tenant_id = ANY($1) AND outcome IS NULL AND received_at < $2',
      [tenantIds, before],
    );
    return rows[0]?.left === 0 ? true : null;
  });
  return (performance.now() - startedAt) / 1_000;
}

/** Waits until every delivery has an outcome and every day that follows is computed. Answers how long that took, in seconds. */
export async function drained(
  stack: BenchStack,
  tenantIds: readonly string[],
  timeoutMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let told = startedAt;
  await until(
    'working off the inbox',
    timeoutMs,
    async () => {
      const { undone } = await countInbox(stack, tenantIds);
      const { rows } = await stack.db.query<{ marked: number }>(
        'SELECT count(*)::int AS marked FROM recompute_marks WHERE tenant_id = ANY($1)',
        [tenantIds],
      );
      const marked = rows[0]?.marked ?? 0;
      if (undone + marked === 0) return true;
      if (performance.now() - told > 5_000) {
        told = performance.now();
        tell(`${undone} deliveries and ${marked} employees are left`);
      }
      return null;
    },
    250,
  );
  return (performance.now() - startedAt) / 1_000;
}
