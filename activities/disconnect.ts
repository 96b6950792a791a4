import { cancellationSignal } from '@temporalio/activity';
import { isDomainError } from '../domain/errors.ts';
import { createFactorialClient, type FactorialClient } from '../factorial/client.ts';
import { createFactorialHttp } from '../factorial/http.ts';
import { revokeToken } from '../factorial/oauth.ts';
import { defaultTimeoutMs } from '../factorial/transport.ts';
import { readApplication, readApplicationOf, type OpenApplication } from '../repositories/applications.ts';
import { keptPairs } from '../repositories/attempts-settle.ts';
import { forgetCredentials } from '../repositories/forget.ts';
import { readConnectionRow, type ConnectionRow } from '../repositories/connections.ts';
import {
  formerSubscriptions,
  retireSubscription,
  type OpenSubscription,
} from '../repositories/subscriptions.ts';
import { readTokens, type NewPair, type OpenTokens } from '../repositories/tokens.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { pulse } from './pulse.ts';
import { listSubscriptions } from './subscriptions.ts';

/** Keys of subscriptions that may still exist go on answering 200, so that Factorial does not mail the customer. */
const dropMs = 30 * 86_400_000;
/** No request is sent after a disconnect; one that was on its way has had its effect this long after, or has none. */
const onItsWayMs = defaultTimeoutMs + 5_000;

export interface TearDownInput {
  readonly tenantId: string;
  readonly nowMs: number;
  /** A moment after the disconnect was committed (ms since the epoch). */
  readonly sinceMs: number;
  /** The last try: what Factorial does not confirm is left behind and counted. */
  readonly giveUp: boolean;
}

export interface TearDownResult {
  readonly done: boolean;
  readonly leftBehind: number;
}

/** How the removal of the subscriptions went. */
interface Removal {
  /** Our rows whose subscription Factorial may still have. */
  readonly left: readonly string[];
  /**
   * `refused`: nothing can be removed with this token any more. `away`: Factorial does not answer now. `early`: a request to
   * create one may still be carried out.
   */
  readonly outcome: 'done' | 'refused' | 'away' | 'early';
}

export function createDisconnectActivities(deps: ActivityDependencies) {
  const { db, cipher, settings } = deps;

  return {
    /**
     * Takes a disconnected tenant's traces out of Factorial: subscriptions first, then the token; then our copy of the
     * credentials goes. Safe to repeat: what is removed stays removed. Not done while Factorial does not answer, unless told
     * to give up; nor while a subscription may yet come of a request that was on its way at the disconnect. Touches nothing
     * of a connection that was made since.
     */
    async tearDown({ tenantId, nowMs, sinceMs, giveUp }: TearDownInput): Promise<TearDownResult> {
      const connection = await readConnectionRow(db, tenantId);
      const stored = await readTokens(db, cipher, tenantId);
      const tokens = stored !== null && stored.generation < connection.generation ? stored : null;
      const at = new Date(nowMs);
      const isEarly = nowMs < sinceMs + onItsWayMs;
      const { left, outcome } = await removeSubscriptions(tenantId, connection, tokens, at, isEarly);
      // A token that Factorial refuses cannot do better later; what cannot be known yet will be.
      const isLast = (giveUp && outcome !== 'early') || outcome === 'refused';
      const revoked = (outcome === 'done' || isLast) && (await revokeAll(tenantId, tokens));
      if (!revoked && !isLast) return { done: false, leftBehind: left.length };
      for (const id of left) await retireSubscription(db, tenantId, id, at, new Date(nowMs + dropMs));
      if (left.length > 0) {
        const message = `${left.length} webhook subscriptions could not be removed from Factorial.`;
        await raiseWarning(db, tenantId, 'subscriptions_left_behind', at, message);
      }
      await forgetCredentials(db, tenantId);
      return { done: true, leftBehind: left.length };
    },
  };

  async function removeSubscriptions(
    tenantId: string,
    connection: ConnectionRow,
    tokens: OpenTokens | null,
    at: Date,
    isEarly: boolean,
  ): Promise<Removal> {
    const former = await formerSubscriptions(db, cipher, tenantId, connection.generation);
    const client =
      tokens === null || connection.apiHost === null ? null : clientFor(connection.apiHost, tokens);
    const left = new Set<string>();
    let outcome: Removal['outcome'] = 'done';
    const note = (error: unknown): void => {
      if (!isDomainError(error)) throw error;
      if (error.code === 'token_refused') outcome = 'refused';
      if (error.code === 'factorial_unreachable' || error.code === 'rate_limited') outcome = 'away';
    };
    // Where the list is not permitted, our own notes must do.
    const there = client === null ? undefined : await idsOf(client, former).catch(note);
    for (const { id, factorialId, isUnconfirmed } of former) {
      pulse();
      const target = there instanceof Map ? (there.get(id) ?? null) : factorialId;
      // Not there, or not to be seen: it may yet come, or be there all the same.
      if (target === null && isUnconfirmed && (isEarly || !(there instanceof Map))) {
        left.add(id);
        if (isEarly && outcome === 'done') outcome = 'early';
        continue;
      }
      try {
        if (target !== null && client !== null && outcome === 'done')
          await client.deleteSubscription(target, cancellationSignal());
        if (target === null || (client !== null && outcome === 'done'))
          await retireSubscription(db, tenantId, id, at, null);
        else left.add(id);
      } catch (error) {
        note(error);
        left.add(id);
      }
    }
    return { left: [...left], outcome };
  }

  /** Revokes the connection's tokens, and any pair that an authorization got and did not connect with. False: not answered. */
  async function revokeAll(tenantId: string, tokens: OpenTokens | null): Promise<boolean> {
    let answered = true;
    const revoke = async (
      pair: NewPair | OpenTokens,
      read: () => Promise<OpenApplication>,
    ): Promise<void> => {
      try {
        await revokeToken(
          { ...(await read()), token: pair.refreshToken ?? pair.accessToken },
          cancellationSignal(),
        );
      } catch (error) {
        if (!isDomainError(error)) throw error;
        deps.logger.warn({ tenantId, code: error.code }, 'A token could not be revoked.');
        // Only an answer that never came is worth another try.
        if (error.code === 'factorial_unreachable' || error.code === 'rate_limited') answered = false;
      }
    };
    if (tokens !== null)
      await revoke(tokens, () => readApplicationOf(db, cipher, tenantId, tokens.credentialVersion));
    for (const { pair, ...attempt } of await keptPairs(db, cipher, tenantId)) {
      await revoke(pair, () => readApplication(db, cipher, tenantId, attempt));
    }
    return answered;
  }

  function clientFor(apiHost: string, { accessToken }: OpenTokens): FactorialClient {
    return createFactorialClient(
      createFactorialHttp({ apiHost, apiVersion: settings.apiVersion, accessToken }),
    );
  }
}

/**
 * What Factorial itself has of our subscriptions, by the keys in their URLs: one that was created at the very moment of the
 * disconnect is in no note of ours, and one that another account of ours has taken over since carries that account's key.
 */
async function idsOf(
  client: FactorialClient,
  former: readonly OpenSubscription[],
): Promise<Map<string, string>> {
  const remote = await listSubscriptions(client, cancellationSignal());
  return new Map(
    former.flatMap(({ id, key }) => {
      const found = remote.find(({ targetUrl }) => targetUrl.includes(`/webhooks/factorial/${key}/`));
      return found === undefined ? [] : [[id, found.id]];
    }),
  );
}
