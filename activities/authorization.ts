import { cancellationSignal } from '@temporalio/activity';
import type { Fenced } from '../contracts/temporal/connection.ts';
import { redirectUriOf } from '../domain/authorization-url.ts';
import { DomainError, isDomainError } from '../domain/errors.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { createFactorialClient } from '../factorial/client.ts';
import { createFactorialHttp, type FactorialHttp } from '../factorial/http.ts';
import { exchangeCode, revokeToken } from '../factorial/oauth.ts';
import type { CredentialsRecord } from '../factorial/resources/credentials.ts';
import { readApplication, type OpenApplication } from '../repositories/applications.ts';
import {
  attemptOutcome,
  connect,
  keepPair,
  noteExchange,
  openAttempt,
  type OpenAttempt,
} from '../repositories/attempts-settle.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import type { NewPair } from '../repositories/tokens.ts';
import { noteWarnings } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';

export interface ExchangeInput extends Fenced {
  readonly attemptId: string;
}

export type ExchangeOutcome =
  | { readonly outcome: 'connected'; readonly generation: number }
  /** What the card says; the connection stays as it was. */
  | { readonly outcome: 'failed'; readonly warning: WarningCode }
  /** Factorial does not answer; the code still lives. */
  | { readonly outcome: 'later'; readonly dueAt: number };

const retryMs = 5_000;

export function createAuthorizationActivities(deps: ActivityDependencies) {
  const { db, cipher, settings } = deps;

  return {
    /**
     * Turns the code of an attempt into a connection: exchange, company, commit. Safe to repeat: the code is sent once, its
     * pair is kept from the answer on, and the commit happens once. A lost answer ends in `authorization_expired`.
     */
    async exchangeAuthorization({
      tenantId,
      generation,
      attemptId,
      nowMs,
    }: ExchangeInput): Promise<ExchangeOutcome> {
      const connection = await readConnectionRow(db, tenantId);
      const attempt = await openAttempt(db, cipher, tenantId, attemptId);
      if (attempt === null) {
        // Repeated after its commit, or overtaken by another attempt.
        if ((await attemptOutcome(db, tenantId, attemptId)) === 'connected')
          return { outcome: 'connected', generation: connection.generation };
        return { outcome: 'failed', warning: 'authorization_expired' };
      }
      const application = await readApplication(db, cipher, tenantId, attempt);
      const exchanged =
        attempt.pair ?? (await exchange({ tenantId, generation, attemptId, nowMs }, attempt, application));
      if ('outcome' in exchanged) return exchanged;
      return conclude(tenantId, generation, attemptId, attempt, application, exchanged, nowMs);
    },
  };

  async function exchange(
    { tenantId, generation, attemptId, nowMs }: ExchangeInput,
    attempt: OpenAttempt,
    application: OpenApplication,
  ): Promise<NewPair | ExchangeOutcome> {
    if (attempt.exchangeStartedAt !== null || attempt.code === null || nowMs >= attempt.expiresAt.getTime()) {
      return { outcome: 'failed', warning: 'authorization_expired' };
    }
    await noteExchange(db, tenantId, attemptId, new Date(nowMs));
    try {
      const redirectUri = redirectUriOf(settings.publicUrl);
      const pair = await exchangeCode(
        { ...application, redirectUri, code: attempt.code },
        cancellationSignal(),
      );
      await keepPair(db, cipher, tenantId, attemptId, pair);
      return pair;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, details } = error;
      if (
        code === 'rate_limited' ||
        (code === 'factorial_unreachable' && (details.notSent === true || details.status !== undefined))
      ) {
        // Factorial answered that it is down, or never heard us: the code is as good as before.
        await noteExchange(db, tenantId, attemptId, null);
        await noteWarnings(db, tenantId, generation, { [code]: true }, new Date(nowMs));
        return { outcome: 'later', dueAt: nowMs + (details.retryAfterMs ?? retryMs) };
      }
      if (code === 'invalid_client') return { outcome: 'failed', warning: 'credentials_invalid' };
      if (code === 'redirect_uri_mismatch') return { outcome: 'failed', warning: 'redirect_uri_mismatch' };
      return { outcome: 'failed', warning: 'authorization_expired' };
    }
  }

  async function conclude(
    tenantId: string,
    generation: number,
    attemptId: string,
    attempt: OpenAttempt,
    application: OpenApplication,
    pair: NewPair,
    nowMs: number,
  ): Promise<ExchangeOutcome> {
    const { apiHost, credentialVersion } = attempt;
    const http = createFactorialHttp({
      apiHost,
      apiVersion: settings.apiVersion,
      accessToken: pair.accessToken,
    });
    const credentials = await ownerOf(http);
    if (typeof credentials === 'string') return refuse(application, pair, credentials);
    const { companyId, companyName, employeeId } = credentials;
    const before = await readConnectionRow(db, tenantId);
    const isOther = before.companyId !== null && before.companyId !== companyId;
    if (isOther && (attempt.kind === 'reauthorize' || !attempt.confirmCompanyChange)) {
      return refuse(application, pair, 'other_company');
    }
    const made = await connect(
      db,
      cipher,
      tenantId,
      {
        attemptId,
        generation,
        apiHost,
        credentialVersion,
        tokenOwner: employeeId === null ? 'company' : 'user',
        company: { id: companyId, name: companyName },
        pair,
        reauthorized: attempt.kind === 'reauthorize',
        warnings: attempt.tokenOwner === 'company' && employeeId !== null ? ['administrator_needed'] : [],
      },
      new Date(nowMs),
    );
    switch (made.outcome) {
      case 'connected':
        return made;
      case 'taken':
        return refuse(application, pair, 'company_already_connected');
      case 'overtaken':
        return refuse(application, pair, 'authorization_expired');
    }
  }

  /** Whose token it is; or what is wrong with it, where Factorial answers and no later try can be better. */
  async function ownerOf(http: FactorialHttp): Promise<CredentialsRecord | WarningCode> {
    try {
      return (await createFactorialClient(http).getCredentials(cancellationSignal())) ?? 'wrong_cluster';
    } catch (error) {
      if (isDomainError(error, 'token_refused')) return 'authorization_expired';
      if (isDomainError(error, 'permission_missing')) return 'administrator_needed';
      if (isDomainError(error, 'factorial_not_found')) return 'wrong_cluster';
      throw error;
    }
  }

  /** A token that must not be used is revoked, as far as Factorial answers; what it would have changed stays as it was. */
  async function refuse(
    application: OpenApplication,
    pair: NewPair,
    warning: WarningCode,
  ): Promise<ExchangeOutcome> {
    try {
      await revokeToken({ ...application, token: pair.accessToken }, cancellationSignal());
    } catch (error) {
      if (!isDomainError(error)) throw error;
      deps.logger.warn({ code: error.code }, 'A refused token could not be revoked.');
    }
    return { outcome: 'failed', warning };
  }
}
