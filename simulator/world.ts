import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import type { Company } from './company.ts';
import { createFaultList, type FaultList } from './faults.ts';
import { createIdSequences, type NextId } from './ids.ts';
import { createTokenStore, type TokenStore } from './oauth/tokens.ts';
import { createFilterCache, type FilterCache } from './paging.ts';
import { createRandom } from './random.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import type { RecordedLine } from './script.ts';
import { tellAutomaticDisable } from './actions/subscriptions.ts';
import { defaultSwitches, type Switches } from './switches.ts';
import { createDeliveries, type Deliveries } from './webhooks.ts';

export interface Application {
  clientId: string;
  secret: string;
  name: string;
  /** Compared as text, character by character. */
  redirectUris: string[];
  scopes: string[];
}

/** Everything the simulator knows. Companies are the customers; the rest is shared by all of them. */
export interface World {
  clock: Clock;
  nextId: NextId;
  switches: Switches;
  faults: FaultList;
  applications: Map<string, Application>;
  tokens: TokenStore;
  companies: Map<string, Company>;
  deliveries: Deliveries;
  requests: RequestLog;
  /** The changes that control has made so far. */
  record: RecordedLine[];
  filterCache: FilterCache;
}

export function createWorld({
  clock,
  logger,
}: {
  clock: Clock;
  logger: FastifyBaseLogger | undefined;
}): World {
  const nextId = createIdSequences();
  const switches = defaultSwitches();
  const world: World = {
    clock,
    nextId,
    switches,
    faults: createFaultList(),
    applications: new Map(),
    tokens: createTokenStore({ clock, switches }),
    companies: new Map(),
    deliveries: createDeliveries({
      clock,
      switches,
      random: createRandom(1),
      nextId: () => nextId('delivery'),
      logger,
      onDisabled: (company, subscription) => tellAutomaticDisable(world, company, subscription),
    }),
    requests: createRequestLog(),
    record: [],
    filterCache: createFilterCache(),
  };
  return world;
}

/** The company that control and consent mean when they name none. */
export function firstCompany(world: World): Company {
  const [company] = world.companies.values();
  if (company === undefined) throw new Error('there is no company');
  return company;
}

/** The clock's instant as a timestamp, always later than the one that a row carries already. */
export function timestamp(world: Pick<World, 'clock'>, previous?: string): string {
  const floor = previous === undefined ? 0 : Date.parse(previous) + 1;
  return new Date(Math.max(world.clock.now(), floor)).toISOString();
}
