import { cancellationSignal } from '@temporalio/activity';
import type { Fenced } from '../contracts/temporal/connection.ts';
import { planWindow, readWindow } from '../domain/horizon.ts';
import { isDomainError, type DomainError } from '../domain/errors.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { saysDeleted, targetOf, topicsOf, type DeliveryTarget } from '../domain/resources.ts';
import { inTransaction } from '../repositories/database.ts';
import { noteFailure, openFailures, resolveUnanswered, unansweredCodes } from '../repositories/failures.ts';
import { requireSyncing } from '../repositories/fence.ts';
import {
  beginReading,
  dueDeliveries,
  endDeliveries,
  mustAskForAll,
  postponeDeliveries,
  remainingDeliveries,
  wakeUnanswered,
  type InboxOutcome,
  type PendingDelivery,
} from '../repositories/inbox.ts';
import { profilesWithoutPlan } from '../repositories/links-read.ts';
import { takeReadNumber, takeReadNumbers } from '../repositories/reads.ts';
import { readHorizon } from '../repositories/settings.ts';
import { requestPlannedMinutes, saveHolidays } from '../repositories/sync.ts';
import { pages } from '../factorial/page.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf, withFactorial } from './factorial-access.ts';
import { blind } from './observer.ts';
import { syncPlans } from './planned-minutes.ts';
import { pulse } from './pulse.ts';
import { isUnanswered, readAgain, type Reading } from './read-again.ts';
import { computeMarked, onboard } from './sync-resources.ts';
import { toHolidayFact } from './to-facts.ts';

/** Deliveries taken in one activity: five full requests of ids. */
const deliveriesAtOnce = 500;
/** Deliveries about our subscriptions are told of again after this long, should the duty that ends them be lost. */
const lookAgainMs = 600_000;
/** Plans read in one activity. */
const plansAtOnce = 100;
const idsPerRequest = 100;
/** Answers older than their delivery, or without what it tells of, are asked for again: this often, within this time (rule 3). */
const staleTries = 5;
const staleWindowMs = 120_000;
const maxPages = 1_000;
/** From so many tries on, what Factorial gives no answer for does not hold up the others any more. */
const patientTries = 4;
/** Requests of one activity that may fail while it looks for what it is that Factorial gives no answer for. */
const failedSearches = 30;
const shortestWaitMs = 10_000;
const longestWaitMs = 3_600_000;
/** While nothing of its kind is answered, one delivery asks for all that wait, this often. */
const askingMs = 300_000;

export interface DrainResult {
  readonly outcomes: Partial<Record<InboxOutcome, number>>;
  /** Deliveries that still wait for a read. */
  readonly left: number;
  /** When the next of them is due, ms since the epoch; null = at once. */
  readonly nextDueAt: number | null;
  /** Deliveries speak of our subscriptions, and wait for a look at those. */
  readonly checkSubscriptions: boolean;
  /** Employees or plans that a next activity must see to. */
  readonly marked: number;
  /** All failures that are open now, and their codes. */
  readonly open: { readonly count: number; readonly codes: readonly string[] };
}

export interface FactsResult {
  readonly plans: number;
  readonly employees: number;
  readonly days: number;
  readonly left: number;
}

