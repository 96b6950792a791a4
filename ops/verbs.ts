import type { Client } from '@temporalio/client';
import type { ConnectionInput } from '../contracts/temporal/connection.ts';
import { connectionWorkflowId, priorities, taskQueue, workflowTypes } from '../contracts/temporal/names.ts';
import { tenantIdKey } from '../contracts/temporal/search-attributes.ts';

/** A person waits; what Temporal does not take in this time is done by the relay or the supervisor. */
const deadlineMs = 5_000;

/** Makes a tenant's workflow look into the database, and starts it where it is missing. Harmless when done twice. */
export async function wake(client: Client, tenantId: string, signal: string, arg: object): Promise<void> {
  const input: ConnectionInput = { tenantId };
  await client.withDeadline(Date.now() + deadlineMs, () =>
    client.workflow.signalWithStart(workflowTypes.connection, {
      workflowId: connectionWorkflowId(tenantId),
      taskQueue,
      args: [input],
      signal,
      signalArgs: [arg],
      typedSearchAttributes: [{ key: tenantIdKey, value: tenantId }],
      priority: { priorityKey: priorities.normal, fairnessKey: tenantId.slice(0, 64) },
      staticSummary: 'Keeps one WorkMeter account in step with Factorial',
    }),
  );
}
