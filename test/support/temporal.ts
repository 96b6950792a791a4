import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { searchAttributes } from '../../contracts/temporal/names.ts';
import { temporalTestServer } from '../../stack/tools.ts';
import { askServer } from './ask-server.ts';

export interface TestTemporal {
  address: string;
  /** Has all our search attributes; shared by all suites, so ids and task queues must be one's own. */
  namespace: string;
  connection: Connection;
  client: Client;
  /** What `Worker.create` takes; made when first asked for. */
  nativeConnection(): Promise<NativeConnection>;
  close(): Promise<void>;
}

/** The real server that all suites share. Call it in `beforeAll`, and `close` in `afterAll` after the workers. */
export async function connectTestTemporal(): Promise<TestTemporal> {
  const { address, namespace } = await askServer('/temporal');
  const connection = await Connection.connect({ address });
  let native: Promise<NativeConnection> | undefined;
  return {
    address,
    namespace,
    connection,
    client: new Client({ connection, namespace }),
    nativeConnection: () => (native ??= NativeConnection.connect({ address })),
    close: async () => {
      await (await native)?.close();
      await connection.close();
    },
  };
}

/** A name that no other test uses: for task queues, tenants, workflow ids. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

/**
 * Temporal's small test server that skips time while nothing runs: months of timers in seconds. It knows our search
 * attributes, but no listing, schedules or Web UI. One clock for all its workflows; `teardown()` in `afterAll`.
 */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: temporalTestServer() } },
  });
  // Without this the first upsert of a search attribute blocks the workflow's task.
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributes).map(([name, type]) => [name, indexedTypes[type]]),
    ),
  });
  return environment;
}

/** Numbers of the API's `temporal.api.enums.v1.IndexedValueType`. */
const indexedTypes = { KEYWORD: 2, INT: 3, DATETIME: 6, KEYWORD_LIST: 7 } as const;
