import { TemporalFailure, type ExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';

/**
 * Signals another workflow, if it is there. One that is not is no error: what it is told is in the database, which it reads
 * when it is started again. A rejection that nobody heard of would block the task of whoever tells.
 */
export async function tell<Args extends unknown[]>(
  workflow: ExternalWorkflowHandle,
  signal: SignalDefinition<Args>,
  ...args: Args
): Promise<void> {
  try {
    await workflow.signal(signal, ...args);
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
  }
}