export function createSyncActivities(deps: ActivityDependencies) {
  const { db } = deps;

  return {
    /**
     * Works the inbox off: the resources named are read again, many at a time, and written where they differ; the days that
     * follow are computed at once. Safe to repeat: what was not ended is done again. One kind that cannot be read now does
     * not hold up the others; its error is thrown at the end, and that of a further one is logged. A resource that alone gets
     * no answer, time after time, has a failure, and its deliveries wait by themselves.
     */
    async drainInbox({ tenantId, generation, nowMs }: Fenced): Promise<DrainResult> {
      const deliveries = await dueDeliveries(db, tenantId, new Date(nowMs), deliveriesAtOnce);
      const { byTarget, aboutUs, strange } = sortDeliveries(deliveries);
      const outcomes: Partial<Record<InboxOutcome, number>> = {};
      const add = (counts: ReadonlyMap<InboxOutcome, number>): void => {
        for (const [outcome, count] of counts) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
      };
      // The look at our subscriptions ends them, so that none is forgotten where this answer, or that duty, is lost.
      await postponeDeliveries(db, tenantId, aboutUs, new Date(nowMs + lookAgainMs));
      const gone = new Map(strange.map((id): [bigint, InboxOutcome] => [id, 'gone']));
      await endDeliveries(db, tenantId, gone, new Date(nowMs));
      add(tally(gone));
      const stuck: Stuck[] = [];
      let firstError: Error | undefined;
      const goOnAfter = (error: unknown, target: string): void => {
        // What concerns all of them: a connection that moved on, a pause, a command that nothing may hold up.
        const isOver = isDomainError(error, 'fenced') || isDomainError(error, 'paused');
        if (isOver || cancellationSignal().aborted) throw error;
        if (firstError !== undefined)
          deps.logger.warn({ err: error, tenantId, target }, 'a further kind of deliveries waits');
        firstError ??= error instanceof Error ? error : new Error(String(error));
      };
      for (const [target, group] of byTarget) {
        for (const chunk of chunksById(group)) {
          try {
            add(await drainChunk({ tenantId, generation, nowMs }, target, chunk));
          } catch (error) {
            if (isUnanswered(error) && chunk.some(({ tries }) => tries + 1 >= patientTries))
              stuck.push({ target, deliveries: chunk, error });
            else goOnAfter(error, target);
          }
          pulse();
        }
      }
      const searches = { left: failedSearches };
      for (const one of stuck) {
        try {
          await requireAnswers({ tenantId, generation, nowMs });
          await setAside({ tenantId, generation, nowMs }, one, searches, add);
        } catch (error) {
          goOnAfter(error, one.target);
        }
      }
      if (byTarget.has('employees')) await onboard(deps, { tenantId, generation, nowMs });
      const { marked } = await computeMarked(deps, { tenantId, generation, nowMs });
      if (firstError !== undefined) throw firstError;
      const { left, nextDueAt, aboutSubscriptions } = await remainingDeliveries(
        db,
        tenantId,
        new Date(nowMs),
      );
      const plans = await profilesWithoutPlan(db, tenantId, 1);
      return {
        outcomes,
        left,
        nextDueAt: nextDueAt?.getTime() ?? null,
        checkSubscriptions: aboutSubscriptions > 0,
        marked: marked + plans.length,
        open: await openFailures(db, tenantId),
      };
    },

    /**
     * Reads the plans of newly linked profiles, and computes the days of employees that are marked. Safe to repeat.
     * Without a connection only the days are computed.
     */
    async applyFacts({
      tenantId,
      generation,
      nowMs,
      connected,
    }: Fenced & { connected: boolean }): Promise<FactsResult> {
      const profileIds = connected ? await profilesWithoutPlan(db, tenantId, plansAtOnce) : [];
      if (profileIds.length > 0) {
        const window = planWindow(await readHorizon(db, tenantId, nowMs));
        const origin = originOf({ type: 'poll', id: new Date(nowMs).toISOString() });
        const reading = { tenantId, generation, origin, nowMs };
        await withFactorial(deps, { tenantId, generation, purpose: 'webhook' }, (client, signal) =>
          syncPlans(db, client, profileIds, window, reading, signal),
        );
      }
      const { employees, days, marked } = await computeMarked(deps, { tenantId, generation, nowMs });
      const plansLeft = connected ? (await profilesWithoutPlan(db, tenantId, plansAtOnce)).length : 0;
      return { plans: profileIds.length, employees, days, left: marked + plansLeft };
    },

    /** Reads all holidays of the window and writes what is new or changed; removals wait for a reconciliation's proof. */
    async pollHolidays({
      tenantId,
      generation,
      nowMs,
    }: Fenced): Promise<{ read: number; changed: number; marked: number }> {
      const window = readWindow(await readHorizon(db, tenantId, nowMs));
      const origin = originOf({ type: 'poll', id: new Date(nowMs).toISOString() });
      const counts = { read: 0, changed: 0 };
      await withFactorial(deps, { tenantId, generation, purpose: 'webhook' }, async (client, signal) => {
        counts.read = 0;
        const query = { from: window.from, to: window.to };
        const fetchPage = async (afterId: string | null) => {
          const readNumber = await takeReadNumber(db, tenantId, origin);
          return { ...(await client.listHolidays({ ...query, afterId }, signal)), readNumber };
        };
        for await (const page of pages(fetchPage, { maxPages })) {
          pulse();
          const { readNumber } = page as typeof page & { readNumber: bigint };
          const outcome = await inTransaction(db, async (tx) => {
            await requireSyncing(tx, tenantId, generation);
            return saveHolidays(tx, tenantId, () => readNumber, page.rows.map(toHolidayFact));
          });
          counts.read += page.rows.length;
          counts.changed += outcome.created.length + outcome.updated.length;
        }
      });
      const { marked } = await computeMarked(deps, { tenantId, generation, nowMs });
      return { ...counts, marked };
    },
  };

  /** Asks what has to do with no delivery: where that gets no answer either, it is none of them. */
  async function requireAnswers({ tenantId, generation }: Fenced): Promise<void> {
    await withFactorial(deps, { tenantId, generation, purpose: 'webhook' }, (client, signal) =>
      client.getCredentials(signal),
    );
  }

  /**
   * Looks by halves for what it is that Factorial gives no answer for. That has a failure, and its deliveries wait longer each
   * time; what lies beside it is worked off. Where too many requests fail, all that is left waits like that.
   */
  async function setAside(
    fenced: Fenced,
    { target, deliveries, error }: Stuck,
    searches: { left: number },
    onEnded: (counts: ReadonlyMap<InboxOutcome, number>) => void,
  ): Promise<void> {
    const ids = [...new Set(deliveries.map(({ resourceId }) => resourceId))];
    if (ids.length === 1 || searches.left <= 0) {
      await noteUnanswered(fenced, { target, deliveries, error }, ids);
      return;
    }
    const firstIds = new Set(ids.slice(0, Math.ceil(ids.length / 2)));
    for (const half of [true, false].map((isFirst) =>
      deliveries.filter(({ resourceId }) => firstIds.has(resourceId) === isFirst),
    )) {
      try {
        onEnded(await drainChunk(fenced, target, half));
      } catch (again) {
        if (!isUnanswered(again)) throw again;
        searches.left -= 1;
        await setAside(fenced, { target, deliveries: half, error: again }, searches, onEnded);
      }
      pulse();
    }
  }

  /**
   * What was waited for since a while is waited for as long again, up to an hour. Where nothing of its kind is answered, the first
   * one asks more often than that, and the others go on with its answer (`wakeUnanswered`).
   */
  async function noteUnanswered(
    { tenantId, generation, nowMs }: Fenced,
    { target, deliveries, error }: Stuck,
    ids: readonly string[],
  ): Promise<void> {
    const sinceMs = Math.min(...deliveries.map(({ receivedAt }) => receivedAt.getTime()));
    const waitMs = Math.min(Math.max(nowMs - sinceMs, shortestWaitMs), longestWaitMs);
    const dueIn = (ms: number): Date => new Date(nowMs + Math.max(ms, error.details.retryAfterMs ?? 0));
    const dueAt = dueIn(waitMs);
    const soonAt = dueIn(Math.min(waitMs, askingMs));
    const deliveryOf = new Map(deliveries.map(({ id, resourceId }) => [resourceId, id.toString()]));
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      const rows = deliveries.map(({ id }) => id);
      const asks = await mustAskForAll(tx, tenantId, topicsOf(target), rows, soonAt);
      const isAsking = (resourceId: string): boolean => asks && resourceId === ids[0];
      for (const factorialId of ids) {
        const deliveryId = deliveryOf.get(factorialId) ?? null;
        const { workflowId, runId } = originOf({ type: 'delivery', id: deliveryId ?? '' });
        const { code, message } = error;
        const what = { resource: target, factorialId, code, message, deliveryId, workflowId, runId };
        const next = { nextStep: nextSteps.nextAnswer, nextTryAt: isAsking(factorialId) ? soonAt : dueAt };
        await noteFailure(tx, tenantId, { ...what, ...next }, new Date(nowMs));
      }
      await postponeDeliveries(tx, tenantId, rows, dueAt);
      const asking = deliveries.filter(({ resourceId }) => isAsking(resourceId)).map(({ id }) => id);
      await postponeDeliveries(tx, tenantId, asking, soonAt);
    });
  }

  async function drainChunk(
    fenced: Fenced,
    target: ReadTarget,
    deliveries: readonly PendingDelivery[],
  ): Promise<Map<InboxOutcome, number>> {
    const { tenantId, generation, nowMs } = fenced;
    const at = new Date(nowMs);
    const isTroubled = (await openFailures(db, tenantId, unansweredCodes)).count > 0; // before the answer ends some
    // One number for each resource, with the first delivery that asked for it as its origin.
    const firstOf = new Map<string, PendingDelivery>();
    for (const delivery of deliveries)
      if (!firstOf.has(delivery.resourceId)) firstOf.set(delivery.resourceId, delivery);
    const ids = [...firstOf.keys()];
    const origins = [...firstOf.values()].map(({ id }) => originOf({ type: 'delivery', id: id.toString() }));
    const numbers = await takeReadNumbers(db, tenantId, origins);
    const numberOf = new Map(ids.map((id, index) => [id, numbers[index] ?? 0n]));
    const floorOf = await beginReading(
      db,
      tenantId,
      deliveries.map(({ id, resourceId }) => ({ id, readNumber: numberOf.get(resourceId) ?? 0n })),
    );
    const reading: Reading = {
      fenced,
      ids,
      numberOf,
      deliveryOf: new Map(ids.map((id) => [id, firstOf.get(id)?.id.toString() ?? null])),
      deletable: new Set(
        deliveries.filter(({ topic }) => saysDeleted(topic)).map(({ resourceId }) => resourceId),
      ),
    };
    return withFactorial(deps, { tenantId, generation, purpose: 'webhook' }, async (client, signal) => {
      const answer = await readAgain(deps, client, target, reading, signal);
      const outcomes = new Map<bigint, InboxOutcome>();
      const stale: bigint[] = [];
      let staleTry = 0;
      for (const delivery of deliveries) {
        const outcome = answer.outcomeOf.get(delivery.resourceId) ?? 'gone';
        const told = answer.updatedAtOf.get(delivery.resourceId);
        const floor = floorOf.get(delivery.id);
        const isOlder = told != null && floor != null && told < floor;
        // Nobody said that it is deleted: an answer without it may be from before it was there.
        const isMissing = outcome === 'gone' && !reading.deletable.has(delivery.resourceId);
        const mayWait =
          delivery.tries + 1 < staleTries && nowMs - delivery.receivedAt.getTime() < staleWindowMs;
        if ((isOlder || isMissing) && mayWait) {
          stale.push(delivery.id);
          staleTry = Math.max(staleTry, delivery.tries + 1);
        } else outcomes.set(delivery.id, outcome);
      }
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        if (isTroubled)
          await wakeUnanswered(tx, tenantId, { resource: target, topics: topicsOf(target), ids }, at);
        await endDeliveries(tx, tenantId, outcomes, at);
        if (deliveries.some(({ tries }) => tries >= patientTries))
          await resolveUnanswered(tx, tenantId, target, ids);
        if (stale.length > 0)
          await postponeDeliveries(tx, tenantId, stale, new Date(nowMs + 1_000 * 2 ** staleTry));
        if (target === 'employees') await requestPlannedMinutes(tx, tenantId, ids);
      });
      const ended = deliveries.flatMap(({ id, receivedAt }) => {
        const outcome = outcomes.get(id);
        return outcome === undefined ? [] : [{ outcome, receivedAt, changedAt: floorOf.get(id) ?? null }];
      });
      (deps.observer ?? blind).deliveriesEnded(ended, Date.now());
      return tally(outcomes);
    });
  }
}

