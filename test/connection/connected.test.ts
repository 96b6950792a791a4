import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  F,
  linkEverybody,
  mapAbsenceTypes,
  readAbsenceTypes,
  readCard,
  readEmployees,
  reconcile,
  waitUntilComputed,
} from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  authorizing,
  countRequests,
  createTenants,
  forgotten,
  hitsOf,
  inject,
  peopleOf,
  renameSomebody,
  statusAndWarnings,
  subscriptionsOf,
  visit,
  type Tenant,
  type Tenants,
} from './tenants.ts';

const tenMinutesMs = 10 * 60_000;

let tenants: Tenants;

beforeAll(async () => {
  tenants = await createTenants();
}, 60_000);
afterAll(async () => {
  await tenants?.close();
});
afterEach(async () => {
  await tenants.world.factorial('DELETE', 'faults');
});

const newTenant = (): Promise<Tenant> => tenants.newTenant();
const revocations = (tenant: Tenant) => countRequests(tenant, '/oauth/revoke');

describe('while connected', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.connect();
  }, 60_000);

  it('a second connection is refused with the way out', async () => {
    for (const [method, path, body] of [
      ['PUT', 'credentials', tenant.credentials],
      ['POST', 'authorization', { apiHost: tenant.factorialUrl }],
    ] as const) {
      expect((await tenant.admin(method, `${F}/${path}`, body, 409)).body).toMatchObject({
        code: 'already_connected',
        detail: 'Factorial is already connected. Disconnect first to start a new connection.',
      });
    }
  });

  it('a new secret of the same application is tried out at once', async () => {
    const version = await tenant.tokenVersion();
    const { clientId } = tenant.credentials;
    await tenant.factorial('POST', 'applications', { clientId, secret: 'second secret' });

    await tenant.admin('POST', `${F}/credentials/replace`, { clientId, clientSecret: 'second secret' }, 202);

    await waitFor('a new pair', async () => (await tenant.tokenVersion()) === (version ?? 0) + 1);
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'connected', warnings: [] });
  });

  it('reauthorising renews the tokens in place: same company, same connection, and what was missed is caught up', async () => {
    const before = await readCard(tenant);
    const version = (await tenant.tokenVersion()) ?? 0;

    const url = await tenant.reauthorize();
    const open = await readCard(tenant);
    await visit(await tenant.consent(url));
    await waitFor('a new pair', async () => (await tenant.tokenVersion()) === version + 1);
    const after = await tenant.seeCard('catch up', ({ lastReconciliation }) => {
      return (
        lastReconciliation?.id !== before.lastReconciliation?.id && lastReconciliation?.status === 'completed'
      );
    });

    expect(open.status).toBe('connected');
    expect(after).toMatchObject({
      status: 'connected',
      connectedAt: before.connectedAt,
      company: before.company,
      warnings: [],
    });
  });

  it('reauthorising with another company changes nothing, gives the token back and says so', async () => {
    const other = await newTenant();
    const before = await readCard(tenant);
    const version = await tenant.tokenVersion();
    const revoked = await revocations(tenant);

    await visit(await tenant.consent(await tenant.reauthorize(), { companyId: other.companyId }));
    const after = await tenant.seeWarning('other_company');

    expect(after).toMatchObject({
      status: 'connected',
      company: before.company,
      connectedAt: before.connectedAt,
    });
    expect(await tenant.tokenVersion()).toBe(version);
    expect((await revocations(tenant)) - revoked).toBe(1);
    expect((await reconcile(tenant)).status).toBe('completed');
  });

  it('another application must be authorised; until then the old one works on', async () => {
    const next = await tenant.newApplication();

    await tenant.admin('POST', `${F}/credentials/replace`, next, 202);
    const warned = await tenant.seeWarning('reauthorization_needed');
    const { status } = await reconcile(tenant);
    const url = await tenant.reauthorize();
    await visit(await tenant.consent(url));
    const done = await tenant.seeCard('be reauthorised', ({ warnings }) => warnings.length === 0);

    expect(warned).toMatchObject({ status: 'connected', warning: { action: { code: 'reauthorize' } } });
    expect(status).toBe('completed');
    expect(new URL(url).searchParams.get('client_id')).toBe(next.clientId);
    expect(done.status).toBe('connected');
  });

  // The last one here: it moves this tenant's clock.
  it('a denied or unused reauthorization leaves it connected', async () => {
    await visit(await tenant.consent(await tenant.reauthorize(), { decision: 'deny' }));
    const denied = await tenant.seeWarning('authorization_denied');
    await tenant.reauthorize();
    await tenant.later(tenMinutesMs + 1_000);
    const unused = await tenant.seeWarning('authorization_expired');

    expect([denied.status, unused.status]).toEqual(['connected', 'connected']);
  });
});

