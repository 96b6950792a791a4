import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../contracts/temporal/names.ts';
import { tenantIdKey } from '../../contracts/temporal/search-attributes.ts';
import { ensureNamespaceSetup } from '../../platform/temporal.ts';
import { askServer } from './ask-server.ts';
import { waitFor } from './wait-for.ts';

/**
 * A namespace of its own on the shared server, for suites that run real workers: those poll one fixed task queue, so that
 * in a shared namespace they would take each other's work.
 */
export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/** Above the interval at which the server looks for new namespaces. */
const usableTimeoutMs = 30_000;

/** Registers a namespace with our search attributes, and waits until every part of the server knows them. */
export async function createTestNamespace(): Promise<TestNamespace> {
  const { address } = await askServer('/temporal');
  const namespace = `test-${randomBytes(5).toString('hex')}`;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, identity: 'test' });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('7 days'),
    });
    await waitFor(
      `search attributes of ${namespace}`,
      async () => {
        await ensureNamespaceSetup(connection, namespace, searchAttributes);
        return true;
      },
      usableTimeoutMs,
    );
    await waitFor(`namespace ${namespace} to be usable`, () => isUsable(client), usableTimeoutMs);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return { address, namespace, connection, client, close: () => connection.close() };
}

/** Starts a workflow that nobody will run, with one of our search attributes, and finds it in the list. */
async function isUsable(client: Client): Promise<boolean> {
  const handle = await client.workflow.start('nobody', {
    workflowId: 'is-the-namespace-usable',
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue: 'nobody',
    typedSearchAttributes: [{ key: tenantIdKey, value: 'nobody' }],
  });
  const { count } = await client.workflow.count(`${tenantIdKey.name} = 'nobody'`);
  if (count > 0) await handle.terminate();
  return count > 0;
}
