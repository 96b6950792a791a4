import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient, Prisma } from './generated/client.ts';

/** The database, as repositories use it. */
export type Database = PrismaClient;
/** One transaction: what a repository function takes when its write must be atomic with others. */
export type Transaction = Prisma.TransactionClient;
/** Either of the two: for reads, and for single statements. */
export type Executor = Database | Transaction;

/** Opens a pool of at most `poolSize` connections. The caller closes it with `$disconnect()`. */
export function createDatabase(databaseUrl: string, poolSize = 10): Database {
  const pool = { connectionString: databaseUrl, max: poolSize, connectionTimeoutMillis: 5_000 };
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => statementName(sql) });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 60_000 } });
}

/**
 * A statement that begins with the comment `prepared: <name>` is parsed and planned once per connection. Its text must
 * never vary. For the few that run all the time; the empty name of all others means that nothing is kept.
 */
const statementName = (sql: string): string => /^\s*\/\* prepared: ([\w-]+) \*\//.exec(sql)?.[1] ?? '';

/** What PostgreSQL answers when a transaction must simply be run again: serialization failure, deadlock. */
const retryableStates = new Set(['40001', '40P01']);
const transactionTries = 5;

/**
 * Runs `work` in one transaction and commits. A deadlock or a serialization failure runs the whole of `work` again
 * (never a single statement inside an aborted transaction), at most five times, so `work` must only touch the database.
 */
export async function inTransaction<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return await repeatingConflicts(() => database.$transaction(work));
}

/** The same for a single statement, which is a transaction of its own. */
export async function repeatingConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === transactionTries || !isRetryable(error)) throw error;
    }
  }
}

function isRetryable(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code === 'P2034') return true; // Prisma's own word for a write conflict or a deadlock
  return retryableStates.has(sqlState(error) ?? '');
}

/** The SQLSTATE behind an error of a raw query, where the driver told one. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const meta = error.meta as
    | { code?: string; driverAdapterError?: { cause?: { originalCode?: string } } }
    | undefined;
  return meta?.driverAdapterError?.cause?.originalCode ?? meta?.code;
}
