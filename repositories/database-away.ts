import { types } from 'node:util';
import { Prisma } from './generated/client.ts';
import { sqlState } from './database.ts';

/** Prisma's words for a database that is not reached, too busy to connect to, or gone in the middle. */
const awayCodes = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
]);
/** The driver adapter's, which are all that a raw query tells. */
const awayKinds = new Set([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TooManyConnections',
]);
/** PostgreSQL's: connection exceptions, being shut down or started, read-only stand-by, full of connections. */
const awayStates = /^(?:08...|57P0[123]|53300|25006)$/;
const networkCodes =
  /^(?:ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const driverSentences =
  /connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|server closed the connection|not queryable|Can't reach database server/i;

/** Whether `error` says that the database cannot be reached now: the caller may try again, nothing is wrong with the request. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const meta = error.meta as { driverAdapterError?: { cause?: { kind?: string } } } | undefined;
    if (awayCodes.has(error.code) || awayKinds.has(meta?.driverAdapterError?.cause?.kind ?? '')) return true;
  }
  if (awayStates.test(sqlState(error) ?? '')) return true;
  if (!types.isNativeError(error)) return false; // also one of another realm, as Node's own may be
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && (networkCodes.test(code) || awayStates.test(code))) return true;
  if (fromDriver(error) && driverSentences.test(error.message)) return true;
  return cause !== undefined && cause !== error && isDatabaseAway(cause);
}

/** The driver's own errors carry no code; only theirs are told by their words. */
function fromDriver(error: Error): boolean {
  return (
    error.name === 'Error' || error.name === 'DriverAdapterError' || error.name.startsWith('PrismaClient')
  );
}
