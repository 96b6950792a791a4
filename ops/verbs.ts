import type { Client } from '@temporalio/client';
import { workflowTypes } from '../contracts/temporal/names.ts';
import { connectionStart } from '../contracts/temporal/starts.ts';

/** A person waits; what Temporal does not take in this time is done by the relay or the supervisor. */
const deadlineMs = 5_000;

/** Makes a tenant's workflow look into the database, and starts it where it is missing. Harmless when done twice. */
export async function wake(client: Client, tenantId: string, signal: string, arg: object): Promise<void> {
  await client.withDeadline(Date.now() + deadlineMs, () =>
    client.workflow.signalWithStart(workflowTypes.connection, {
      ...connectionStart(tenantId),
      signal,
      signalArgs: [arg],
    }),
  );
}
