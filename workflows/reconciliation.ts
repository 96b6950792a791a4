import {
  ActivityFailure,
  ApplicationFailure,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/index.ts';
import { reconciliationFinishedSignal, tokenRefusedSignal } from '../contracts/temporal/connection.ts';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import type { ReconciliationInput, ReconciliationSummary } from '../contracts/temporal/reconciliation.ts';
import { backOffMs } from '../domain/token-life.ts';

// Up to 5,000 rows: fifty requests at the pace of the budget. Silence longer than the heartbeat means that the worker died.
const act = proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '10 s', maximumAttempts: 3 },
});

/** Sweeps in this order: what later ones refer to comes first. */
const kinds = ['employees', 'absence_types', 'holidays', 'absences'] as const;
/** Passing troubles are waited out this often, at most an hour each: about a day. */
const maxWaits = 36;
/** Time for the connection workflow to renew a refused token, and how often it gets that time: a minute or two in all. */
const newTokenMs = 5_000;
const maxRefusals = 20;
const maxEvents = 1_500;

/**
 * Compares everything with Factorial and repairs what differs: reads each kind page by page, proves what is gone, computes
 * every day. Progress is in the database, so that a crash or a new run goes on at the page it was on. Reports to the
 * connection workflow by signal.
 */
export async function reconciliationWorkflow(input: ReconciliationInput): Promise<ReconciliationSummary> {
  const { tenantId, reconciliationId, generation } = input;
  const parent = getExternalWorkflowHandle(connectionWorkflowId(tenantId));
  const step = () => ({ tenantId, generation, reconciliationId, nowMs: Date.now() });
  let waits = 0;
  let refusals = 0;
  let failureCode: string | null = null;
  try {
    if (input.resumed !== true) await persist('begin', () => act.beginReconciliation(step()));
    for (const kind of kinds) await repeat(`read ${kind}`, () => act.sweepKind({ ...step(), kind }));
    await repeat('read planned minutes', () => act.sweepPlans(step()));
    await persist('prove deletions', () => act.settleDeletions(step()));
    await persist('prepare days', () => act.prepareDays(step()));
    await repeat('compute days', async () => ({ done: !(await act.computeDays(step())).left }));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    failureCode = codeOf(error);
  }
  const summary = await act.endReconciliation({ ...step(), failureCode });
  await parent.signal(reconciliationFinishedSignal, { reconciliationId, outcome: summary.status });
  return summary;

  /** Repeats a step that does a part at a time until it is done; a long one goes on in a new run. */
  async function repeat(name: string, part: () => Promise<{ done: boolean }>): Promise<void> {
    while (!(await persist(name, part)).done) {
      const { continueAsNewSuggested, historyLength } = workflowInfo();
      if (continueAsNewSuggested || historyLength > maxEvents) {
        await continueAsNew<typeof reconciliationWorkflow>({ ...input, resumed: true });
      }
    }
  }

  /** Waits passing troubles out. A refused token is the connection workflow's to renew: it is told, and given time. */
  async function persist<T>(name: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      setCurrentDetails(`**${name}** · reconciliation ${reconciliationId} · waited ${waits} times`);
      try {
        return await work();
      } catch (error) {
        const waitMs = waitFor(error);
        waits += 1;
        if (waitMs === null || waits > maxWaits) throw error;
        await sleep(waitMs, { summary: `${name}: try again after ${codeOf(error)}` });
      }
    }
  }

  function waitFor(error: unknown): number | null {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) return null;
    const details = (error.cause instanceof ApplicationFailure ? (error.cause.details?.[0] ?? {}) : {}) as {
      retryAfterMs?: number;
      tokenVersion?: number;
    };
    switch (codeOf(error)) {
      case 'token_refused':
        refusals += 1;
        if (refusals > maxRefusals) return null;
        void parent.signal(tokenRefusedSignal, { tokenVersion: details.tokenVersion ?? 0 });
        return newTokenMs;
      case 'rate_limited':
      case 'budget_exhausted':
        return Math.max(1_000, details.retryAfterMs ?? 30_000);
      case 'factorial_unreachable':
      case 'unavailable':
      case 'internal_error':
        return backOffMs(waits + 1);
      default:
        return null;
    }
  }
}

/** The code of an activity's failure; a time-out counts as unavailable. */
function codeOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)
    return error.cause.type ?? 'internal_error';
  return 'unavailable';
}