describe('a company that another tenant holds', () => {
  it('is not connected a second time; nobody is named, and the token is given back', async () => {
    const holder = await newTenant();
    await holder.connect();
    const { tenant, url } = await authorizing(tenants);
    const revoked = await revocations(tenant);

    await visit(await tenant.consent(url, { companyId: holder.companyId }));
    const card = await tenant.seeWarning('company_already_connected');

    expect(card).toMatchObject({ status: 'pending', company: null });
    expect(JSON.stringify(card.warnings)).not.toContain(holder.tenantId);
    expect((await revocations(tenant)) - revoked).toBe(1);
    expect((await readCard(holder)).status).toBe('connected');
  });
});

describe('a disconnect', () => {
  it('takes everything of ours out of Factorial, and connecting again finds the links and mappings', async () => {
    const tenant = await newTenant();
    await tenant.connect();
    await writeEmployees(tenant);
    await linkEverybody(tenant);
    await mapAbsenceTypes(tenant);
    await waitUntilComputed(tenant);
    const linked = await linksAndMappings(tenant);
    const keys = (await subscriptionsOf(tenant)).map(({ target_url: url, challenge }) => ({
      url,
      challenge,
    }));

    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await forgotten(tenant);
    const gone = await readCard(tenant);
    const answers = await Promise.all(keys.slice(0, 2).map(({ url, challenge }) => deliver(url, challenge)));
    const inBetween = await linksAndMappings(tenant);
    await tenant.connect();

    expect(keys).toHaveLength(19);
    expect(await subscriptionsOf(tenant)).toHaveLength(19);
    expect(gone).toMatchObject({
      status: 'disconnected',
      connectedAt: null,
      tokenStatus: null,
      tokenOwner: null,
      warnings: [],
    });
    expect(answers).toEqual([404, 404]);
    expect(linked.links.length).toBeGreaterThan(0);
    expect(inBetween).toEqual(linked);
    expect(await linksAndMappings(tenant)).toEqual(linked);
  }, 60_000);

  it('while Factorial does not answer is done at once; what is left there after ten minutes is counted', async () => {
    const tenant = await newTenant();
    await tenant.connect();
    const [first] = await subscriptionsOf(tenant);
    await inject(tenant, { kind: 'status', status: 503, path: 'webhook_subscriptions|oauth', times: null });

    const { body } = await tenant.admin<{ status: string }>('POST', `${F}/disconnect`, {}, 202);
    const waiting = await waitFor(
      'a first try',
      async () => (await hitsOf(tenant, 'status')) > 0 && readCard(tenant),
    );
    await tenant.later(tenMinutesMs + 30_000);
    const card = await tenant.seeWarning('subscriptions_left_behind');
    await forgotten(tenant);

    expect(body.status).toBe('disconnected');
    expect(waiting.warnings).toEqual([]);
    expect(card.warning?.message).toBe('19 webhook subscriptions could not be removed from Factorial.');
    expect(await subscriptionsOf(tenant)).toHaveLength(19);
    expect(await deliver(first?.target_url ?? '', first?.challenge ?? '')).toBe(200);
    expect(await tenant.db.inboxRow.count({ where: { tenantId: tenant.tenantId, outcome: null } })).toBe(0);
  }, 60_000);

  it('is finished when Factorial comes back within those ten minutes', async () => {
    const tenant = await newTenant();
    await tenant.connect();
    await inject(tenant, { kind: 'status', status: 503, path: 'webhook_subscriptions|oauth', times: 2 });

    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await waitFor('a first try', async () => (await hitsOf(tenant, 'status')) > 0);
    await tenant.later(60_000);
    await forgotten(tenant);

    expect(await subscriptionsOf(tenant)).toEqual([]);
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'disconnected', warnings: [] });
  }, 60_000);

  it('that is not finished yet does not tear down the connection that is made next', async () => {
    const tenant = await newTenant();
    await tenant.connect();
    await inject(tenant, {
      kind: 'status',
      status: 503,
      path: 'webhook_subscriptions',
      times: null,
    });
    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await waitFor('a first try', async () => (await hitsOf(tenant, 'status')) > 0);
    await tenant.save();
    const url = await tenant.authorize({ tokenOwner: 'user' });

    const before = await revocations(tenant);
    await visit(await tenant.consent(url));
    await tenant.seeCard('be connected', ({ status }) => status === 'connected');
    const revoked = (await revocations(tenant)) - before;
    await tenant.factorial('DELETE', 'faults');
    await tenant.later(60_000);
    const { status } = await reconcile(tenant);

    expect(status).toBe('completed');
    expect(revoked).toBe(1); // the old token, before the new one was asked for
    const subscriptions = await waitFor('all subscriptions', async () => {
      const all = await subscriptionsOf(tenant);
      return all.length === 19 && all.every(({ enabled }) => enabled) && all;
    });
    expect(subscriptions).toHaveLength(19);
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'connected', warnings: [] });
  }, 60_000);

  it.each(['authorize', 'reauthorize'] as const)(
    'ends an authorization whose code waits for Factorial (%s): nothing connects afterwards',
    async (kind) => {
      const tenant = await newTenant();
      if (kind === 'reauthorize') await tenant.connect();
      else await tenant.save();
      const url = await (kind === 'authorize' ? tenant.authorize() : tenant.reauthorize());
      await inject(tenant, { kind: 'html', path: 'webhook_subscriptions', times: null });
      await inject(tenant, { kind: 'status', status: 503, path: 'oauth', times: null });
      await visit(await tenant.consent(url));
      await waitFor('a first try', async () => (await hitsOf(tenant, 'status')) > 0);

      await tenant.admin('POST', `${F}/disconnect`, {}, 202);
      await tenant.seeCard('be disconnected', ({ status }) => status === 'disconnected');
      if (kind === 'reauthorize')
        await waitFor('a first removal', async () => (await hitsOf(tenant, 'html')) > 0);
      await tenant.factorial('DELETE', 'faults');
      await tenant.later(60_000);
      await forgotten(tenant);

      expect(await statusAndWarnings(tenant)).toEqual({ status: 'disconnected', warnings: [] });
      expect(await subscriptionsOf(tenant)).toEqual([]);
    },
    60_000,
  );
});

