import type { Fenced } from '../contracts/temporal/connection.ts';
import { isDomainError } from '../domain/errors.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { isRefusal } from '../domain/permissions.ts';
import { toTopic, wantedSubscriptionTypes } from '../domain/subscription-types.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages } from '../factorial/page.ts';
import type { SubscriptionRecord } from '../factorial/resources/subscriptions.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { beginLooking, endDeliveries, type InboxOutcome } from '../repositories/inbox.ts';
import {
  noteSubscription,
  planSubscriptions,
  type OpenSubscription,
  type SubscriptionState,
} from '../repositories/subscriptions.ts';
import { isCatchingUp, queueReconciliation } from '../repositories/reconciliations.ts';
import { noteWarnings } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withFactorial } from './factorial-access.ts';
import { pulse } from './pulse.ts';

/** A company has one subscription a type: some 140 types exist. */
const maxPages = 20;

export interface SubscriptionsResult {
  readonly active: number;
  /** Found switched off or gone: deliveries may have been lost, so that a reconciliation was queued to catch up. */
  readonly repaired: number;
  readonly conflicts: number;
  readonly refused: number;
  /** Types whose deliveries have gone to another system since the last look, or still do: to be polled. */
  readonly contested: readonly string[];
  /** The card warns of other things than before. */
  readonly tellsNews: boolean;
}

/** One of our subscriptions on its way to Factorial. */
interface Bringing {
  readonly client: FactorialClient;
  readonly mine: OpenSubscription;
  readonly companyId: string;
  /** Notes that a request to create it, or to put it right, begins. */
  readonly beforeRequest: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Every subscription that the company has, whoever made it. */
export async function listSubscriptions(
  client: FactorialClient,
  signal: AbortSignal,
): Promise<SubscriptionRecord[]> {
  const all: SubscriptionRecord[] = [];
  for await (const page of pages((afterId) => client.listSubscriptions({ afterId }, signal), { maxPages })) {
    pulse();
    all.push(...page.rows);
  }
  return all;
}

export function createSubscriptionActivities(deps: ActivityDependencies) {
  const { db, cipher, settings } = deps;
  const targetUrl = ({ key, type }: OpenSubscription): string =>
    `${settings.publicUrl}/webhooks/factorial/${key}/${toTopic(type)}`;
  const ourUrls = [settings.publicUrl, ...settings.previousPublicUrls].map(
    (url) => `${url}/webhooks/factorial/`,
  );

  return {
    /**
     * Brings our webhook subscriptions at Factorial in order: creates, re-enables, corrects. One that points elsewhere is
     * never taken over (rule 10). A type that is refused does not hold up the others. Ends the deliveries that tell of them.
     * Safe to repeat.
     */
    async ensureSubscriptions({ tenantId, generation, nowMs }: Fenced): Promise<SubscriptionsResult> {
      const { companyId } = await readConnectionRow(db, tenantId);
      const planned = await planSubscriptions(db, cipher, tenantId, generation, wantedSubscriptionTypes);
      const access = { tenantId, generation, purpose: 'connection' } as const;
      const asking = await beginLooking(db, tenantId);
      return withFactorial(deps, access, async (client, signal) => {
        let remote = await listSubscriptions(client, signal);
        const result = { active: 0, repaired: 0, conflicts: 0, refused: 0 };
        const contested: string[] = [];
        for (const mine of planned.values()) {
          pulse();
          const note = (state: SubscriptionState, factorialId: string | null) =>
            noteSubscription(db, tenantId, generation, mine.id, { state, factorialId }, new Date(nowMs));
          const beforeRequest = () => note('missing', mine.factorialId);
          const request: Bringing = { client, mine, companyId: companyId ?? '', beforeRequest, signal };
          let found = await bring(request, remote);
          if (found === 'taken') {
            // Somebody created one between our list and our request, or the list does not show those of others.
            remote = await listSubscriptions(client, signal);
            const again = await bring(request, remote);
            found = again === 'taken' ? { state: 'conflict', factorialId: null, changed: false } : again;
          }
          // Made anew by an earlier try whose answer was lost, it has left a gap all the same.
          const wasThere = mine.factorialId !== null && (found.changed || mine.isUnconfirmed);
          if (found.state === 'active' && wasThere) {
            // Before it is noted as active: whatever fails from there on, no later try would see the gap.
            if (result.repaired === 0)
              await queueReconciliation(db, tenantId, generation, 'gap', null, new Date(nowMs));
            result.repaired += 1;
          }
          await note(found.state, found.factorialId);
          if (found.state === 'active') result.active += 1;
          if (found.state === 'conflict') result.conflicts += 1;
          if (found.state === 'conflict' || mine.isContested) contested.push(mine.type);
          if (found.state === 'refused') result.refused += 1;
        }
        const warnings: Partial<Record<WarningCode, boolean>> = {
          subscription_conflict: result.conflicts > 0,
          subscription_refused: result.refused > 0,
          // What an earlier disconnect left behind points at us again.
          subscriptions_left_behind: false,
        };
        // What one that was switched off did not tell of is missing until a reconciliation has ended.
        if (result.repaired > 0) warnings.subscription_disabled = true;
        else if (!(await isCatchingUp(db, tenantId))) warnings.subscription_disabled = false;
        const tellsNews = await noteWarnings(db, tenantId, generation, warnings, new Date(nowMs));
        const answered = new Map(asking.map((id): [bigint, InboxOutcome] => [id, 'applied']));
        await endDeliveries(db, tenantId, answered, new Date(nowMs));
        return { ...result, contested, tellsNews };
      });
    },
  };

  async function bring(
    { client, mine, companyId, beforeRequest, signal }: Bringing,
    remote: readonly SubscriptionRecord[],
  ): Promise<{ state: SubscriptionState; factorialId: string | null; changed: boolean } | 'taken'> {
    const ofType = remote.filter((one) => one.type === mine.type);
    const ours = ofType.find(
      (one) => one.id === mine.factorialId || ourUrls.some((url) => one.targetUrl.startsWith(url)),
    );
    const wanted = {
      targetUrl: targetUrl(mine),
      challenge: mine.challenge,
      enabled: true,
      apiVersion: settings.apiVersion,
    };
    try {
      if (ours !== undefined) {
        const isRight =
          ours.enabled &&
          ours.targetUrl === wanted.targetUrl &&
          ours.apiVersion === wanted.apiVersion &&
          (ours.challenge === null || ours.challenge === wanted.challenge);
        if (!isRight) {
          await beforeRequest();
          await client.updateSubscription(ours.id, { type: mine.type, ...wanted }, signal);
        }
        return { state: 'active', factorialId: ours.id, changed: !isRight };
      }
      if (ofType.length > 0) return { state: 'conflict', factorialId: null, changed: false };
      await beforeRequest();
      const name = `WorkMeter ${toTopic(mine.type)}`;
      const created = await client.createSubscription(
        { type: mine.type, companyId, name, ...wanted },
        signal,
      );
      return { state: 'active', factorialId: created.id, changed: true };
    } catch (error) {
      if (isDomainError(error, 'subscription_taken')) return 'taken';
      if (!isRefusal(error) && !isDomainError(error, 'factorial_rejected')) throw error;
      return { state: 'refused', factorialId: null, changed: false };
    }
  }
}
