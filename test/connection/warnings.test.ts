import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectionWorkflowId, taskQueue, workflowTypes } from '../../contracts/temporal/names.ts';
import { troubleCodesKey } from '../../contracts/temporal/search-attributes.ts';
import { troubleCodes, type ErrorCode } from '../../domain/errors.ts';
import { warningCodes, warningTexts, type WarningCode } from '../../domain/warnings.ts';
import { blockRequests } from '../../repositories/budget.ts';
import { readTokens } from '../../repositories/tokens.ts';
import { fetchRuns, valuesOf } from '../support/histories.ts';
import { F, reconcile, waitForReconciliation } from '../support/story.ts';
import { openTransaction, type OpenTransaction } from '../support/open-transaction.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  callSubscriptions,
  createTenants,
  forgotten,
  hitsOf,
  inject,
  peopleOf,
  renameSomebody,
  subscriptionsOf,
  tokenFor,
  visit,
  type Tenant,
  type Tenants,
} from './tenants.ts';

/**
 * Every warning of the contract, and every other trouble of a connection: what brings it about in Factorial or here, how
 * operators find it, and what makes it go. All tenants share one Factorial, so a fault is only met by whoever asks while it lasts.
 */

const testMs = 120_000;
const dueSoonMs = 60_000;
const outageMs = 2 * 3_600_000;
/** Longer than an activity waits for a request, and over before the token is due. */
const blockedMs = 10 * 60_000;
const leaveType = 'timeoff/leave_types';

let tenants: Tenants;
beforeAll(async () => {
  tenants = await createTenants();
}, testMs);
afterAll(async () => {
  await tenants?.close();
});
afterEach(async () => {
  await tenants.world.factorial('DELETE', 'faults');
  await tenants.world.factorial('PUT', 'switches', { webhookScopeCheck: 'none' });
});

interface Case {
  /** Beyond the sentence of the code, where the case says more. */
  readonly message?: RegExp;
  readonly bringAbout: (tenant: Tenant) => Promise<unknown>;
  readonly end: (tenant: Tenant) => Promise<unknown>;
}

const calm = (tenant: Tenant) => tenant.factorial('DELETE', 'faults');
const later = (tenant: Tenant) => tenant.later(dueSoonMs);
const fault = (tenant: Tenant, path: string, more: object) => inject(tenant, { path, times: null, ...more });

/** Asks for a reconciliation, without waiting: it may well be stopped by what is wrong. */
const askWhetherAllIsWell = (tenant: Tenant) =>
  tenant.admin<{ id: string }>('POST', `${F}/reconciliations`, {}, 202);

/** The admin goes to Factorial and back; `asked` changes what Factorial is asked for. */
async function consent(tenant: Tenant, url: string, asked: Record<string, string | undefined> = {}) {
  const wanted = { ...Object.fromEntries(new URL(url).searchParams), company_id: tenant.companyId, ...asked };
  const { location } = await tenant.factorial<{ location: string }>('POST', 'consent', wanted);
  await visit(location);
}
const authorize = async (tenant: Tenant, asked?: Record<string, string | undefined>) =>
  consent(tenant, await tenant.authorize({ tokenOwner: 'user' }), asked);
const reauthorize = async (tenant: Tenant) => consent(tenant, await tenant.reauthorize());
const begin = async (tenant: Tenant, asked?: Record<string, string | undefined>) => {
  await tenant.save();
  await authorize(tenant, asked);
};
const connected = (tenant: Tenant) =>
  tenant.seeCard('be connected', ({ status }) => status === 'connected', 30_000);
/** To the end: the next case's fault must not meet its exchange. */
const authorizeAnew = async (tenant: Tenant) => {
  await authorize(tenant);
  await connected(tenant);
};
/** Connected, whatever else is still under way. */
const start = async (tenant: Tenant) => {
  await begin(tenant);
  await connected(tenant);
};

async function ownToken({ db, cipher, tenantId }: Tenant): Promise<string> {
  return (await readTokens(db, cipher, tenantId))?.accessToken ?? '';
}

const foreign = new Map<string, { token: string; id: string }>();
const holders = new Map<string, Tenant>();
const rotate = ({ factorial, credentials: { clientId } }: Tenant) =>
  factorial('POST', 'applications', { clientId, secret: 'rotated' });

