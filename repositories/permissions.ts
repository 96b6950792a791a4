import { refusalCodes, scopesMissing, scopesOf, type Scope } from '../domain/permissions.ts';
import type { Transaction } from './database.ts';
import { clearWarnings, raiseWarning } from './warnings.ts';

/**
 * Says on the card which permissions are missing: those that the token was not granted, and those of what was refused and
 * could not be read since. The warning goes when there is none. Answers what is missing.
 */
export async function tellPermissions(
  tx: Transaction,
  tenantId: string,
  at: Date,
): Promise<readonly Scope[]> {
  const token = await tx.tokenPair.findUnique({ where: { tenantId }, select: { missingScopes: true } });
  const refused = await tx.failure.groupBy({
    by: ['resource'],
    where: { tenantId, code: { in: [...refusalCodes] }, status: { not: 'resolved' } },
  });
  const missing = [
    ...((token?.missingScopes ?? []) as Scope[]),
    ...scopesOf(refused.map(({ resource }) => resource)),
  ];
  if (missing.length === 0) await clearWarnings(tx, tenantId, ['scopes_missing']);
  else await raiseWarning(tx, tenantId, 'scopes_missing', at, scopesMissing(missing));
  return missing;
}

/** Notes that rows were read which these permissions allow: they are granted, whatever the token's answer said. */
export async function noteGranted(
  tx: Transaction,
  tenantId: string,
  granted: readonly Scope[],
): Promise<void> {
  await tx.$executeRaw`
    UPDATE token_pairs SET missing_scopes = ARRAY(
      SELECT scope FROM unnest(missing_scopes) AS scope WHERE scope <> ALL(${[...granted]}::text[]))
    WHERE tenant_id = ${tenantId} AND missing_scopes && ${[...granted]}::text[]`;
}
