import { inTransaction, type Database } from './database.ts';

/**
 * Deletes a disconnected tenant's secrets: tokens, client credentials, what an authorization left. Links, mappings and data
 * stay, and so does whatever belongs to the next connection. Safe to repeat.
 */
export async function forgetCredentials(db: Database, tenantId: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const rows = await tx.$queryRaw<
      { status: string; generation: number; credentialVersion: number | null }[]
    >`
      SELECT status, generation, credential_version AS "credentialVersion" FROM connections WHERE tenant_id = ${tenantId} FOR UPDATE`;
    const [connection] = rows;
    if (connection === undefined) return;
    const isAnew = connection.status !== 'disconnected';
    await tx.tokenPair.deleteMany({ where: { tenantId, generation: { lt: connection.generation } } });
    await tx.authorizationAttempt.updateMany({
      where: { tenantId, ...(isAnew ? { outcome: { not: null } } : {}) },
      data: { codeEnc: null, pairEnc: null },
    });
    // What was saved after the disconnect belongs to the next connection, also before its command is worked off.
    const last = (connection.credentialVersion ?? 0) - (isAnew ? 1 : 0);
    await tx.credentialVersion.deleteMany({ where: { tenantId, version: { lte: last } } });
    if (!isAnew)
      await tx.connection.update({
        where: { tenantId },
        data: { credentialVersion: null, tokenOwner: null },
      });
  });
}
