import { cancellationSignal } from '@temporalio/activity';
import { isDomainError } from '../domain/errors.ts';
import { createFactorialClient } from '../factorial/client.ts';
import { createFactorialHttp } from '../factorial/http.ts';
import { revokeToken } from '../factorial/oauth.ts';
import { readApplication } from '../repositories/applications.ts';
import { forgetCredentials } from '../repositories/forget.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { liveSubscriptions, retireSubscription } from '../repositories/subscriptions.ts';
import { readTokens } from '../repositories/tokens.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Keys of subscriptions that may still exist go on answering 200, so that Factorial does not mail the customer. */
const dropMs = 30 * 86_400_000;

export interface TearDownInput {
  readonly tenantId: string;
  readonly nowMs: number;
  /** The last try: what Factorial does not confirm is left behind and counted. */
  readonly giveUp: boolean;
}

export interface TearDownResult {
  readonly done: boolean;
  readonly leftBehind: number;
}

export function createDisconnectActivities(deps: ActivityDependencies) {
  const { db, cipher, settings } = deps;

  return {
    /**
     * Takes a disconnected tenant's traces out of Factorial: subscriptions first, then the token; then our copy of the
     * credentials goes. Safe to repeat: what is removed stays removed. Not done while Factorial does not answer, unless told
     * to give up.
     */
    async tearDown({ tenantId, nowMs, giveUp }: TearDownInput): Promise<TearDownResult> {
      const connection = await readConnectionRow(db, tenantId);
      const tokens = await readTokens(db, cipher, tenantId);
      const at = new Date(nowMs);
      const left = new Set<string>();
      let answered = true;
      if (tokens !== null && connection.apiHost !== null) {
        const http = createFactorialHttp({ apiHost: connection.apiHost, apiVersion: settings.apiVersion, accessToken: tokens.accessToken });
        const client = createFactorialClient(http);
        for (const { id, factorialId } of await liveSubscriptions(db, cipher, tenantId)) {
          try {
            if (factorialId !== null && answered) await client.deleteSubscription(factorialId, cancellationSignal());
            if (factorialId === null || answered) await retireSubscription(db, tenantId, id, at, null);
            else left.add(id);
          } catch (error) {
            if (!isDomainError(error)) throw error;
            left.add(id);
            // A refused token cannot remove anything any more; an outage may pass.
            if (error.code === 'factorial_unreachable' || error.code === 'rate_limited' || error.code === 'token_refused') answered = false;
            if (error.code === 'token_refused') giveUp = true;
          }
        }
        if (answered || giveUp) answered = (await revoke(tenantId, tokens.refreshToken ?? tokens.accessToken)) && answered;
      }
      if (!answered && !giveUp) return { done: false, leftBehind: left.size };
      for (const id of left) await retireSubscription(db, tenantId, id, at, new Date(nowMs + dropMs));
      if (left.size > 0) {
        await raiseWarning(db, tenantId, 'subscriptions_left_behind', at, `${left.size} webhook subscriptions could not be removed from Factorial.`);
      }
      await forgetCredentials(db, tenantId);
      return { done: true, leftBehind: left.size };
    },
  };

  async function revoke(tenantId: string, token: string): Promise<boolean> {
    try {
      const application = await readApplication(db, cipher, tenantId);
      await revokeToken({ ...application, token }, cancellationSignal());
      return true;
    } catch (error) {
      if (!isDomainError(error)) throw error;
      deps.logger.warn({ tenantId, code: error.code }, 'The token could not be revoked.');
      // Only an answer that never came is worth another try.
      return error.code !== 'factorial_unreachable' && error.code !== 'rate_limited';
    }
  }
}
