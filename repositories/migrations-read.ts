import type { Executor } from './database.ts';

/** Names of the migrations that the database has, oldest first; and those that began and did not end. */
export async function listMigrations(
  db: Executor,
): Promise<{ readonly applied: string[]; readonly failed: string[] }> {
  const [table] = await db.$queryRaw<{ present: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`;
  if (table?.present !== true) return { applied: [], failed: [] };
  const rows = await db.$queryRaw<{ name: string; finished: boolean }[]>`
    SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations
    WHERE rolled_back_at IS NULL ORDER BY started_at`;
  return {
    applied: rows.filter(({ finished }) => finished).map(({ name }) => name),
    failed: rows.filter(({ finished }) => !finished).map(({ name }) => name),
  };
}

/** The database's clock and its version. */
export async function readServer(db: Executor): Promise<{ readonly at: Date; readonly version: string }> {
  const [row] = await db.$queryRaw<{ at: Date; version: string }[]>`
    SELECT clock_timestamp() AS at, current_setting('server_version') AS version`;
  if (row === undefined) throw new Error('A SELECT without FROM answered no row.');
  return row;
}