/** What deliveries have read again. */
type ReadTarget = Exclude<DeliveryTarget, 'subscriptions'>;

/** Deliveries of one request that Factorial did not answer. */
interface Stuck {
  readonly target: ReadTarget;
  readonly deliveries: readonly PendingDelivery[];
  readonly error: DomainError;
}

/** Deliveries by what is read for them; the ids of those about our subscriptions, and of those that we never asked for. */
function sortDeliveries(deliveries: readonly PendingDelivery[]) {
  const byTarget = new Map<ReadTarget, PendingDelivery[]>();
  const aboutUs: bigint[] = [];
  const strange: bigint[] = [];
  for (const delivery of deliveries) {
    const target = targetOf(delivery.topic);
    if (target === null) strange.push(delivery.id);
    else if (target === 'subscriptions') aboutUs.push(delivery.id);
    else if (byTarget.get(target)?.push(delivery) === undefined) byTarget.set(target, [delivery]);
  }
  return { byTarget, aboutUs, strange };
}

/** Deliveries in groups of at most a hundred resources; those of one resource stay together. */
function* chunksById(deliveries: readonly PendingDelivery[]): Generator<PendingDelivery[]> {
  const byId = new Map<string, PendingDelivery[]>();
  for (const delivery of deliveries)
    byId.set(delivery.resourceId, [...(byId.get(delivery.resourceId) ?? []), delivery]);
  const groups = [...byId.values()];
  for (let start = 0; start < groups.length; start += idsPerRequest)
    yield groups.slice(start, start + idsPerRequest).flat();
}

function tally(outcomes: ReadonlyMap<bigint, InboxOutcome>): Map<InboxOutcome, number> {
  const counts = new Map<InboxOutcome, number>();
  for (const outcome of outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}
