import type { WorkerOptions } from '@temporalio/worker';
import { readBuildId } from '../platform/build-id.ts';
import type { WorkerConfig } from '../platform/config.ts';

/**
 * Which version of which deployment a worker is, where versioning is switched on. A workflow goes on with the current
 * version at its next task (`AUTO_UPGRADE`): `patched(…)` keeps old runs going, and a version that is ramped up or rolled
 * back takes them along at once. Throws where nobody says which version this code is.
 */
export function deploymentOptions({
  deployment,
  buildId,
}: Pick<WorkerConfig, 'deployment' | 'buildId'>): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const version = buildId ?? readBuildId();
  if (version === undefined)
    throw new Error(
      'WORKER_DEPLOYMENT is set, and this code was not built: set WORKER_BUILD_ID, or run what npm run build makes.',
    );
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName: deployment, buildId: version },
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
