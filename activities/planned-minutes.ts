import { heartbeat } from '@temporalio/activity';
import { isDomainError } from '../domain/errors.ts';
import type { DateRange } from '../domain/horizon.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages } from '../factorial/page.ts';
import { inTransaction } from '../repositories/database.ts';
import type { StoredPlan } from '../repositories/fact-tables.ts';
import { requireGeneration } from '../repositories/fence.ts';
import { takeReadNumber, type ReadOrigin } from '../repositories/reads.ts';
import { notePlansRead, savePlannedMinutes } from '../repositories/sync.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { toPlanFact } from './to-facts.ts';

/** Profiles in one request: their days come a hundred a page, so a larger group saves nothing and holds more in memory. */
export const profilesPerRequest = 20;
const maxPages = 2_000;

export interface PlanReading {
  readonly tenantId: string;
  readonly generation: number;
  readonly range: DateRange;
  readonly origin: ReadOrigin;
  readonly nowMs: number;
}

/**
 * Reads what some profiles would work, day by day, and writes it whole. Where the permission is missing the default week
 * holds, and the card says so. Answers what changed, in rows.
 */
export async function readPlannedMinutes(
  deps: ActivityDependencies,
  client: FactorialClient,
  profileIds: readonly string[],
  { tenantId, generation, range, origin, nowMs }: PlanReading,
  signal: AbortSignal,
): Promise<{ read: number; created: number; updated: number; isPermitted: boolean }> {
  const { db } = deps;
  const result = { read: 0, created: 0, updated: 0, isPermitted: true };
  for (let start = 0; start < profileIds.length; start += profilesPerRequest) {
    const group = profileIds.slice(start, start + profilesPerRequest);
    const readNumber = await takeReadNumber(db, tenantId, origin);
    const plans: StoredPlan[] = [];
    let isPermitted = true;
    try {
      const query = { profileIds: group, from: range.from, to: range.to };
      for await (const page of pages((afterId) => client.listPlannedMinutes({ ...query, afterId }, signal), {
        maxPages,
      })) {
        heartbeat();
        plans.push(...page.rows.map(toPlanFact));
      }
    } catch (error) {
      if (!isDomainError(error, 'permission_missing') && !isDomainError(error, 'factorial_not_found'))
        throw error;
      isPermitted = false;
    }
    const outcome = await inTransaction(db, async (tx) => {
      await requireGeneration(tx, tenantId, generation);
      if (isPermitted) return savePlannedMinutes(tx, tenantId, readNumber, group, range, plans);
      await raiseWarning(tx, tenantId, 'scopes_missing', new Date(nowMs));
      // Nothing is known, which is not the same as nothing planned: what was read before stays.
      await notePlansRead(tx, tenantId, readNumber, group);
      return null;
    });
    result.isPermitted &&= isPermitted;
    result.read += plans.length;
    result.created += outcome?.created.length ?? 0;
    result.updated += outcome?.updated.length ?? 0;
  }
  return result;
}
