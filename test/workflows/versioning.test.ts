import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { connectionStart } from '../../contracts/temporal/starts.ts';
import { workflowTypes } from '../../contracts/temporal/names.ts';
import { deploymentOptions } from '../../worker/deployment.ts';
import { askServer } from '../support/ask-server.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { connectTestTemporal, uniqueName, type TestTemporal } from '../support/temporal.ts';
import { waitFor } from '../support/wait-for.ts';
import { createFakes } from './support/fake-activities.ts';

/** A rolling deploy, on the real server: two versions of the worker at once. */

let temporal: TestTemporal;
beforeAll(async () => {
  installQuietRuntime();
  temporal = await connectTestTemporal();
}, 60_000);
afterAll(async () => {
  await temporal?.close();
});

it('a workflow goes on with the version that is made current, and back with the one before', async () => {
  const tenantId = uniqueName('tenant');
  const { client, namespace } = temporal;
  const deployment = tenantId;
  const fakes = createFakes(tenantId, Date.now());
  const startWorker = async (buildId: string): Promise<() => Promise<void>> => {
    const worker = await Worker.create({
      connection: await temporal.nativeConnection(),
      namespace,
      taskQueue: tenantId,
      workflowBundle: await askServer('/workflow-bundle'),
      activities: fakes.activities,
      ...deploymentOptions({ deployment, buildId }),
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  };
  const makeCurrent = (buildId: string) =>
    waitFor(
      `${buildId} to be made current`,
      async () => {
        await client.workflowService.setWorkerDeploymentCurrentVersion({
          namespace,
          deploymentName: deployment,
          buildId,
          identity: 'test',
        });
        return true;
      },
      30_000,
    );
  const handle = client.workflow.getHandle(connectionStart(tenantId).workflowId);
  const versionOf = async (): Promise<string | null | undefined> =>
    (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  const ringUntilAt = (buildId: string) =>
    waitFor(
      `the workflow to be at ${buildId}`,
      async () => {
        await handle.signal('factsChanged', { marked: 0 });
        const now = await versionOf();
        if (now === buildId) return now;
        throw new Error(`it is at ${String(now)}`);
      },
      30_000,
    );
  const stopOld = await startWorker('old');
  const stopNew = await startWorker('new');
  try {
    await makeCurrent('old');
    await client.workflow.start(workflowTypes.connection, {
      ...connectionStart(tenantId),
      taskQueue: tenantId,
    });

    const before = await ringUntilAt('old');
    await makeCurrent('new');
    const after = await ringUntilAt('new');
    await makeCurrent('old');
    const back = await ringUntilAt('old');

    expect([before, after, back]).toEqual(['old', 'new', 'old']);
  } finally {
    await handle.terminate('the test is over').catch(() => undefined);
    await Promise.all([stopOld(), stopNew()]);
  }
}, 120_000);

it('is off unless a deployment is named, and wants to know which version the code is', () => {
  expect(deploymentOptions({ deployment: undefined, buildId: '1' })).toEqual({});
  expect(() => deploymentOptions({ deployment: 'factorial-sync', buildId: undefined })).toThrow(
    /set WORKER_BUILD_ID, or run what npm run build makes/,
  );
});
