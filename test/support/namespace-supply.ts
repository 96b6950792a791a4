import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../contracts/temporal/names.ts';
import { tenantIdKey } from '../../contracts/temporal/search-attributes.ts';
import { ensureNamespaceSetup } from '../../platform/temporal.ts';
import { GiveUp, waitFor } from './wait-for.ts';

/** Namespaces on one server, each with our search attributes and known to every part of it. */
export interface NamespaceSupply {
  /** The name of one that nobody else gets. */
  next(): Promise<string>;
  close(): Promise<void>;
}

/** Above the interval at which the server looks for new namespaces. */
const usableTimeoutMs = 30_000;

/** One is made ready before it is asked for: the server takes seconds to learn of it. */
export async function createNamespaceSupply(address: string): Promise<NamespaceSupply> {
  const connection = await Connection.connect({ address });
  let isClosed = false;
  const prepare = async (): Promise<string> => {
    const namespace = `test-${randomBytes(5).toString('hex')}`;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('7 days'),
    });
    const becomes = (what: string, check: () => Promise<boolean>) =>
      waitFor(
        `${namespace} ${what}`,
        async () => {
          if (isClosed) throw new GiveUp('Nobody asks for namespaces any more.');
          return await check();
        },
        usableTimeoutMs,
      );
    await becomes('to know the search attributes', async () => {
      await ensureNamespaceSetup(connection, namespace, searchAttributes);
      return true;
    });
    const client = new Client({ connection, namespace, identity: 'test' });
    await becomes('to be usable', () => isUsable(client));
    return namespace;
  };
  const prepareAhead = (): Promise<string> => {
    const namespace = prepare();
    namespace.catch(() => undefined); // a failure is for who asks for it, if anybody does
    return namespace;
  };
  let ready = prepareAhead();
  return {
    next: () => {
      const given = ready;
      ready = prepareAhead();
      return given;
    },
    close: async () => {
      isClosed = true;
      await ready.catch(() => undefined);
      await connection.close();
    },
  };
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
