import { Client, Connection } from '@temporalio/client';
import { askServer } from './ask-server.ts';

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

/** Has our search attributes, and every part of the server knows it. */
export async function createTestNamespace(): Promise<TestNamespace> {
  const { address, namespace } = await askServer('/namespace');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, identity: 'test' });
  return { address, namespace, connection, client, close: () => connection.close() };
}
