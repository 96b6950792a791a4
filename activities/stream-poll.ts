import type { Fenced } from '../contracts/temporal/connection.ts';
import { readWindow } from '../domain/horizon.ts';
import { isRefusal } from '../domain/permissions.ts';
import { targetOf, type DeliveryTarget } from '../domain/resources.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages, type Page } from '../factorial/page.ts';
import { noteSchedulesPolled, readConnectionRow } from '../repositories/connections.ts';
import { inTransaction } from '../repositories/database.ts';
import { requireSyncing } from '../repositories/fence.ts';
import { profilesWithoutPlan } from '../repositories/links-read.ts';
import { markedEmployees } from '../repositories/marks.ts';
import { onboardProfiles } from '../repositories/onboarding.ts';
import { takeReadNumber } from '../repositories/reads.ts';
import { readHorizon } from '../repositories/settings.ts';
import { requestPlannedMinutes } from '../repositories/sync.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf, withFactorial } from './factorial-access.ts';
import { pulse } from './pulse.ts';
import { absencesAgain, employeesAgain, readNewTypes, typesAgain, type Reading } from './read-again.ts';

export interface StreamPollInput extends Fenced {
  /** Subscription types whose deliveries go to another system. */
  readonly types: readonly string[];
}

export interface StreamPollResult {
  readonly read: number;
  /** Employees or plans that the facts duty must see to. */
  readonly marked: number;
}

const maxPages = 1_000;
/** What was changed so short a time ago may be changed again within the same tick of Factorial's clock. */
const settlingMs = 60_000;

export function createStreamPollActivities(deps: ActivityDependencies) {
  const { db } = deps;

  return {
    /**
     * Reads what some subscription types would have told of, and nothing else: each kind whole, as far as the stored window
     * goes, at the pace of the request budget. Writes what is new, changed or marked as deleted; what merely is not listed
     * waits for a reconciliation's proof (rule 6). Safe to repeat.
     */
    async pollStreams({ types, ...fenced }: StreamPollInput): Promise<StreamPollResult> {
      const { tenantId, generation, nowMs } = fenced;
      const targets = new Set(types.map(targetOf));
      let read = 0;
      for (const target of targets) if (target !== null) read += await poll(fenced, target);
      if (targets.has('employees')) {
        const { today } = await readHorizon(db, tenantId, nowMs);
        await onboardProfiles(db, tenantId, generation, today, nowMs);
      }
      const [employees, plans] = [
        await markedEmployees(db, tenantId, 1),
        await profilesWithoutPlan(db, tenantId, 1),
      ];
      return { read, marked: employees.length + plans.length };
    },
  };

  async function poll(fenced: Fenced, target: DeliveryTarget): Promise<number> {
    const { tenantId, generation, nowMs } = fenced;
    const { from, to } = readWindow(await readHorizon(db, tenantId, nowMs));
    const access = { tenantId, generation, purpose: 'webhook' } as const;
    try {
      return await withFactorial(deps, access, async (client, signal) => {
        switch (target) {
          case 'employees':
            return await each(
              fenced,
              (afterId) => client.listEmployees({ afterId }, signal),
              (reading, page) => employeesAgain(deps, reading, page),
            );
          case 'absences':
            return await each(
              fenced,
              (afterId) => client.listAbsences({ from, to, includeDeleted: true, afterId }, signal),
              async (reading, page) => {
                await absencesAgain(deps, reading, page);
                await readNewTypes(deps, client, reading, page.rows, signal);
              },
            );
          case 'absence_types':
            return await each(
              fenced,
              (afterId) => client.listAbsenceTypes({ afterId }, signal),
              (reading, page) => typesAgain(deps, reading, page),
            );
          case 'schedules':
            return await requestPlans(fenced, client, signal);
          case 'subscriptions':
            return 0; // whoever polls has just looked at them
        }
      });
    } catch (error) {
      // The next reconciliation says so on the card; the other streams go on.
      if (isRefusal(error)) return 0;
      throw error;
    }
  }

  /** Reads a list to its end, each page under a number of its own that was taken before its request (rule 5). */
  async function each<Row extends { readonly id: string }>(
    fenced: Fenced,
    fetchPage: (afterId: string | null) => Promise<Page<Row>>,
    write: (reading: Reading, page: Page<Row>) => Promise<unknown>,
  ): Promise<number> {
    const origin = originOf({ type: 'poll', id: new Date(fenced.nowMs).toISOString() });
    let read = 0;
    const numbered = async (afterId: string | null) => {
      const number = await takeReadNumber(db, fenced.tenantId, origin);
      return { ...(await fetchPage(afterId)), number };
    };
    for await (const page of pages(numbered, { maxPages })) {
      pulse();
      const { number } = page as typeof page & { number: bigint };
      const ids = page.rows.map(({ id }) => id);
      const numberOf = new Map(ids.map((id) => [id, number]));
      await write({ fenced, ids, numberOf, deliveryOf: new Map(), deletable: new Set() }, page);
      read += ids.length;
    }
    return read;
  }

  /**
   * A schedule is nothing that we store: the plans of its people are read again, where it was changed since the last poll.
   * The first one does not know, and takes all.
   */
  async function requestPlans(
    { tenantId, generation, nowMs }: Fenced,
    client: FactorialClient,
    signal: AbortSignal,
  ): Promise<number> {
    const polledTo = (await readConnectionRow(db, tenantId)).schedulesPolledTo?.getTime() ?? -Infinity;
    const people = new Set<string>();
    let latest = polledTo;
    let read = 0;
    for await (const page of pages((afterId) => client.listSchedules({ afterId }, signal), { maxPages })) {
      pulse();
      read += page.rows.length;
      for (const { profileIds, updatedAt } of page.rows) {
        const changedMs = updatedAt?.getTime() ?? Infinity;
        if (changedMs > polledTo) for (const one of profileIds) people.add(one);
        if (changedMs < Infinity) latest = Math.max(latest, changedMs);
      }
    }
    const settled = Math.min(latest, nowMs - settlingMs);
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      await requestPlannedMinutes(tx, tenantId, [...people]);
      if (settled > polledTo) await noteSchedulesPolled(tx, tenantId, new Date(settled));
    });
    return read;
  }
}
