import { setCurrentDetails } from '@temporalio/workflow';
import type { SupervisionActivities } from '../activities/index.ts';
import { priorities } from '../contracts/temporal/names.ts';
import type { AuditSummary, SupervisionSummary, SupervisorInput } from '../contracts/temporal/supervisor.ts';
import { proxyNamed } from './named-activities.ts';

// A round lists all workflows and starts at most a thousand; the next one comes in half a minute.
const { supervise } = proxyNamed<SupervisionActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '2 s', maximumAttempts: 2 },
  priority: { priorityKey: priorities.person },
});

// A check reads whole tables.
const { auditData } = proxyNamed<SupervisionActivities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '90 s',
  retry: { initialInterval: '10 s', maximumAttempts: 2 },
  priority: { priorityKey: priorities.night },
});

/**
 * One round of the supervisor, started by its Schedule: what the database says should run is made to run. Or, less often and
 * by another Schedule, an audit: whether the rules hold on the data as it is.
 */
export async function supervisorWorkflow(
  input?: SupervisorInput,
): Promise<SupervisionSummary | AuditSummary> {
  if (input?.duty === 'audit') {
    setCurrentDetails(
      '**Checks the rules on live data.** Safe: terminating it; the next one comes within the hour.',
    );
    return auditData({ nowMs: Date.now() });
  }
  setCurrentDetails(
    '**Compares the database with what runs.** Safe: terminating it; the next round comes in 30 s.',
  );
  return supervise({ nowMs: Date.now() });
}
