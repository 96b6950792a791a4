import type { Database } from './database.ts';

export interface BudgetRules {
  /** Requests per minute of one connection; also how many may be sent at once after a rest. */
  readonly perMinute: number;
  /** Part of a full bucket that this caller leaves for others: 0.3 for a reconciliation, 0 for all else. */
  readonly leave: number;
}

/** What came of asking for a request. */
export interface RequestTurn {
  /** 0: it may be sent. Otherwise nothing was taken, and this is how long to wait, in ms. */
  readonly waitMs: number;
  /** The generation that the connection has at this moment; 0 where there is none. */
  readonly generation: number;
  /** An operator has paused the connection. */
  readonly paused: boolean;
}

/**
 * Takes one request out of a connection's bucket, or takes nothing and answers how long to wait.
 * One row per connection is shared by its workflow, its children and replays: this is the limiter (rule 14).
 * Does not wait for the disk: a database that crashes may give the requests of its last moments again.
 */
export async function takeRequest(
  db: Database,
  tenantId: string,
  { perMinute, leave }: BudgetRules,
): Promise<RequestTurn> {
  const perMs = perMinute / 60_000;
  // A bucket of one or two requests must still be usable by those who leave a part of it.
  const floor = Math.min(leave * perMinute, perMinute - 1);
  for (;;) {
    const rows = await db.$queryRaw<RequestTurn[]>`
      /* prepared: take-request */
      WITH held AS (
        SELECT least(${perMinute}::float8, tokens + extract(epoch FROM clock_timestamp() - refilled_at)::float8 * 1000 * ${perMs}::float8) AS available,
               greatest(0, extract(epoch FROM blocked_until - clock_timestamp())::float8 * 1000) AS blocked,
               set_config('synchronous_commit', 'off', true) AS durability
        FROM request_budgets WHERE tenant_id = ${tenantId} FOR UPDATE
      ), verdict AS (
        SELECT available, CASE WHEN coalesce(blocked, 0) > 0 THEN blocked
                               WHEN available - 1 >= ${floor}::float8 THEN 0
                               ELSE (${floor}::float8 + 1 - available) / ${perMs}::float8 END AS wait
        FROM held
      )
      UPDATE request_budgets SET refilled_at = clock_timestamp(),
        tokens = verdict.available - CASE WHEN verdict.wait = 0 THEN 1 ELSE 0 END
      FROM verdict WHERE tenant_id = ${tenantId}
      RETURNING ceil(verdict.wait)::float8 AS "waitMs",
        coalesce((SELECT generation FROM connections WHERE connections.tenant_id = ${tenantId}), 0) AS generation,
        coalesce((SELECT paused FROM connections WHERE connections.tenant_id = ${tenantId}), false) AS paused`;
    const [row] = rows;
    if (row !== undefined) return row;
    await db.$executeRaw`
      INSERT INTO request_budgets (tenant_id, tokens, refilled_at) VALUES (${tenantId}, ${perMinute}::float8, clock_timestamp())
      ON CONFLICT (tenant_id) DO NOTHING`;
  }
}

/** Factorial said 429: nobody asks for this connection before `forMs` have passed. */
export async function blockRequests(db: Database, tenantId: string, forMs: number): Promise<void> {
  await db.$executeRaw`
    UPDATE request_budgets SET blocked_until = greatest(blocked_until, clock_timestamp() + ${forMs}::float8 * interval '1 millisecond')
    WHERE tenant_id = ${tenantId}`;
}
