import { isGrpcServiceError } from '@temporalio/client';
import { named, ok, warning, wrong, type Finding } from './finding.ts';
import type { TemporalPlace } from './temporal.ts';

const check = 'deployment';
/** gRPC's number for NOT_FOUND. */
const notFound = 5;

/** What the environment says of workers that are versioned. */
export interface DeploymentSettings {
  /** Undefined: it versions none. */
  readonly deployment: string | undefined;
  /** Of this code; undefined where nobody has built it. */
  readonly buildId: string | undefined;
}

/** Who polls, as far as it says which version it is. */
interface Poller {
  readonly deploymentOptions?: {
    readonly deploymentName?: string | null;
    readonly buildId?: string | null;
  } | null;
}

/**
 * Whether versioned workers get work: a version of their deployment must be current, and somebody of that version must poll.
 * Looks at the deployments of the workers that poll, and at the one that the environment names.
 */
export async function examineDeployments(
  place: TemporalPlace,
  { deployment, buildId }: DeploymentSettings,
  pollers: readonly Poller[],
): Promise<Finding[]> {
  const polled = new Map<string, Set<string>>();
  if (deployment !== undefined) polled.set(deployment, new Set());
  for (const { deploymentOptions } of pollers) {
    const { deploymentName: name, buildId: version } = deploymentOptions ?? {};
    if (name && version) polled.set(name, (polled.get(name) ?? new Set()).add(version));
  }
  if (polled.size === 0) return [ok(check, 'workers are not versioned')];
  const findings: Finding[] = [];
  for (const [name, versions] of polled) {
    const own = name === deployment ? buildId : undefined;
    findings.push(await examineDeployment(place, name, { own, polled: [...versions] }));
  }
  return findings;
}

async function examineDeployment(
  { connection, namespace }: TemporalPlace,
  name: string,
  { own, polled }: { readonly own: string | undefined; readonly polled: readonly string[] },
): Promise<Finding> {
  const makeCurrent = (version: string): string =>
    `temporal worker deployment set-current-version --deployment-name ${name} --build-id ${version}`;
  const newest = own ?? polled.at(-1) ?? '<build id>';
  let current: string | null | undefined;
  try {
    const { workerDeploymentInfo } = await connection.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName: name,
    });
    current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== notFound) throw error;
    const todo = `Start a worker with WORKER_DEPLOYMENT=${name}, then ${makeCurrent(newest)}`;
    return wrong(check, `Temporal knows no deployment «${name}»`, todo);
  }
  if (!current)
    return wrong(
      check,
      `no version of «${name}» is current: its workers get nothing to do`,
      `${makeCurrent(newest)} (docs/deploy.md, Rolling deploys).`,
    );
  if (!polled.includes(current))
    return wrong(
      check,
      `version «${current}» of «${name}» is current, and no worker of it polls: no workflow goes on`,
      polled.length === 0
        ? 'Start workers of that version, or of another and make it current.'
        : `Start workers of that version, or make one current that polls (${named(polled)}): ${makeCurrent(newest)}`,
    );
  if (own !== undefined && own !== current)
    return warning(
      check,
      `version «${current}» of «${name}» is current, and this build is «${own}»`,
      `In a rolling deploy that is right until the new version has shown itself; then ${makeCurrent(own)}`,
    );
  return ok(check, `version «${current}» of «${name}» is current`);
}
