import { runPrepared, type Database } from './database.ts';

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
  // A bucket of one or two requests must still be usable by those who leave a part of it.
  const floor = Math.min(leave * perMinute, perMinute - 1);
  const values = [tenantId, perMinute, perMinute / 60_000, floor];
  for (;;) {
    const [row] = await runPrepared<RequestTurn>(db, 'take-request', { text: takeStatement, values });
    if (row !== undefined) return row;
    await db.$executeRaw`
      INSERT INTO request_budgets (tenant_id, tokens, refilled_at) VALUES (${tenantId}, ${perMinute}::float8, clock_timestamp())
      ON CONFLICT (tenant_id) DO NOTHING`;
  }
}

/** $1 the tenant, $2 the size of the bucket, $3 what flows into it in a ms, $4 what is left for others. */
const takeStatement = `
    WITH held AS (
      -- Stored times are rounded to the ms: the last one may lie ahead.
      SELECT least($2::float8, tokens + greatest(0, extract(epoch FROM clock_timestamp() - refilled_at)::float8 * 1000) * $3::float8) AS available,
             greatest(0, extract(epoch FROM blocked_until - clock_timestamp())::float8 * 1000) AS blocked,
             set_config('synchronous_commit', 'off', true) AS durability
      FROM request_budgets WHERE tenant_id = $1 FOR UPDATE
    ), verdict AS (
      SELECT available, CASE WHEN coalesce(blocked, 0) > 0 THEN blocked
                             WHEN available - 1 >= $4::float8 THEN 0
                             -- What is lost in computing is no ms to wait for.
                             ELSE greatest(1, ceil(($4::float8 + 1 - available) / $3::float8 - 1e-6)) END AS wait
      FROM held
    )
    UPDATE request_budgets SET refilled_at = clock_timestamp(),
      tokens = verdict.available - CASE WHEN verdict.wait = 0 THEN 1 ELSE 0 END
    FROM verdict WHERE tenant_id = $1
    RETURNING ceil(verdict.wait)::float8 AS "waitMs",
      coalesce((SELECT generation FROM connections WHERE connections.tenant_id = $1), 0) AS generation,
      coalesce((SELECT paused FROM connections WHERE connections.tenant_id = $1), false) AS paused`;

/** Factorial said 429: nobody asks for this connection before `forMs` have passed. */
export async function blockRequests(db: Database, tenantId: string, forMs: number): Promise<void> {
  await db.$executeRaw`
    UPDATE request_budgets SET blocked_until = greatest(blocked_until, clock_timestamp() + ${forMs}::float8 * interval '1 millisecond')
    WHERE tenant_id = ${tenantId}`;
}
