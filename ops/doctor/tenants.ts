import type { Client } from '@temporalio/client';
import type { Database } from '../../repositories/database.ts';
import {
  listBrokenSubscriptions,
  listTenantOverviews,
  readRelayLag,
  type TenantOverview,
} from '../../repositories/operations-read.ts';
import { findUntold } from '../../repositories/untold-changes.ts';
import { named, ok, warning, wrong, type Finding, type Repair } from './finding.ts';
import { findStopped } from './temporal.ts';

const hourMs = 3_600_000;
/** One night and half a day: a night that failed has been tried again by then. */
const verifiedWithinMs = 36 * hourMs;
const pendingWithinMs = hourMs;
/** The relay looks every second; it waits longer only while Temporal is away. */
const relayedWithinMs = 60_000;

/** What `doctor` can set right for a tenant. */
export interface TenantRepairs {
  /** Makes a tenant's workflow look into the database, and starts it where it is missing. */
  readonly wake: (tenantId: string) => Promise<void>;
  /** Asks for a reconciliation, which checks the subscriptions too. */
  readonly reconcile: (tenantId: string) => Promise<void>;
}

/** Whether every tenant is looked after: workflows, subscriptions, deliveries, nights. `client` is null while Temporal is away. */
export async function examineTenants(
  db: Database,
  client: Client | null,
  repairs: TenantRepairs,
  nowMs: number,
): Promise<Finding[]> {
  const tenants = await listTenantOverviews(db, nowMs);
  const connected = tenants.filter(({ status, paused }) => status === 'connected' && !paused);
  return [
    ...(client === null ? [] : [await examineWorkflows(client, tenants, repairs)]),
    await examineRelay(db),
    examineExpired(tenants),
    examinePending(connected, nowMs),
    examineVerified(connected, nowMs),
    examineFailures(tenants),
    await examineSubscriptions(db, connected, repairs),
    await examineWebhooks(db, connected),
  ];
}

async function examineWorkflows(
  client: Client,
  tenants: readonly TenantOverview[],
  { wake }: TenantRepairs,
): Promise<Finding> {
  const check = 'connection workflows';
  const alive = tenants.filter(({ status }) => status !== 'not_connected' && status !== 'disconnected');
  const stopped = await findStopped(
    client,
    alive.map(({ tenantId }) => tenantId),
  );
  if (stopped.length === 0) return ok(check, `${alive.length} of ${alive.length} run`);
  return wrong(
    check,
    `${stopped.length} of ${alive.length} do not run: ${named(stopped)}`,
    'npm run ops -- repair starts them from the database; the supervisor does so within a minute where a worker runs.',
    forEach(stopped, 'start the workflow of', wake),
  );
}

async function examineRelay(db: Database): Promise<Finding> {
  const lag = await readRelayLag(db);
  if (lag === null || lag.waitingMs < relayedWithinMs) return ok('relay', 'rings for deliveries in time');
  return wrong(
    'relay',
    `${lag.rows} deliveries wait to be rung for, the oldest ${Math.round(lag.waitingMs / 60_000)} min`,
    'Is an API process running, and does it reach Temporal? On its /metrics: relay_rings_total and relay_backoff_seconds.',
  );
}

function examineExpired(tenants: readonly TenantOverview[]): Finding {
  const expired = tenants.filter(({ status }) => status === 'expired').map(({ tenantId }) => tenantId);
  if (expired.length === 0) return ok('tokens', 'no connection has expired');
  return warning(
    'tokens',
    `${expired.length} connections have expired: ${named(expired)}`,
    'The customer’s admin reauthorizes; deliveries are kept. docs/runbook.md, connection_expired.',
  );
}

function examinePending(connected: readonly TenantOverview[], nowMs: number): Finding {
  const late = connected
    .filter(
      ({ oldestPendingAt }) =>
        oldestPendingAt !== null && nowMs - oldestPendingAt.getTime() > pendingWithinMs,
    )
    .map(({ tenantId }) => tenantId);
  if (late.length === 0) return ok('deliveries', 'none has waited for an hour');
  return warning(
    'deliveries',
    `the oldest has waited for over an hour at ${late.length} tenants: ${named(late)}`,
    'npm run ops -- show <tenant> says what it waits for; npm run ops -- inbox <tenant> shows them.',
  );
}

function examineVerified(connected: readonly TenantOverview[], nowMs: number): Finding {
  const late = connected
    .filter(
      ({ lastVerifiedAt }) => lastVerifiedAt === null || nowMs - lastVerifiedAt.getTime() > verifiedWithinMs,
    )
    .map(({ tenantId }) => tenantId);
  if (late.length === 0) return ok('nights', 'all were verified within 36 hours');
  return warning(
    'nights',
    `${late.length} tenants were not verified for 36 hours: ${named(late)}`,
    'npm run ops -- show <tenant>: the last reconciliation and its trouble; then npm run ops -- reconcile <tenant>.',
  );
}

function examineFailures(tenants: readonly TenantOverview[]): Finding {
  const failing = tenants.filter(({ openFailures }) => openFailures > 0);
  if (failing.length === 0) return ok('failures', 'none is open');
  const count = failing.reduce((sum, { openFailures }) => sum + openFailures, 0);
  return warning(
    'failures',
    `${count} are open at ${failing.length} tenants: ${named(failing.map(({ tenantId }) => tenantId))}`,
    'npm run ops -- failures shows why and what comes next.',
  );
}

async function examineSubscriptions(
  db: Database,
  connected: readonly TenantOverview[],
  { reconcile }: TenantRepairs,
): Promise<Finding> {
  const check = 'subscriptions';
  const broken = await listBrokenSubscriptions(
    db,
    connected.map(({ tenantId }) => tenantId),
  );
  if (broken.length === 0) return ok(check, `of ${connected.length} connected tenants: all active`);
  const states = [...new Set(broken.map(({ state }) => state))]
    .map((state) => `${broken.filter((one) => one.state === state).length} ${state}`)
    .join(', ');
  const tenantIds = [...new Set(broken.map(({ tenantId }) => tenantId))];
  // What another system has, or Factorial refuses, is for people to settle.
  const mendable = [
    ...new Set(
      broken
        .filter(({ state }) => state === 'missing' || state === 'disabled')
        .map(({ tenantId }) => tenantId),
    ),
  ];
  return warning(
    check,
    `not active at ${tenantIds.length} tenants (${states}): ${named(tenantIds)}`,
    'npm run ops -- subscriptions <tenant>; repair has missing and disabled ones made anew.',
    mendable.length === 0 ? undefined : forEach(mendable, 'check the subscriptions of', reconcile),
  );
}

/** Subscriptions that are there, and yet do not tell: only a reconciliation shows it. */
async function examineWebhooks(db: Database, connected: readonly TenantOverview[]): Promise<Finding> {
  const check = 'webhooks';
  const tenantIds = await findUntold(
    db,
    connected.map(({ tenantId }) => tenantId),
  );
  if (tenantIds.length === 0)
    return ok(check, 'the last reconciliations found no change that one should have told');
  return warning(
    check,
    `the last reconciliation found changes that no webhook had told, at ${tenantIds.length} tenants: ${named(tenantIds)}`,
    'docs/runbook.md, WebhooksLost.',
  );
}

function forEach(
  tenantIds: readonly string[],
  words: string,
  act: (tenantId: string) => Promise<void>,
): Repair {
  const plan = `${words} ${named(tenantIds)}`;
  return {
    plan,
    run: async () => {
      for (const tenantId of tenantIds) await act(tenantId);
      return `done: ${plan}`;
    },
  };
}
