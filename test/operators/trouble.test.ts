import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { createTenants, inject, visit, type Tenant, type Tenants } from '../connection/tenants.ts';
import { F } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * Each kind of trouble, brought about in Factorial: the list filter that the runbook names finds that tenant and no other.
 * All tenants share one Factorial, so a fault is only met by whoever asks while it lasts.
 */

const longMs = 90_000;
let tenants: Tenants;
beforeAll(async () => {
  tenants = await createTenants();
}, 120_000);
afterAll(async () => {
  await tenants?.close();
});
afterEach(async () => {
  await tenants?.world.factorial('DELETE', 'faults');
});

/** Tenants that an operator finds in one trouble. */
async function inTrouble(code: string): Promise<string[]> {
  const { client } = tenants.world.temporal;
  const query = `TroubleCodes = '${code}' AND ExecutionStatus = 'Running'`;
  const found: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
  return found;
}

async function newLeave(tenant: Tenant): Promise<void> {
  const [person] = await tenant.factorial<{ id: string }[]>(
    'GET',
    `employees?company_id=${tenant.companyId}&limit=1`,
  );
  const startOn = addDays(new Date().toISOString().slice(0, 10), 30);
  await tenant.factorial('POST', `leaves?company_id=${tenant.companyId}`, {
    employee_id: person?.id,
    start_on: startOn,
    approved: true,
  });
}

/** One read of absences that Factorial answers with this. */
const answering =
  (fault: object) =>
  async (tenant: Tenant): Promise<void> => {
    await inject(tenant, { path: '/timeoff/leaves', method: 'GET', times: 20, ...fault });
    await newLeave(tenant);
  };

const troubles: readonly (readonly [string, (tenant: Tenant) => Promise<unknown>])[] = [
  ['factorial_unreachable', answering({ kind: 'status', status: 503 })],
  ['rate_limited', answering({ kind: '429', retryAfterSeconds: 60 })],
  ['scopes_missing', answering({ kind: 'status', status: 403 })],
  [
    'connection_expired',
    async (tenant) => {
      await tenant.factorial('POST', 'tokens/revoke-all', { clientId: tenant.credentials.clientId });
      await tenant.admin('POST', `${F}/reconciliations`, {}, 202);
    },
  ],
  [
    'authorization_denied',
    async (tenant) => visit(await tenant.consent(await tenant.reauthorize(), { decision: 'deny' })),
  ],
  [
    'other_company',
    async (tenant) => {
      const { companyId } = await tenants.newTenant();
      await visit(await tenant.consent(await tenant.reauthorize(), { companyId }));
    },
  ],
  [
    'reauthorization_needed',
    async (tenant) => tenant.admin('POST', `${F}/credentials/replace`, await tenant.newApplication(), 202),
  ],
];

describe('the list of workflows', () => {
  it.each(troubles)(
    'finds exactly the tenant in trouble: %s',
    async (code, bringAbout) => {
      const tenant = await tenants.newTenant();
      const other = await tenants.newTenant();
      await tenant.connect();
      await other.save();
      expect(await inTrouble(code)).toEqual([]);

      await bringAbout(tenant);

      const found = await waitFor(
        `${code} to be found`,
        async () => {
          const ids = await inTrouble(code);
          return ids.length > 0 ? ids : null;
        },
        longMs,
      );
      expect(found).toEqual([`factorial-connection/${tenant.tenantId}`]);
      await tenant.admin('POST', `${F}/disconnect`, {}, 202);
      await waitFor('the trouble to be gone', async () => (await inTrouble(code)).length === 0, longMs);
    },
    longMs * 3,
  );
});
