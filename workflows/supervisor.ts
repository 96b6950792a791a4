import { proxyActivities } from '@temporalio/workflow';
import type { SupervisionActivities } from '../activities/index.ts';
import { priorities } from '../contracts/temporal/names.ts';
import type { SupervisionSummary } from '../contracts/temporal/supervisor.ts';

// A round lists all workflows and starts at most a thousand; the next one comes in half a minute.
const { supervise } = proxyActivities<SupervisionActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '2 s', maximumAttempts: 2 },
  priority: { priorityKey: priorities.person },
});

/** One round of the supervisor, started by its Schedule: what the database says should run is made to run. */
export async function supervisorWorkflow(): Promise<SupervisionSummary> {
  return supervise.executeWithOptions({ summary: 'compare the database with what runs' }, [
    { nowMs: Date.now() },
  ]);
}