describe('credentials saved while a code waits for Factorial', () => {
  it('make the code void: nothing connects with what was replaced', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'status', status: 503, path: '^/oauth/token', times: 1 });
    await visit(await tenant.consent(url));
    await waitFor('a first try', async () => (await hitsOf(tenant, 'status')) > 0);

    await tenant.save();
    await tenant.later(30_000);

    expect(await statusAndWarnings(tenant)).toEqual({ status: 'pending', warnings: [] });
  });
});

describe('another company after a disconnect', () => {
  it('needs a confirmation; with it the links and mappings of the old one are archived', async () => {
    const tenant = await newTenant();
    const next = await newTenant();
    await tenant.connect();
    await writeEmployees(tenant);
    const linked = await linkEverybody(tenant);
    await mapAbsenceTypes(tenant);
    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await forgotten(tenant);
    await tenant.save();

    await visit(await tenant.consent(await tenant.authorize(), { companyId: next.companyId }));
    const refused = await tenant.seeWarning('other_company');
    const kept = (await linksAndMappings(tenant)).links.length;
    const confirmed = await tenant.authorize({ confirmCompanyChange: true, tokenOwner: 'user' });
    await visit(await tenant.consent(confirmed, { companyId: next.companyId }));
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(refused).toMatchObject({ status: 'pending', company: { id: tenant.companyId } });
    expect(linked).toBeGreaterThan(0);
    expect(kept).toBe(linked);
    expect(card).toMatchObject({ company: { id: next.companyId }, warnings: [] });
    expect((await linksAndMappings(tenant)).links).toEqual([]);
    const archived = await tenant.db.archivedLink.count({
      where: { tenantId: tenant.tenantId, companyId: tenant.companyId },
    });
    expect(archived).toBe(linked);
  }, 60_000);
});

