import { ScheduleAlreadyRunning, type Client, type ScheduleOptions } from '@temporalio/client';
import { auditId, supervisorId, taskQueue, workflowTypes } from '../contracts/temporal/names.ts';
import type { SupervisorInput } from '../contracts/temporal/supervisor.ts';

/** Two rounds fit into the minute that rule 15 gives. */
const roundEvery = '30s';
/** An audit reads whole tables: often enough to be told of a broken rule the same morning. */
const auditEvery = '1h';

const schedules = [
  schedule(supervisorId, roundEvery, { duty: 'supervise' }, 'Rebuilds what should run and does not'),
  schedule(auditId, auditEvery, { duty: 'audit' }, 'Checks the rules on live data'),
];

function schedule(scheduleId: string, every: '30s' | '1h', input: SupervisorInput, staticSummary: string) {
  return {
    scheduleId,
    spec: { intervals: [{ every }] },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.supervisor,
      workflowId: scheduleId,
      taskQueue,
      args: [input],
      staticSummary,
    },
    // A missed round is not made up for: the next one sees the same.
    policies: { overlap: 'SKIP', catchupWindow: '10s' },
  } satisfies ScheduleOptions;
}

/**
 * Makes the supervisor's Schedules, or sets them right where an older version of ours left other ones. Whether somebody has
 * paused one stays as it is. Safe to repeat, and from several workers at once.
 */
export async function ensureSupervision(client: Client): Promise<void> {
  for (const { scheduleId, ...wanted } of schedules) {
    try {
      await client.schedule.create({ scheduleId, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...wanted, state }));
    }
  }
}
