import { ScheduleAlreadyRunning, type Client, type ScheduleOptions } from '@temporalio/client';
import { supervisorId, taskQueue, workflowTypes } from '../contracts/temporal/names.ts';

/** Two rounds fit into the minute that rule 15 gives. */
const everySeconds = 30;

const schedule = {
  spec: { intervals: [{ every: `${everySeconds}s` }] },
  action: {
    type: 'startWorkflow',
    workflowType: workflowTypes.supervisor,
    workflowId: supervisorId,
    taskQueue,
    args: [],
    staticSummary: 'Rebuilds what should run and does not',
  },
  // A missed round is not made up for: the next one sees the same.
  policies: { overlap: 'SKIP', catchupWindow: '10s' },
} satisfies Omit<ScheduleOptions, 'scheduleId'>;

/**
 * Makes the supervisor's Schedule, or sets it right where an older version of ours left another one. Whether somebody has
 * paused it stays as it is. Safe to repeat, and from several workers at once.
 */
export async function ensureSupervision(client: Client): Promise<void> {
  try {
    await client.schedule.create({ scheduleId: supervisorId, ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(supervisorId).update(({ state }) => ({ ...schedule, state }));
  }
}