describe('an expired connection', () => {
  it('is left by disconnecting and connecting again, as the guide says', async () => {
    const tenant = await newTenant();
    await tenant.connect();

    const expired = await expire(tenant);
    await tenant.admin('POST', `${F}/disconnect`, {}, 202);
    await forgotten(tenant);
    const card = await tenant.connect();

    expect(expired).toMatchObject({
      status: 'expired',
      tokenStatus: 'invalid_or_expired',
      warning: {
        code: 'connection_expired',
        message: 'The connection with Factorial has expired',
        action: { code: 'reauthorize' },
      },
    });
    expect(card).toMatchObject({ status: 'connected', tokenStatus: 'correct', warnings: [] });
    expect(await subscriptionsOf(tenant)).toHaveLength(19);
  }, 60_000);

  it('keeps what is delivered meanwhile, and catches up after it was reauthorised in place', async () => {
    const tenant = await newTenant();
    const { connectedAt } = await tenant.connect();
    await expire(tenant);
    const { id } = await renameSomebody(tenant);
    const waiting = { tenantId: tenant.tenantId, outcome: null, resourceId: id };
    await waitFor('the delivery', () => tenant.db.inboxRow.count({ where: waiting }));

    await visit(await tenant.consent(await tenant.reauthorize()));
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(card).toMatchObject({ connectedAt, warnings: [], tokenStatus: 'correct' });
    await waitFor('the name', async () => {
      const row = await tenant.db.profile.findFirst({ where: { tenantId: tenant.tenantId, id } });
      return row?.name.startsWith('Renamed');
    });
  }, 60_000);

  it('by a secret that was rotated is healed by replacing it', async () => {
    const tenant = await newTenant();
    await tenant.connect();
    const { clientId } = tenant.credentials;
    await tenant.factorial('POST', 'applications', { clientId, secret: 'third secret' });
    await tenant.db.tokenPair.updateMany({
      where: { tenantId: tenant.tenantId },
      data: { expiresAt: new Date() },
    });
    await inject(tenant, {
      kind: 'status',
      status: 401,
      path: 'resources/(employees|api_public/credentials)',
      times: null,
    });
    await tenant.admin('POST', `${F}/reconciliations`, {}, 202);
    const expired = await tenant.seeWarning('credentials_invalid');
    await tenant.factorial('DELETE', 'faults');

    await tenant.admin('POST', `${F}/credentials/replace`, { clientId, clientSecret: 'third secret' }, 202);
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(expired).toMatchObject({ status: 'expired', tokenStatus: 'invalid_or_expired' });
    expect(card).toMatchObject({ tokenStatus: 'correct', warnings: [] });
  }, 60_000);
});

describe('a restart of everything', () => {
  it('loses no action that was given while no worker ran', async () => {
    const tenant = await newTenant();
    await tenants.world.stop('worker');
    const saved = await tenant.save();
    const url = await tenant.authorize({ tokenOwner: 'user' });
    const page = await visit(await tenant.consent(url));
    await tenants.world.stop('api');

    await tenants.world.start('api');
    await tenants.world.start('worker');
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected', 30_000);

    expect(saved.status).toBe('not_connected');
    expect(page.status).toBe(200);
    expect(card.warnings).toEqual([]);
  }, 60_000);

  it('goes on with a connection as it was', async () => {
    const tenant = await newTenant();
    const before = await tenant.connect();

    for (const part of ['worker', 'api'] as const) await tenants.world.stop(part);
    for (const part of ['api', 'worker'] as const) await tenants.world.start(part);
    const after = await readCard(tenant);
    const { status } = await reconcile(tenant);

    expect(after).toEqual(before);
    expect(status).toBe('completed');
  }, 60_000);
});

/** The people of the tenant's company, as time@work knows them. */
async function writeEmployees(tenant: Tenant): Promise<void> {
  const { service } = tenant;
  for (const [index, { email, first_name: name }] of (await peopleOf(tenant)).entries()) {
    await service('PUT', `/api/employees/e-${index}`, { name, email, startsOn: '2020-01-01', endsOn: null });
  }
  for (const id of ['vacation', 'remote']) {
    await service('PUT', `/api/day-types/${id}`, { name: id, color: '#2E9E6B', expectedMinutes: 0 });
  }
}

async function linksAndMappings(tenant: Tenant) {
  const links = (await readEmployees(tenant)).flatMap(({ employeeId, link }) =>
    link === null ? [] : [[employeeId, link.profileId]],
  );
  const mappings = (await readAbsenceTypes(tenant)).flatMap(({ absenceTypeId, status }) =>
    status === 'to_be_mapped' ? [] : [[absenceTypeId, status]],
  );
  return { links, mappings };
}

/** Factorial ends all tokens of the application; the next question finds out. */
async function expire(tenant: Tenant) {
  await tenant.factorial('POST', 'tokens/revoke-all', { clientId: tenant.credentials.clientId });
  await tenant.admin('POST', `${F}/reconciliations`, {}, 202);
  return await tenant.seeCard('be expired', ({ status }) => status === 'expired');
}

async function deliver(url: string, challenge: string | null): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-factorial-wh-challenge': challenge ?? '' },
    body: JSON.stringify({ id: '1' }),
  });
  await response.arrayBuffer();
  return response.status;
}
