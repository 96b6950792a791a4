import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
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
  const adapter = new SharedPool(pool);
  const db = new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 60_000 } });
  adapters.set(db, adapter);
  return db;
}

/** Prisma's driver, whose pool and connections we use as well. */
class SharedPool extends PrismaPg {
  pool: pg.Pool | undefined;

  override async connect() {
    const connected = await super.connect();
    const driver: unknown = connected.underlyingDriver();
    if (driver instanceof pg.Pool) this.pool = driver;
    const startTransaction = connected.startTransaction.bind(connected);
    connected.startTransaction = async (isolationLevel) => {
      const begun = await startTransaction(isolationLevel);
      const connection: unknown = Reflect.get(begun, 'client');
      if (connection instanceof pg.Client) lend(begun, connection);
      return begun;
    };
    return connected;
  }
}

const adapters = new WeakMap<Executor, SharedPool>();

/** The connection of one of Prisma's transactions; null before it begins and after its end. */
interface Loan {
  connection: pg.Client | null;
}

/** Of the transaction that is being opened. */
const openings = new AsyncLocalStorage<Loan>();
const loans = new WeakMap<Executor, Loan>();

/** Hands a transaction's connection to who opens it, until it ends, whoever ends it. */
function lend(begun: { commit(): Promise<void>; rollback(): Promise<void> }, connection: pg.Client): void {
  const loan = openings.getStore();
  if (loan === undefined) return;
  loan.connection = connection;
  for (const end of ['commit', 'rollback'] as const) {
    const ending = begun[end].bind(begun);
    begun[end] = () => {
      loan.connection = null;
      return ending();
    };
  }
}

/** A statement whose text never varies: `Prisma.sql` gives one. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Runs a statement past Prisma, which would compile each call anew at several times the price of the statement: on the pool
 * of the database, or on the connection of a transaction that `inTransaction` opened. Planned once per connection, under a
 * name of its own. Answers what the driver makes of the types: of numbers of 64 bits text.
 */
export async function runPrepared<Row extends pg.QueryResultRow>(
  db: Executor,
  name: string,
  { text, values }: Statement,
): Promise<Row[]> {
  const connection = loans.get(db)?.connection ?? null;
  if (connection !== null) return (await connection.query<Row>({ name, text, values: [...values] })).rows;
  const adapter = adapters.get(db);
  if (adapter === undefined) return await db.$queryRawUnsafe<Row[]>(text, ...values);
  if (adapter.pool === undefined && '$connect' in db) await db.$connect();
  if (adapter.pool === undefined) throw new Error('The pool of the database is not open.');
  return (await adapter.pool.query<Row>({ name, text, values: [...values] })).rows;
}

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
  return await repeatingConflicts(() => {
    const loan: Loan = { connection: null };
    return openings.run(loan, () =>
      database.$transaction((tx) => {
        if (loan.connection !== null) loans.set(tx, loan);
        return work(tx);
      }),
    );
  });
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
  if (error instanceof pg.DatabaseError) return retryableStates.has(error.code ?? '');
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
