import type { Client, WorkflowHandle } from '@temporalio/client';
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../../activities/index.ts';
import type { ConnectionInput } from '../../../contracts/temporal/connection.ts';
import { connectionWorkflowId, workflowTypes } from '../../../contracts/temporal/names.ts';
import { tenantIdKey } from '../../../contracts/temporal/search-attributes.ts';
import { uniqueName } from '../../support/temporal.ts';
import { createFakes, type FakeDatabase, type Fakes } from './fake-activities.ts';

/** Where connection workflows run in a test. */
export interface WorkflowServer {
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: WorkflowBundleOption;
  /** What time it is for workflows. */
  now(): Promise<number>;
}

export interface TenantWorkflow extends Fakes {
  readonly tenantId: string;
  readonly handle: WorkflowHandle;
  /** As the API and the relay do it: the workflow is started where it is missing. */
  ring(signal: string, arg: object): Promise<void>;
}

/** Replaces some of the fakes, over the same database. */
export type Override = (db: FakeDatabase, fakes: Activities) => Partial<Activities>;

/** A tenant with a worker and a task queue of its own, for the time of one test; its workflow does not outlive it. */
export async function withTenant(
  { client, nativeConnection, namespace, workflowBundle, now }: WorkflowServer,
  override: Override,
  play: (tenant: TenantWorkflow) => Promise<void>,
): Promise<void> {
  const tenantId = uniqueName('tenant');
  const fakes = createFakes(tenantId, await now(), override);
  const handle = client.workflow.getHandle(connectionWorkflowId(tenantId));
  const input: ConnectionInput = { tenantId };
  const ring = async (signal: string, arg: object): Promise<void> => {
    await client.workflow.signalWithStart(workflowTypes.connection, {
      workflowId: handle.workflowId,
      taskQueue: tenantId,
      args: [input],
      signal,
      signalArgs: [arg],
      typedSearchAttributes: [{ key: tenantIdKey, value: tenantId }],
    });
  };
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue: tenantId,
    workflowBundle,
    activities: fakes.activities,
  });
  await worker.runUntil(async () => {
    try {
      await play({ ...fakes, tenantId, handle, ring });
    } finally {
      await handle.terminate('the test is over').catch(() => undefined); // a test may have ended it itself
    }
  });
}
