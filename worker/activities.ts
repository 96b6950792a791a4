import type { Client } from '@temporalio/client';
import { createActivities, createSupervisor, type Activities } from '../activities/index.ts';
import type { SupervisionActivities } from '../activities/index.ts';
import type { Observer } from '../activities/observer.ts';
import type { WorkerConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { createCipher } from '../repositories/cipher.ts';
import type { Database } from '../repositories/database.ts';
import { createFleet } from './fleet.ts';

export interface WorkerParts {
  /** What of the configuration activities go by. */
  readonly config: Pick<
    WorkerConfig,
    | 'encryptionKeys'
    | 'publicUrl'
    | 'previousPublicUrls'
    | 'factorialApiVersion'
    | 'factorialRequestsPerMinute'
    | 'factorialPlanRequestsPerNight'
    | 'nightlyHour'
    | 'holidayPollMinutes'
  >;
  readonly db: Database;
  /** For the supervisor, which looks after workflows. */
  readonly client: Client;
  readonly logger: Logger;
  /** Nobody measures unless told. */
  readonly observer?: Observer;
}

/** Every activity of a worker, as its configuration wants them. */
export function createWorkerActivities({
  config,
  client,
  ...common
}: WorkerParts): Activities & SupervisionActivities {
  const settings = {
    publicUrl: config.publicUrl,
    previousPublicUrls: config.previousPublicUrls,
    apiVersion: config.factorialApiVersion,
    requestsPerMinute: config.factorialRequestsPerMinute,
    planRequestsPerNight: config.factorialPlanRequestsPerNight,
    nightlyHour: config.nightlyHour,
    holidayPollMinutes: config.holidayPollMinutes,
  };
  const fleet = createFleet(client);
  return {
    ...createActivities({
      ...common,
      cipher: createCipher(config.encryptionKeys),
      settings,
      ring: (tenantId) => fleet.ring(tenantId),
    }),
    ...createSupervisor({ ...common, fleet }),
  };
}
