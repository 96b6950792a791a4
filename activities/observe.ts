import { activityInfo } from '@temporalio/activity';
import { requireReconciliation } from '../repositories/reconciliation-requests.ts';
import { countUntoldChanges } from '../repositories/untold-changes.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { blind } from './observer.ts';

/** An activity as the worker calls it. */
export type Activity = (input: { tenantId?: string }) => Promise<unknown>;

/** Tells the log of each activity by its ids, and the observer of what came of those that are counted. */
export function observed(deps: ActivityDependencies, name: string, activity: Activity): Activity {
  const { logger, observer = blind } = deps;
  return async (input) => {
    const startedAt = performance.now();
    const ids = idsOf(name, input);
    const ms = (): number => Math.round(performance.now() - startedAt);
    try {
      const result = await activity(input);
      logger.debug({ ...ids, ms: ms() }, 'activity ended');
      if (name === 'renewToken') observer.tokenRenewed(outcomeOf(result));
      if (name === 'endReconciliation') await tellReconciliation(deps, input);
      return result;
    } catch (error) {
      const code = codeOf(error);
      logger.warn({ ...ids, ms: ms(), failure: code }, 'activity failed');
      observer.activityFailed(name, code);
      if (name === 'renewToken') observer.tokenRenewed(code);
      throw error;
    }
  };
}

function idsOf(name: string, { tenantId }: { tenantId?: string }) {
  const { workflowExecution, activityId, attempt } = activityInfo();
  const { workflowId, runId } = workflowExecution ?? {};
  return { tenantId, workflowId, runId, activity: name, activityId, attempt };
}

const outcomeOf = (result: unknown): string => {
  const { outcome } = (result ?? {}) as { outcome?: unknown };
  return typeof outcome === 'string' ? outcome : 'unknown';
};

const codeOf = (error: unknown): string => {
  const { type, name } = error as { type?: unknown; name?: unknown };
  return typeof type === 'string' ? type : name === 'CancelledFailure' ? 'cancelled' : 'internal_error';
};

/** What is counted must never fail what is done: a figure that cannot be read is left out. */
async function tellReconciliation(
  { db, logger, observer = blind }: ActivityDependencies,
  input: { tenantId?: string; reconciliationId?: string },
): Promise<void> {
  const { tenantId = '', reconciliationId = '' } = input;
  try {
    const row = await requireReconciliation(db, tenantId, reconciliationId);
    const untold = await countUntoldChanges(db, tenantId, reconciliationId);
    if (Object.keys(untold).length > 0)
      logger.warn({ tenantId, reconciliationId, untold }, 'changes came without their webhooks');
    const { trigger, status, verified } = row;
    // Written by `noteSweep` only, in this shape.
    const drift = row.drift as Record<string, { created: number; updated: number; deleted: number }>;
    observer.reconciliationEnded({ trigger, status, verified, drift, untold });
  } catch (err) {
    logger.warn({ err, tenantId, reconciliationId }, 'the reconciliation could not be measured');
  }
}
