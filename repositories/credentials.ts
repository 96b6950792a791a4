import type { Cipher } from './cipher.ts';
import type { Executor, Transaction } from './database.ts';

/** OAuth client credentials of a tenant; the secret stays in the database. */
export interface SavedCredentials {
  readonly version: number;
  readonly clientId: string;
}

/** What a client secret is bound to. */
export const clientSecretPlace = (tenantId: string) => ({
  tenantId,
  column: 'credential_versions.client_secret',
});

/**
 * Saves credentials as a new version and answers its number. Versions are never changed, so that a command can name one.
 * The caller holds the tenant's lock (`lockCommands`): the numbers have no gaps and no doubles.
 */
export async function saveCredentials(
  tx: Transaction,
  cipher: Cipher,
  tenantId: string,
  credentials: { clientId: string; clientSecret: string },
): Promise<number> {
  const latest = await latestCredentials(tx, tenantId);
  const inUse = await tx.connection.findUnique({ where: { tenantId }, select: { credentialVersion: true } });
  const version = Math.max(latest?.version ?? 0, inUse?.credentialVersion ?? 0) + 1;
  const clientSecretEnc = cipher.encrypt(credentials.clientSecret, clientSecretPlace(tenantId));
  await tx.credentialVersion.create({
    data: { tenantId, version, clientId: credentials.clientId, clientSecretEnc },
  });
  return version;
}

/** The newest version that was saved; null when there is none, or when a disconnect has deleted them. */
export async function latestCredentials(db: Executor, tenantId: string): Promise<SavedCredentials | null> {
  return await db.credentialVersion.findFirst({
    where: { tenantId },
    orderBy: { version: 'desc' },
    select: { version: true, clientId: true },
  });
}
