import { isDomainError, type DomainError } from '../domain/errors.ts';
import type { DateRange } from '../domain/horizon.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { isRefusal } from '../domain/permissions.ts';
import { profilesPerRequest } from '../domain/plan-slices.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages } from '../factorial/page.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { inTransaction, type Database, type Transaction } from '../repositories/database.ts';
import type { StoredPlan } from '../repositories/fact-tables.ts';
import { noteFailure } from '../repositories/failures.ts';
import { requireSyncing } from '../repositories/fence.ts';
import { tellPermissions } from '../repositories/permissions.ts';
import { takeReadNumber, type ReadOrigin } from '../repositories/reads.ts';
import { notePlansRead, savePlannedMinutes } from '../repositories/sync.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import { pulse } from './pulse.ts';
import { toPlanFact } from './to-facts.ts';

const maxPages = 2_000;

export interface PlanReading {
  readonly tenantId: string;
  readonly generation: number;
  readonly origin: ReadOrigin;
  readonly nowMs: number;
}

/** What Factorial answered about the plans of some profiles. */
export interface PlanAnswer {
  readonly profileIds: readonly string[];
  readonly range: DateRange;
  /** Whether the range is the whole window: some days of it are no answer to a wish for somebody's whole plan. */
  readonly spansWindow: boolean;
  readonly readNumber: bigint;
  readonly plans: readonly StoredPlan[];
  readonly unreadable: readonly DomainError[];
  /** That the permission is missing. */
  readonly refusal: DomainError | null;
  /** Whether every day came that was announced. */
  readonly isListed: boolean;
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

/** Asks what up to 50 profiles would work, day by day. A missing permission and a broken answer are answers too. */
export async function readPlans(
  client: FactorialClient,
  request: Pick<PlanAnswer, 'profileIds' | 'range' | 'spansWindow' | 'readNumber'>,
  signal: AbortSignal,
): Promise<PlanAnswer> {
  const { profileIds, range } = request;
  const plans: StoredPlan[] = [];
  const unreadable: DomainError[] = [];
  const totals = new Set<number | null>();
  let refusal: DomainError | null = null;
  let isEnded = false;
  try {
    const query = { profileIds, from: range.from, to: range.to };
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
    if (isRefusal(error)) refusal = error;
    // An answer that is no list tells of nobody: `{"errors":null}` may also be how a list without rows looks.
    else if (isDomainError(error, 'schema_drift')) unreadable.push(error);
    else if (!isDomainError(error, 'sweep_unstable')) throw error;
  }
  const distinct = new Set(plans.map((plan) => `${plan.profileId}/${plan.date}`)).size;
  const isListed =
    isEnded && unreadable.length === 0 && [...totals].every((total) => (total ?? distinct) === distinct);
  return { ...request, plans, unreadable, refusal, isListed };
}

/**
 * Writes each answer whole. Where the permission is missing, or an answer is broken, what was read before stays, and the card
 * says so. Safe to repeat.
 */
export async function savePlans(
  tx: Transaction,
  reading: PlanReading,
  answers: readonly PlanAnswer[],
): Promise<PlanOutcome[]> {
  const { tokenOwner } = await readConnectionRow(tx, reading.tenantId);
  const outcomes: PlanOutcome[] = [];
  for (const answer of answers) outcomes.push(await savePlan(tx, reading, tokenOwner, answer));
  return outcomes;
}

async function savePlan(
  tx: Transaction,
  { tenantId, origin, nowMs }: PlanReading,
  tokenOwner: string | null,
  { profileIds, range, spansWindow, readNumber, plans, unreadable, refusal, isListed }: PlanAnswer,
): Promise<PlanOutcome> {
  for (const error of unreadable) await noteUnreadable(error);
  if (unreadable.length > 0) await raiseWarning(tx, tenantId, 'schema_drift', new Date(nowMs));
  if (refusal !== null) {
    await noteUnreadable(refusal);
    await tellPermissions(tx, tenantId, new Date(nowMs));
    // Nothing is known, which is not the same as nothing planned: what was read before stays.
    await notePlansRead(tx, tenantId, readNumber, profileIds);
    return { read: plans.length, created: 0, updated: 0, isPermitted: false, isWhole: false };
  }
  // A person may not see everybody: of whom their token tells no day, nothing is known, and what was read before stays.
  const told = new Set(plans.map((plan) => plan.profileId));
  const unseen = new Set(tokenOwner === 'user' ? profileIds.filter((id) => !told.has(id)) : []);
  const answered = profileIds.filter((id) => !unseen.has(id));
  if (spansWindow) await notePlansRead(tx, tenantId, readNumber, [...unseen]);
  const { created, updated, isWhole } = await savePlannedMinutes(tx, tenantId, readNumber, answered, range, {
    plans,
    isWhole: isListed,
    spansWindow,
  });
  const counts = { read: plans.length, created: created.length, updated: updated.length };
  return { ...counts, isPermitted: true, isWhole };

  async function noteUnreadable(error: DomainError): Promise<void> {
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

/** Reads the plans of some profiles for the whole window, and writes them. Safe to repeat. */
export async function syncPlans(
  db: Database,
  client: FactorialClient,
  profileIds: readonly string[],
  range: DateRange,
  reading: PlanReading,
  signal: AbortSignal,
): Promise<void> {
  const { tenantId, generation, origin } = reading;
  for (let start = 0; start < profileIds.length; start += profilesPerRequest) {
    const group = profileIds.slice(start, start + profilesPerRequest);
    const readNumber = await takeReadNumber(db, tenantId, origin);
    const answer = await readPlans(
      client,
      { profileIds: group, range, spansWindow: true, readNumber },
      signal,
    );
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      await savePlans(tx, reading, [answer]);
    });
  }
}