const cases: Record<WarningCode, Case> = {
  connection_expired: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await tenant.factorial('POST', 'tokens/revoke-all', { client_id: tenant.credentials.clientId });
      await askWhetherAllIsWell(tenant);
    },
    end: reauthorize,
  },
  credentials_invalid: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await rotate(tenant);
      await tenant.factorial('POST', 'tokens/expire', {});
      await askWhetherAllIsWell(tenant);
    },
    end: ({ admin, credentials: { clientId } }) =>
      admin('POST', `${F}/credentials/replace`, { clientId, clientSecret: 'rotated' }, 202),
  },
  authorization_expired: {
    bringAbout: async (tenant) => {
      await tenant.save();
      const location = new URL(await tenant.consent(await tenant.authorize()));
      location.searchParams.set('code', 'made-up');
      await visit(location.href);
    },
    end: authorizeAnew,
  },
  authorization_denied: {
    bringAbout: async (tenant) => begin(tenant, { decision: 'deny' }),
    end: authorizeAnew,
  },
  redirect_uri_mismatch: {
    bringAbout: async (tenant) => {
      const body = { error: 'invalid_grant', error_description: 'The redirect_uri does not match.' };
      await fault(tenant, '^/oauth/token', { kind: 'status', status: 401, body });
      await begin(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await authorize(tenant);
    },
  },
  other_company: {
    bringAbout: async (tenant) => {
      await start(tenant);
      const other = await tenants.newTenant();
      await consent(tenant, await tenant.reauthorize(), { company_id: other.companyId });
    },
    end: reauthorize,
  },
  company_already_connected: {
    bringAbout: async (tenant) => {
      const holder = await tenants.newTenant();
      await start(holder);
      holders.set(tenant.tenantId, holder);
      await begin(tenant, { company_id: holder.companyId });
    },
    end: async (tenant) => {
      const holder = holders.get(tenant.tenantId);
      if (holder === undefined) throw new Error('nobody holds the company');
      await holder.admin('POST', `${F}/disconnect`, {}, 202);
      await forgotten(holder);
      await authorize(tenant, { company_id: holder.companyId });
    },
  },
  reauthorization_needed: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await tenant.admin('POST', `${F}/credentials/replace`, await tenant.newApplication(), 202);
    },
    end: reauthorize,
  },
  administrator_needed: {
    bringAbout: async (tenant) => {
      await tenant.save();
      await consent(tenant, await tenant.authorize({ tokenOwner: 'company' }), {
        resource_owner_type: undefined,
      });
      await connected(tenant);
    },
    end: reauthorize,
  },
  scopes_missing: {
    message: /^The Factorial application lacks a permission\. Tick Time tracking\.$/,
    bringAbout: async (tenant) => {
      await begin(tenant, { scope: 'employees time_off company_holidays' });
      await connected(tenant);
    },
    end: reauthorize,
  },
  subscription_disabled: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      const [own] = await subscriptionsOf(tenant);
      await callSubscriptions(tenant, await ownToken(tenant), 'PUT', `/${own?.id}`, { enabled: false });
      await askWhetherAllIsWell(tenant);
    },
    end: askWhetherAllIsWell,
  },
  subscription_conflict: {
    bringAbout: async (tenant) => {
      const token = await tokenFor(tenant, await tenant.newApplication());
      const created = await callSubscriptions(tenant, token, 'POST', '', {
        subscription_type: 'timeoff/leave/approve',
        target_url: 'https://another.example/hook',
        company_id: tenant.companyId,
        name: 'Another system',
        challenge: 'theirs',
        enabled: true,
        api_version: '2026-10-01',
      });
      foreign.set(tenant.tenantId, { token, id: /"id":\s*"?(\w+)/.exec(created)?.[1] ?? '' });
      await begin(tenant);
    },
    end: async (tenant) => {
      const { token = '', id } = foreign.get(tenant.tenantId) ?? {};
      await callSubscriptions(tenant, token, 'DELETE', `/${id}`);
      await askWhetherAllIsWell(tenant);
    },
  },
  subscription_refused: {
    bringAbout: async (tenant) => {
      await tenant.factorial('PUT', 'switches', { webhookScopeCheck: 403 });
      await begin(tenant, { scope: 'employees time_tracking company_holidays' });
    },
    end: reauthorize,
  },
  subscriptions_left_behind: {
    message: /^19 webhook subscriptions could not be removed from Factorial\.$/,
    bringAbout: async (tenant) => {
      await tenant.connect();
      await tenant.factorial('POST', 'tokens/revoke-all', { client_id: tenant.credentials.clientId });
      await tenant.admin('POST', `${F}/disconnect`, {}, 202);
      await forgotten(tenant);
    },
    end: begin,
  },
  factorial_unreachable: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      await fault(tenant, 'employees/employees', { kind: 'html' });
      await renameSomebody(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await later(tenant);
    },
  },
  rate_limited: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      await fault(tenant, 'employees/employees', { kind: '429', retryAfterSeconds: 1 });
      await renameSomebody(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await later(tenant);
    },
  },
  wrong_cluster: {
    bringAbout: async (tenant) => {
      const body = { data: [], meta: { has_next_page: false, total: 0 } };
      await fault(tenant, 'api_public/credentials', { kind: 'status', status: 200, body });
      await begin(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await authorize(tenant);
    },
  },
  schema_drift: {
    bringAbout: async (tenant) => {
      await start(tenant);
      const body = { data: [{ id: null, name: 'Unreadable' }], meta: { has_next_page: false, total: 1 } };
      await fault(tenant, leaveType, { kind: 'status', status: 200, body });
      await reconcile(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await reconcile(tenant);
    },
  },
  sweep_unstable: {
    bringAbout: async (tenant) => {
      await start(tenant);
      const body = { data: [], meta: { has_next_page: true, end_cursor: 'x', total: 1 } };
      await fault(tenant, leaveType, { kind: 'status', status: 200, body });
      await reconcile(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await reconcile(tenant);
    },
  },
  deletions_waiting: {
    bringAbout: async (tenant) => {
      await tenant.connect({ tokenOwner: 'company' });
      const [person] = await peopleOf(tenant);
      await tenant.factorial('DELETE', `employees/${person?.id}?company_id=${tenant.companyId}`);
      await reconcile(tenant);
    },
    end: async (tenant) => {
      const { items } = (
        await tenant.admin<{ items: { id: string; status: string }[] }>('GET', `${F}/reconciliations`)
      ).body;
      const waiting = items.find(({ status }) => status === 'awaiting_approval');
      await tenant.admin(
        'POST',
        `${F}/reconciliations/${waiting?.id}/approval`,
        { decision: 'approve' },
        202,
      );
    },
  },
  command_refused: {
    message: /^Factorial is not connected\.$/,
    bringAbout: async (tenant) => {
      await tenant.save();
      // As the route would have stored it, had the connection ended a moment later.
      const id = randomUUID();
      const { tenantId } = tenant;
      const command = { tenantId, id, type: 'replace_credentials', actor: 'ada' };
      await tenant.db.connectionCommand.create({ data: command });
      const workflow = tenant.temporal.client.workflow.getHandle(connectionWorkflowId(tenantId));
      await workflow.signal('credentialsReplaced', { commandId: id });
    },
    end: (tenant) => tenant.save(),
  },
};

type TroubleCode = Exclude<(typeof troubleCodes)[number], WarningCode>;

/** What can stand beside a connection without a warning on its card: how it comes about, or why it never stands there. */
const troubles: Record<TroubleCode, Omit<Case, 'message'> | string> = {
  token_refused: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await waitForReconciliation(tenant);
      await fault(tenant, '^/oauth/token', { kind: 'status', status: 503 });
      await tenant.factorial('POST', 'tokens/expire', {});
      await askWhetherAllIsWell(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await later(tenant);
    },
  },
  permission_missing: {
    bringAbout: async (tenant) => {
      await begin(tenant, { scope: 'employees time_off time_tracking' });
      await connected(tenant);
    },
    end: reauthorize,
  },
  factorial_not_found: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await waitForReconciliation(tenant);
      await fault(tenant, leaveType, { kind: 'status', status: 404 });
      await reconcile(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await reconcile(tenant);
    },
  },
  factorial_rejected: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      await fault(tenant, 'employees/employees', { kind: 'status', status: 400 });
      await renameSomebody(tenant);
    },
    end: async (tenant) => {
      await calm(tenant);
      await reconcile(tenant);
    },
  },
  unavailable: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await waitForReconciliation(tenant);
      const locked = await openTransaction(
        tenant.db,
        (tx) => tx.$queryRaw`SELECT 1 FROM connections WHERE tenant_id = ${tenant.tenantId} FOR UPDATE`,
      );
      locks.set(tenant.tenantId, locked);
      const replaced = tenant.admin('POST', `${F}/credentials/replace`, tenant.credentials, 202);
      await Promise.all([replaced, hurry(tenant, 'settleCommand')]);
    },
    end: async (tenant) => await locks.get(tenant.tenantId)?.commit(),
  },
  budget_exhausted: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      await blockRequests(tenant.db, tenant.tenantId, blockedMs);
      await renameSomebody(tenant);
    },
    end: async (tenant) => {
      await tenant.db.requestBudget.deleteMany({ where: { tenantId: tenant.tenantId } });
      await tenant.later(blockedMs);
    },
  },
  unknown_value: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      const [person] = await peopleOf(tenant);
      const leave = {
        employee_id: person?.id,
        start_on: '2026-11-02',
        half_day: 'middle_of_day',
        approved: true,
      };
      await tenant.factorial('POST', `leaves?company_id=${tenant.companyId}`, leave);
    },
    end: async (tenant) => {
      const of = `company_id=${tenant.companyId}`;
      const leaves = await tenant.factorial<{ id: string; half_day: string | null }[]>('GET', `leaves?${of}`);
      const strange = leaves.find((leave) => leave.half_day === 'middle_of_day');
      await tenant.factorial('PUT', `leaves/${strange?.id}?${of}`, { half_day: null });
      await reconcile(tenant);
    },
  },
  internal_error: {
    bringAbout: async (tenant) => {
      await tenant.connect();
      await tenant.db.tokenPair.update({
        where: { tenantId: tenant.tenantId },
        data: { accessTokenEnc: 'v1.lost.x' },
      });
      await renameSomebody(tenant);
    },
    end: async (tenant) => {
      await tenant.factorial('POST', 'tokens/expire', {});
      await reauthorize(tenant);
    },
  },
  credentials_missing: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await waitForReconciliation(tenant);
      const where = { tenantId: tenant.tenantId };
      lost.set(tenant.tenantId, await tenant.db.credentialVersion.findMany({ where }));
      await tenant.db.credentialVersion.deleteMany({ where });
      await tenant.factorial('POST', 'tokens/expire', {});
      await askWhetherAllIsWell(tenant);
    },
    end: async (tenant) => {
      await tenant.db.credentialVersion.createMany({ data: lost.get(tenant.tenantId) ?? [] });
      await later(tenant);
    },
  },
  invariant_broken: {
    bringAbout: async (tenant) => {
      await start(tenant);
      await waitForReconciliation(tenant);
      await tenant.db.activityEntry.create({
        data: {
          tenantId: tenant.tenantId,
          kind: 'person',
          summary: 'Written to somebody@example.com.',
          outcome: 'done',
        },
      });
      await audit(tenant);
    },
    end: async (tenant) => {
      await tenant.db.activityEntry.deleteMany({ where: { tenantId: tenant.tenantId } });
      await audit(tenant);
    },
  },
  invalid_grant: 'becomes authorization_expired or connection_expired',
  invalid_client: 'becomes credentials_invalid',
  subscription_taken: 'becomes subscription_conflict',
  fenced: 'work of a connection that is over: the one that is there is not in trouble',
  paused: 'is wanted; the command line lists it',
};
const isWarning = (code: string): code is WarningCode => warningCodes.some((one) => one === code);
const locks = new Map<string, OpenTransaction>();
const lost = new Map<string, Awaited<ReturnType<Tenant['db']['credentialVersion']['findMany']>>>();

