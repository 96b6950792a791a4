import {
  ActivityFailure,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/index.ts';
import { reconciliationFinishedSignal } from '../contracts/temporal/connection.ts';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import { resumedSignal } from '../contracts/temporal/operator.ts';
import type { ReconciliationInput, ReconciliationSummary } from '../contracts/temporal/reconciliation.ts';
import { describeReconciliation } from './describe.ts';
import { codeOf, createPatience } from './patience.ts';
import { proxyNamed } from './named-activities.ts';
import { tell } from './tell.ts';

// 5,000 rows: fifty requests at the pace of the budget, or what comes within 10 s. Silence longer than the heartbeat means
// that the worker died.
const act = proxyNamed<ReconciliationActivities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '10 s', maximumAttempts: 3 },
});

/** Sweeps in this order: what later ones refer to comes first. */
const kinds = ['employees', 'absence_types', 'holidays', 'absences'] as const;
const maxEvents = 1_500;

/**
 * Compares everything with Factorial and repairs what differs: reads each kind page by page, proves what is gone, computes
 * every day, also where Factorial could not be read to the end. Progress is in the database, so that a crash or a new run
 * goes on at the page it was on. Reports to the connection workflow by signal.
 */
export async function reconciliationWorkflow(input: ReconciliationInput): Promise<ReconciliationSummary> {
  const { tenantId, reconciliationId, generation } = input;
  const parent = getExternalWorkflowHandle(connectionWorkflowId(tenantId));
  const step = () => ({ tenantId, generation, reconciliationId, nowMs: Date.now() });
  const patience = createPatience(parent);
  let resumed = false;
  setHandler(resumedSignal, () => {
    resumed = true;
  });
  let hasBegun = input.resumed === true;
  let failureCode = input.failureCode ?? null;
  if (failureCode === null) await noteFailureOf(compare);
  // A new day has begun whether or not Factorial could be read: what follows from the known facts holds.
  await noteFailureOf(computeEverybody);
  const summary = await act.endReconciliation({ ...step(), failureCode });
  const { status: outcome } = summary;
  await tell(parent, reconciliationFinishedSignal, { reconciliationId, generation, outcome });
  return summary;

  async function compare(): Promise<void> {
    if (!hasBegun) await persist('begin', () => act.beginReconciliation(step()));
    hasBegun = true;
    for (const kind of kinds) {
      const summary = `read ${kind.replaceAll('_', ' ')}`;
      await repeat(summary, () => act.sweepKind.executeWithOptions({ summary }, [{ ...step(), kind }]));
    }
    await repeat('read planned minutes', () => act.sweepPlans(step()));
    await persist('prove deletions', () => act.settleDeletions(step()));
  }

  async function computeEverybody(): Promise<void> {
    await persist('prepare days', () => act.prepareDays(step()));
    await repeat('compute days', async () => ({ done: !(await act.computeDays(step())).left }));
  }

  /** Lets a part fail: the first failure is what the reconciliation ends with. */
  async function noteFailureOf(part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      failureCode ??= codeOf(error);
    }
  }

  /** Repeats a step that does a part at a time until it is done; a long one goes on in a new run. */
  async function repeat(name: string, part: () => Promise<{ done: boolean }>): Promise<void> {
    while (!(await persist(name, part)).done) await renewWhenFull();
  }

  async function renewWhenFull(): Promise<void> {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > maxEvents)
      await continueAsNew<typeof reconciliationWorkflow>({ ...input, resumed: hasBegun, failureCode });
  }

  /** Waits passing troubles out. A refused token is the connection workflow's to renew: it is told, and given time. */
  async function persist<T>(name: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      setCurrentDetails(describeReconciliation({ step: name, reconciliationId, waits: patience.waits }));
      resumed = false;
      try {
        return await work();
      } catch (error) {
        const waitMs = patience.after(error);
        if (waitMs === null) throw error;
        const trouble = codeOf(error);
        const next = { trouble, nextAt: Date.now() + waitMs };
        setCurrentDetails(
          describeReconciliation({ step: name, reconciliationId, waits: patience.waits, ...next }),
        );
        await condition(() => resumed, waitMs, { summary: `${name}: try again after ${trouble}` });
        await renewWhenFull();
      }
    }
  }
}
