import type { ResourceKind } from '../domain/resources.ts';
import { Prisma } from './generated/client.ts';

/** Selects the ids that a sweep has listed, one a row; over pages that overlap some come twice. */
export function listedIds(tenantId: string, reconciliationId: string, kind: ResourceKind): Prisma.Sql {
  return Prisma.sql`
    SELECT unnest(factorial_ids) FROM swept_ids
    WHERE tenant_id = ${tenantId} AND reconciliation_id = ${reconciliationId}::uuid AND kind = ${kind}`;
}
