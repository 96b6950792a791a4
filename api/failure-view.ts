import type { Failure } from '../contracts/http/failures.ts';
import type { listFailures } from '../repositories/failures-read.ts';

type Row = Awaited<ReturnType<typeof listFailures>>[number];

/** A stored failure as the API shows it. */
export function toFailure(row: Row): Failure {
  return {
    ...row,
    status: row.status as Failure['status'],
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
  };
}
