import { DomainError } from '../domain/errors.ts';
import type { Cipher } from './cipher.ts';
import { clientSecretPlace } from './credentials.ts';
import type { Executor } from './database.ts';

/** The customer's OAuth application, opened for a call to its token endpoint. Never leaves an activity. */
export interface OpenApplication {
  readonly apiHost: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Credential version. */
  readonly version: number;
}

/**
 * The application that a token pair belongs to, with its newest secret. `isReplaced`: newer credentials name another
 * application, whose tokens only a new authorization can give. Fails with `credentials_missing`.
 */
export async function readApplicationOf(
  db: Executor,
  cipher: Cipher,
  tenantId: string,
  credentialVersion: number,
): Promise<OpenApplication & { readonly isReplaced: boolean }> {
  const newest = await readApplication(db, cipher, tenantId);
  const own = await readApplication(db, cipher, tenantId, { apiHost: newest.apiHost, credentialVersion });
  return newest.clientId === own.clientId ? { ...newest, isReplaced: false } : { ...own, isReplaced: true };
}

/**
 * The newest credentials with the host of the connection, or of `attempt` where one is given.
 * Fails with `credentials_missing`.
 */
export async function readApplication(
  db: Executor,
  cipher: Cipher,
  tenantId: string,
  attempt?: { readonly apiHost: string; readonly credentialVersion: number },
): Promise<OpenApplication> {
  const credentials = await db.credentialVersion.findFirst({
    where: { tenantId, ...(attempt === undefined ? {} : { version: attempt.credentialVersion }) },
    orderBy: { version: 'desc' },
  });
  const connection = await db.connection.findUnique({ where: { tenantId }, select: { apiHost: true } });
  const apiHost = attempt?.apiHost ?? connection?.apiHost;
  if (credentials === null || apiHost == null) {
    throw new DomainError(
      'credentials_missing',
      'The Client ID and the Client secret are not there any more.',
    );
  }
  const clientSecret = cipher.decrypt(credentials.clientSecretEnc, clientSecretPlace(tenantId));
  return { apiHost, clientId: credentials.clientId, clientSecret, version: credentials.version };
}