/** Has a try of an activity that is under way end much sooner than it may. */
async function hurry({ temporal, tenantId }: Tenant, type: string): Promise<void> {
  const { client, namespace } = temporal;
  const execution = { workflowId: connectionWorkflowId(tenantId) };
  await waitFor(`${type} to be under way`, async () => {
    const described = await client.workflowService.describeWorkflowExecution({ namespace, execution });
    return described.pendingActivities.some(({ activityType }) => activityType?.name === type);
  });
  await client.workflowService.updateActivityOptions({
    namespace,
    execution,
    type,
    activityOptions: { startToCloseTimeout: msToTs(1_000) },
    updateMask: { paths: ['start_to_close_timeout'] },
  });
}

/** A round of the audit, and a look of the workflow at what it found. */
async function audit(tenant: Tenant): Promise<void> {
  await tenant.temporal.client.workflow.execute(workflowTypes.supervisor, {
    taskQueue,
    workflowId: `audit-of-${tenant.tenantId}-${randomUUID()}`,
    args: [{ duty: 'audit' }],
  });
  await reconcile(tenant);
}

/** The tenants that an operator finds in one trouble, by the filter that the runbook names. */
async function inTrouble(code: ErrorCode | WarningCode): Promise<string[]> {
  const query = `TroubleCodes = '${code}' AND ExecutionStatus = 'Running'`;
  const found: string[] = [];
  for await (const { workflowId } of tenants.world.temporal.client.workflow.list({ query }))
    found.push(workflowId);
  return found;
}

