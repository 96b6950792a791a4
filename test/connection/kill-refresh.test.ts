import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { readTokens } from '../../repositories/tokens.ts';
import { factorialStatus } from '../support/callers.ts';
import { F, readCard } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  countRequests,
  createTenants,
  forgotten,
  hitsOf,
  inject,
  subscriptionsOf,
  visit,
  type Tenant,
  type Tenants,
} from './tenants.ts';

/** The long run: `npm run test:expiries -- --runs 0 --kills 50`. */
const kills = (globalThis as { expiries?: { kills?: number } }).expiries?.kills ?? 3;
const holdMs = 2_000;
/** Temporal gives an activity whose worker is dead 30 s, then another worker tries again. */
const recoveryMs = 90_000;

let tenants: Tenants;

beforeAll(async () => {
  tenants = await createTenants({ processes: true });
}, 120_000);
afterAll(async () => {
  await tenants?.close();
}, 30_000);

/** Where the worker is when it is killed, in turn: Factorial is asked, has renewed the token, or just anywhere. */
const moments = ['before', 'after', 'anywhere'] as const;

async function killDuringRefresh(tenant: Tenant, moment: (typeof moments)[number]): Promise<void> {
  const { world } = tenants;
  await world.factorial('DELETE', 'faults');
  if (moment !== 'anywhere') {
    await inject(world, { kind: 'slow', path: '^/oauth/token', when: moment, delayMs: holdMs, times: 1 });
  }
  const workflow = world.temporal.client.workflow.getHandle(connectionWorkflowId(tenant.tenantId));
  await workflow.signal('tokenRefused', { tokenVersion: 1 });
  if (moment === 'anywhere') await sleep(Math.random() * 120);
  else await waitFor('the refresh to be held', async () => (await hitsOf(world, 'slow')) === 1, 30_000);
  await world.stop('worker', 'SIGKILL');
  await world.start('worker');
}

it(
  `a worker that is killed ${kills} times while it renews tokens loses no connection`,
  async () => {
    const all = await Promise.all(Array.from({ length: kills }, () => tenants.newTenant()));
    for (const tenant of all) await tenant.connect();
    await tenants.world.factorial('POST', 'requests/reset');

    let met = 0;
    for (const [index, tenant] of all.entries()) {
      // Whose worker died tries again half a minute later: another kill may meet that try too.
      const versions = await Promise.all(all.slice(0, index + 1).map((one) => one.tokenVersion()));
      met += versions.filter((version) => version === 1).length;
      await killDuringRefresh(tenant, moments[index % moments.length] ?? 'anywhere');
    }

    for (const tenant of all) {
      await waitFor(
        `the pair of ${tenant.tenantId}`,
        async () => ((await tenant.tokenVersion()) ?? 0) > 1,
        recoveryMs,
      );
      const pair = await readTokens(tenant.db, tenant.cipher, tenant.tenantId);
      expect(pair?.version).toBe(2);
      expect(await factorialStatus(tenant.factorialUrl, pair?.accessToken ?? '')).toBe(200);
      expect(await readCard(tenant)).toMatchObject({
        status: 'connected',
        tokenStatus: 'correct',
        warnings: [],
      });
    }
    // One for each expiry, and at most one more for each refresh that a crash met.
    const { counts } = await tenants.world.factorial<{ counts: Record<string, number> }>('GET', 'requests');
    const exchanges = counts['POST /oauth/token'] ?? 0;
    expect(exchanges).toBeGreaterThanOrEqual(kills);
    expect(exchanges).toBeLessThanOrEqual(kills + met);
    expect(await countRequests(tenants.world, '/oauth/revoke')).toBe(0);
  },
  recoveryMs + kills * 40_000,
);

it(
  'a worker that is killed while it creates a subscription leaves none behind when a disconnect comes',
  async () => {
    const { world } = tenants;
    const tenant = await tenants.newTenant();
    await world.factorial('DELETE', 'faults');
    const creation = { method: 'POST', path: 'webhook_subscriptions', skip: 3 };
    // Factorial carries it out long after its sender died, and most likely after the removal has looked once.
    await inject(world, { kind: 'slow', when: 'before', delayMs: 10_000, ...creation });
    await tenant.save();
    await visit(await tenant.consent(await tenant.authorize()));
    await waitFor('a fourth one to be held', async () => (await hitsOf(world, 'slow')) === 1, 30_000);

    await world.stop('worker', 'SIGKILL');
    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await world.start('worker');

    await forgotten(tenant);
    expect(await subscriptionsOf(tenant)).toEqual([]);
    expect(await readCard(tenant)).toMatchObject({ status: 'disconnected', warnings: [] });
  },
  recoveryMs + 60_000,
);
