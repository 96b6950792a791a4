import { defaultApiHost, parseApiHost } from '../domain/api-host.ts';
import { authorizationUrl, redirectUriOf } from '../domain/authorization-url.ts';
import { DomainError } from '../domain/errors.ts';
import { authorizedAt, startAttempt, type NewAttempt } from '../repositories/attempts.ts';
import { latestCredentials } from '../repositories/credentials.ts';
import type { Transaction } from '../repositories/database.ts';
import type { AppDeps } from './app-deps.ts';
import { giveCommand, requireAccepted } from './commands.ts';

interface Asker {
  readonly tenantId: string;
  readonly subject: string;
}

export interface AuthorizationWish {
  readonly apiHost?: string | undefined;
  readonly tokenOwner?: 'company' | 'user' | undefined;
  readonly confirmCompanyChange?: boolean | undefined;
}

interface StartedAuthorization {
  readonly authorizationUrl: string;
  readonly expiresAt: string;
}

/**
 * Starts a first authorization. Refusals in this order: `factorial_url_invalid`, `credentials_missing`,
 * `already_connected` (contract.md 1).
 */
export async function startAuthorization(
  deps: AppDeps,
  asker: Asker,
  wish: AuthorizationWish,
): Promise<StartedAuthorization> {
  const apiHost = parseApiHost(wish.apiHost ?? defaultApiHost, deps.config.factorialExtraHosts);
  return await giveCommand(deps, asker.tenantId, {
    type: 'start_authorization',
    actor: asker.subject,
    prepare: async (tx, status) => {
      requireAccepted(status, 'start_authorization');
      return await openAttempt(deps, tx, asker.tenantId, {
        kind: 'authorize',
        apiHost,
        tokenOwner: wish.tokenOwner ?? deps.config.factorialTokenOwner,
        confirmCompanyChange: wish.confirmCompanyChange ?? false,
      });
    },
  });
}

/** Starts another authorization of a connection that exists, at its host and for its kind of token. */
export async function startReauthorization(deps: AppDeps, asker: Asker): Promise<StartedAuthorization> {
  return await giveCommand(deps, asker.tenantId, {
    type: 'start_reauthorization',
    actor: asker.subject,
    prepare: async (tx, status) => {
      requireAccepted(status, 'start_reauthorization');
      const before = await authorizedAt(tx, asker.tenantId);
      return await openAttempt(deps, tx, asker.tenantId, {
        kind: 'reauthorize',
        apiHost: before.apiHost ?? defaultApiHost,
        tokenOwner: before.tokenOwner ?? deps.config.factorialTokenOwner,
        confirmCompanyChange: false,
      });
    },
  });
}

async function openAttempt(
  deps: AppDeps,
  tx: Transaction,
  tenantId: string,
  attempt: Omit<NewAttempt, 'credentialVersion'>,
): Promise<{ payload: { attemptId: string }; result: StartedAuthorization }> {
  const credentials = await latestCredentials(tx, tenantId);
  if (credentials === null) {
    throw new DomainError('credentials_missing', 'Save the Client ID and the Client secret first.');
  }
  const { version: credentialVersion, clientId } = credentials;
  const { id, state, expiresAt } = await startAttempt(
    tx,
    tenantId,
    { ...attempt, credentialVersion },
    deps.now(),
  );
  const { apiHost, tokenOwner } = attempt;
  const redirectUri = redirectUriOf(deps.config.publicUrl);
  const url = authorizationUrl({ apiHost, clientId, redirectUri, state, tokenOwner });
  return {
    payload: { attemptId: id },
    result: { authorizationUrl: url, expiresAt: expiresAt.toISOString() },
  };
}
