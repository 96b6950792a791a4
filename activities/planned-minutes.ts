import { isDomainError, type DomainError } from '../domain/errors.ts';
import type { DateRange } from '../domain/horizon.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { profilesPerRequest } from '../domain/plan-slices.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages } from '../factorial/page.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { inTransaction, type Transaction } from '../repositories/database.ts';
import type { StoredPlan } from '../repositories/fact-tables.ts';
import { noteFailure } from '../repositories/failures.ts';
import { requireSyncing } from '../repositories/fence.ts';
import { takeReadNumber, type ReadOrigin } from '../repositories/reads.ts';
import { notePlansRead, savePlannedMinutes } from '../repositories/sync.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { pulse } from './pulse.ts';
import { toPlanFact } from './to-facts.ts';

const maxPages = 2_000;

export interface PlanReading {
  /** Only some of the horizon's days: no answer to a wish for somebody's whole plan. */
  readonly isPart?: boolean;
  readonly tenantId: string;
  readonly generation: number;
  readonly range: DateRange;
  readonly origin: ReadOrigin;
  readonly nowMs: number;
}

export interface PlanOutcome {
  /** Rows. */
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly isPermitted: boolean;
  /** Whether Factorial listed every day that it announced: only then does a missing day mean that nothing is known of it. */
  readonly isWhole: boolean;
}

/**
 * Reads what some profiles would work, day by day, and writes it whole. Where the permission is missing, or an answer is
 * broken, what was read before stays, and the card says so. Safe to repeat.
 */
export async function readPlannedMinutes(
  deps: ActivityDependencies,
  client: FactorialClient,
  profileIds: readonly string[],
  { tenantId, generation, range, origin, nowMs, isPart = false }: PlanReading,
  signal: AbortSignal,
): Promise<PlanOutcome> {
  const { db } = deps;
  const result = { read: 0, created: 0, updated: 0, isPermitted: true, isWhole: true };
  for (let start = 0; start < profileIds.length; start += profilesPerRequest) {
    const group = profileIds.slice(start, start + profilesPerRequest);
    const readNumber = await takeReadNumber(db, tenantId, origin);
    const plans: StoredPlan[] = [];
    const unreadable: DomainError[] = [];
    const totals = new Set<number | null>();
    let isPermitted = true;
    let isEnded = false;
    try {
      const query = { profileIds: group, from: range.from, to: range.to };
      for await (const page of pages((afterId) => client.listPlannedMinutes({ ...query, afterId }, signal), {
        maxPages,
      })) {
        pulse();
        plans.push(...page.rows.map(toPlanFact));
        unreadable.push(...page.invalid);
        totals.add(page.total);
      }
      isEnded = true;
    } catch (error) {
      if (isDomainError(error, 'permission_missing') || isDomainError(error, 'factorial_not_found'))
        isPermitted = false;
      // An answer that is no list tells of nobody: `{"errors":null}` may also be how a list without rows looks.
      else if (isDomainError(error, 'schema_drift')) unreadable.push(error);
      else if (!isDomainError(error, 'sweep_unstable')) throw error;
    }
    const distinct = new Set(plans.map((plan) => `${plan.profileId}/${plan.date}`)).size;
    const isListed =
      isEnded && unreadable.length === 0 && [...totals].every((total) => (total ?? distinct) === distinct);
    const outcome = await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      for (const error of unreadable) await noteUnreadable(tx, error);
      if (unreadable.length > 0) await raiseWarning(tx, tenantId, 'schema_drift', new Date(nowMs));
      if (isPermitted) {
        // A person may not see everybody: of whom their token tells no day, nothing is known, and what was read before stays.
        const { tokenOwner } = await readConnectionRow(tx, tenantId);
        const told = new Set(plans.map((plan) => plan.profileId));
        const unseen = new Set(tokenOwner === 'user' ? group.filter((id) => !told.has(id)) : []);
        const answered = group.filter((id) => !unseen.has(id));
        if (!isPart) await notePlansRead(tx, tenantId, readNumber, [...unseen]);
        return savePlannedMinutes(tx, tenantId, readNumber, answered, range, {
          plans,
          isWhole: isListed,
          isPart,
        });
      }
      await raiseWarning(tx, tenantId, 'scopes_missing', new Date(nowMs));
      // Nothing is known, which is not the same as nothing planned: what was read before stays.
      await notePlansRead(tx, tenantId, readNumber, group);
      return null;
    });
    result.isPermitted &&= isPermitted;
    result.isWhole &&= outcome?.isWhole ?? false;
    result.read += plans.length;
    result.created += outcome?.created.length ?? 0;
    result.updated += outcome?.updated.length ?? 0;
  }
  return result;

  async function noteUnreadable(tx: Transaction, error: DomainError): Promise<void> {
    const failure = {
      resource: 'planned_minutes',
      factorialId: error.details.factorialId ?? '',
      code: error.code,
      message: error.message,
      nextStep: nextSteps.nextReconciliation,
      deliveryId: null,
      reconciliationId: origin.via.type === 'reconciliation' ? origin.via.id : null,
      workflowId: origin.workflowId,
      runId: origin.runId,
    };
    await noteFailure(tx, tenantId, failure, new Date(nowMs));
  }
}