/** Codes in which a tenant was found so far. */
const seen = new Set<string>();

/** The list is a moment behind. */
const seeInTrouble = async (code: ErrorCode | WarningCode, workflowIds: readonly string[]) => {
  await waitFor(
    `exactly these to be found in ${code}: ${workflowIds.join(', ') || 'none'}`,
    async () => {
      const found = await inTrouble(code);
      if (isDeepStrictEqual(found, workflowIds)) return true;
      throw new Error(`found ${found.join(', ') || 'none'}`);
    },
    60_000,
  );
  if (workflowIds.length > 0) seen.add(code);
};

describe.each(warningCodes)('%s', (code) => {
  it(
    'is on the card with its cause, since when, and one thing to do, is what finds that tenant in the list and no other, and goes when its cause has gone',
    async () => {
      const tenant = await tenants.newTenant();
      const { bringAbout, end, message } = cases[code];
      const before = Date.now() - 1_000;

      await bringAbout(tenant);
      const { warnings } = await tenant.seeWarning(code);
      await seeInTrouble(code, [connectionWorkflowId(tenant.tenantId)]);
      await end(tenant);
      await tenant.seeCard(
        `warn of ${code} no more`,
        (card) => card.warnings.every((one) => one.code !== code),
        60_000,
      );
      await seeInTrouble(code, []);

      const warning = warnings.find((one) => one.code === code);
      expect(warning).toMatchObject({ code, action: warningTexts[code].action });
      if (message === undefined) expect(warning?.message).toBe(warningTexts[code].message);
      else expect(warning?.message).toMatch(message);
      expect(Date.parse(warning?.since ?? '')).toBeGreaterThanOrEqual(before);
    },
    testMs,
  );
});

