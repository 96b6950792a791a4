import { DomainError } from '../domain/errors.ts';
import type { Executor } from './database.ts';
import type { FailureModel } from './generated/models.ts';

export interface FailureFilter {
  readonly code?: string | undefined;
  readonly resource?: string | undefined;
  /** Last seen at or after it. */
  readonly since?: Date | undefined;
}

/** Where a page goes on: after the row with these keys. */
export interface FailurePosition {
  readonly lastAt: Date;
  readonly id: string;
}

/** A tenant's failures, the latest first, at most `take`. */
export async function listFailures(
  db: Executor,
  tenantId: string,
  filter: FailureFilter,
  take: number,
  after?: FailurePosition,
): Promise<Omit<FailureModel, 'tenantId'>[]> {
  const { code, resource, since } = filter;
  return await db.failure.findMany({
    where: {
      tenantId,
      ...(code === undefined ? {} : { code }),
      ...(resource === undefined ? {} : { resource }),
      ...(since === undefined ? {} : { lastAt: { gte: since } }),
      ...(after === undefined
        ? {}
        : { OR: [{ lastAt: { lt: after.lastAt } }, { lastAt: after.lastAt, id: { gt: after.id } }] }),
    },
    orderBy: [{ lastAt: 'desc' }, { id: 'asc' }],
    take,
    omit: { tenantId: true },
  });
}

/** One failure. Throws `not_found` for another tenant's as for none. */
export async function requireFailure(db: Executor, tenantId: string, id: string): Promise<FailureModel> {
  const row = await db.failure.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (row === null) throw new DomainError('not_found', 'There is no such failure.');
  return row;
}
