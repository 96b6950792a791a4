import {
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReplayActivities } from '../activities/index.ts';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import { resumedSignal } from '../contracts/temporal/operator.ts';
import type { ReplayInput, ReplayProgress } from '../contracts/temporal/replay.ts';
import { describeReplay } from './describe.ts';
import { codeOf, createPatience } from './patience.ts';
import { proxyNamed } from './named-activities.ts';

// Five requests of a hundred ids, at the pace of the budget. Silence longer than the heartbeat means that the worker died.
const act = proxyNamed<ReplayActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '10 s', maximumAttempts: 3 },
});
const maxEvents = 1_500;

/**
 * Tries a frozen set of failures again, batch by batch. Where it stands is in the database, so that a crash or a new run goes
 * on there. Ends when all had their turn, when too many failed again, or when somebody cancels it.
 */
export async function replayWorkflow({ tenantId, replayId }: ReplayInput): Promise<ReplayProgress> {
  const patience = createPatience(getExternalWorkflowHandle(connectionWorkflowId(tenantId)));
  let resumed = false;
  setHandler(resumedSignal, () => {
    resumed = true;
  });
  let progress: ReplayProgress | null = null;
  for (;;) {
    setCurrentDetails(describeReplay({ replayId, progress, waits: patience.waits }));
    resumed = false;
    try {
      const summary = progress === null ? 'first batch' : `after ${progress.done} of ${progress.count}`;
      progress = await act.replayBatch.executeWithOptions({ summary }, [
        { tenantId, replayId, nowMs: Date.now() },
      ]);
      if (progress.ended !== null) return progress;
    } catch (error) {
      await waitOrEnd(error);
    }
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > maxEvents)
      await continueAsNew<typeof replayWorkflow>({ tenantId, replayId });
  }

  async function waitOrEnd(error: unknown): Promise<void> {
    const waitMs = patience.after(error);
    if (waitMs === null) {
      await end(isCancellation(error) ? 'cancelled' : 'stopped');
      throw error;
    }
    const trouble = codeOf(error);
    const next = { trouble, nextAt: Date.now() + waitMs };
    setCurrentDetails(describeReplay({ replayId, progress, waits: patience.waits, ...next }));
    try {
      await condition(() => resumed, waitMs, { summary: `try again after ${trouble}` });
    } catch (cancellation) {
      await end('cancelled');
      throw cancellation;
    }
  }

  /** Also after a cancellation: no item stays without an outcome. */
  async function end(how: 'cancelled' | 'stopped'): Promise<void> {
    await CancellationScope.nonCancellable(() =>
      act.endReplay({ tenantId, replayId, how, nowMs: Date.now() }),
    );
  }
}