const found = troubleCodes.flatMap((code) => {
  const trouble = isWarning(code) ? null : troubles[code];
  return trouble === null || typeof trouble === 'string' ? [] : [{ code, ...trouble }];
});
const neverFound = troubleCodes.filter((code) => !isWarning(code) && typeof troubles[code] === 'string');

describe('a trouble that the card does not tell', () => {
  it.each(found)(
    '$code is what finds that tenant in the list and no other, and goes when its cause has gone',
    async ({ code, bringAbout, end }) => {
      const tenant = await tenants.newTenant();

      await bringAbout(tenant);
      await seeInTrouble(code, [connectionWorkflowId(tenant.tenantId)]);
      await end(tenant);
      await seeInTrouble(code, []);

      const { status } = await tenant.seeCard(
        'be well again',
        ({ warnings }) => warnings.length === 0,
        60_000,
      );
      expect(status).toBe('connected');
    },
    testMs,
  );
});

it(
  'wrong_cluster is also what a connected account hears of whose region stops to know it, until a reconciliation finds it again',
  async () => {
    const tenant = await tenants.newTenant();
    await start(tenant);
    const body = { data: [], meta: { has_next_page: false, total: 0 } };
    await fault(tenant, 'api_public/credentials', { kind: 'status', status: 200, body });
    await askWhetherAllIsWell(tenant);

    const during = await tenant.seeWarning('wrong_cluster');
    await calm(tenant);
    await askWhetherAllIsWell(tenant);
    const after = await tenant.seeCard('be well again', ({ warnings }) => warnings.length === 0, 60_000);

    expect([during.status, after.status]).toEqual(['connected', 'connected']);
  },
  testMs,
);

it(
  'factorial_unreachable for hours does not end a reconciliation: it waits, and is finished once Factorial answers',
  async () => {
    const tenant = await tenants.newTenant();
    await start(tenant);
    await waitForReconciliation(tenant);
    await fault(tenant, 'employees/employees', { kind: 'status', status: 503 });
    const { id } = (await askWhetherAllIsWell(tenant)).body;
    await waitFor('a first try', async () => (await hitsOf(tenant, 'status')) > 0);

    await tenant.later(outageMs);
    await calm(tenant);
    const { verified } = await waitForReconciliation(tenant, id, testMs);

    expect(verified).toBe(true);
  },
  testMs * 2,
);

it('what is told under another name, or not at all, stood beside none of these tenants at any time', async () => {
  const runs = await fetchRuns(tenants.world.temporal.client, `WorkflowType = '${workflowTypes.connection}'`);

  const stood = new Set(runs.flatMap((run) => valuesOf(run, troubleCodesKey.name)).flat());

  expect([...stood]).toEqual(expect.arrayContaining([...seen]));
  expect(neverFound.filter((code) => stood.has(code))).toEqual([]);
});
