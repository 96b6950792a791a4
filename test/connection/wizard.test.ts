import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { F, readCard } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  authorizing,
  countRequests,
  createTenants,
  hitsOf,
  inject,
  messageOf,
  statusAndWarnings,
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
const tokenRequests = (tenant: Tenant) => countRequests(tenant, '/oauth/token');

describe('before anything is connected', () => {
  it('the credentials make it pending, also when they are saved again', async () => {
    const tenant = await newTenant();
    expect((await readCard(tenant)).status).toBe('not_connected');

    const first = await tenant.save();
    const again = await tenant.save();

    expect([first.status, again.status]).toEqual(['pending', 'pending']);
    expect(again).toMatchObject({ connectedAt: null, tokenStatus: null, company: null, warnings: [] });
  });

  it('refuses what makes no sense yet, each with its code, and changes nothing', async () => {
    const tenant = await newTenant();
    const refusals = [
      [
        'POST',
        'authorization',
        { apiHost: 'https://evil.example' },
        422,
        'factorial_url_invalid',
        'The Factorial URL is not valid',
      ],
      [
        'POST',
        'authorization',
        {},
        409,
        'credentials_missing',
        'Save the Client ID and the Client secret first.',
      ],
      ['POST', 'reauthorization', {}, 409, 'not_connected', 'Factorial is not connected.'],
      [
        'POST',
        'credentials/replace',
        tenant.credentials,
        409,
        'not_connected',
        'Factorial is not connected.',
      ],
      ['POST', 'disconnect', {}, 409, 'not_connected', 'Factorial is not connected.'],
    ] as const;

    for (const [method, path, body, status, code, detail] of refusals) {
      expect((await tenant.admin(method, `${F}/${path}`, body, status)).body).toMatchObject({ code, detail });
    }

    expect(await statusAndWarnings(tenant)).toEqual({ status: 'not_connected', warnings: [] });
  });
});

describe('the callback', () => {
  it('with a good code connects, and the card says to what and since when', async () => {
    const before = Date.now();
    const { tenant, url } = await authorizing(tenants);
    expect((await readCard(tenant)).status).toBe('authorizing');

    const page = await visit(await tenant.consent(url));
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(page.status).toBe(200);
    expect(messageOf(page)).toEqual({ source: 'factorial', outcome: 'received', code: null });
    expect(page.html).toContain(`postMessage(message, "${tenant.publicUrl}")`);
    expect(page.html.replace(/<script[\s\S]*<\/script>/, '')).toContain('You can close this window');
    expect(new URL(url).searchParams.get('resource_owner_type')).toBe('company');
    expect(card).toMatchObject({
      apiHost: tenant.factorialUrl,
      tokenOwner: 'company',
      tokenStatus: 'correct',
      tokenExpiresAt: null,
      company: { id: tenant.companyId },
      errors7d: 0,
      warnings: [],
    });
    expect(Date.parse(card.connectedAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(card.connectedAt ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it('of a person’s own authorization connects with a user token', async () => {
    const { tenant, url } = await authorizing(tenants, { tokenOwner: 'user' });

    await visit(await tenant.consent(url));
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(url).not.toContain('resource_owner_type');
    expect(card).toMatchObject({ tokenOwner: 'user', tokenStatus: 'correct', warnings: [] });
    expect(card.tokenExpiresAt).not.toBeNull();
  });

  it('with a denial makes it pending again, says so, and the next authorization takes the warning away', async () => {
    const { tenant, url } = await authorizing(tenants);

    const page = await visit(await tenant.consent(url, { decision: 'deny' }));
    const denied = await tenant.seeWarning('authorization_denied');
    await visit(await tenant.consent(await tenant.authorize()));
    const connected = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(page.status).toBe(200);
    expect(messageOf(page)).toEqual({ source: 'factorial', outcome: 'denied', code: 'authorization_denied' });
    expect(denied).toMatchObject({ status: 'pending', warning: { code: 'authorization_denied' } });
    expect(connected.warnings).toEqual([]);
  });

  it('with a state that nobody knows is refused and changes nothing', async () => {
    const { tenant, url } = await authorizing(tenants);
    const location = new URL(await tenant.consent(url));
    location.searchParams.set('state', 'nobody');

    const page = await visit(location.href);

    expect(page.status).toBe(400);
    expect(messageOf(page)).toMatchObject({ outcome: 'failed' });
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'authorizing', warnings: [] });
  });

  it('counts once: the second visit finds the authorization used, and the connection stays', async () => {
    const { tenant, url } = await authorizing(tenants);
    const location = await tenant.consent(url);

    const pages = [await visit(location), await visit(location)];
    await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(pages.map(({ status }) => status)).toEqual([200, 410]);
    expect(pages[1]?.html).toContain('The authorization has expired');
    expect((await visit(location)).status).toBe(410);
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'connected', warnings: [] });
  });

  it('that comes after ten minutes is late', async () => {
    const { tenant, url } = await authorizing(tenants);
    const location = await tenant.consent(url);
    await lateNow(tenant);

    const page = await visit(location);
    await tenant.later(tenMinutesMs + 1_000);
    const card = await tenant.seeWarning('authorization_expired');

    expect(page.status).toBe(410);
    expect(page.html).toContain('The authorization has expired');
    expect(card).toMatchObject({ status: 'pending', warning: { message: 'The authorization has expired' } });
  });

  it('of an authorization that another one, or other credentials, made void is refused', async () => {
    const { tenant, url } = await authorizing(tenants);
    const first = await tenant.consent(url);
    const second = await tenant.consent(await tenant.authorize());
    expect((await visit(first)).status).toBe(410);

    await tenant.save();

    expect((await visit(second)).status).toBe(410);
    expect(await statusAndWarnings(tenant)).toEqual({ status: 'pending', warnings: [] });
  });

  it('is decided by its state alone, whichever browser brings it', async () => {
    const { tenant, url } = await authorizing(tenants);

    const page = await visit(await tenant.consent(url), {
      cookie: 'session=of-another-browser',
      'user-agent': 'other',
    });

    expect(page.status).toBe(200);
    await tenant.seeCard('be connected', ({ status }) => status === 'connected');
  });

  it('with a code that Factorial refuses makes it pending again', async () => {
    const { tenant, url } = await authorizing(tenants);
    const location = new URL(await tenant.consent(url));
    location.searchParams.set('code', 'made-up');

    await visit(location.href);
    const card = await tenant.seeWarning('authorization_expired');

    expect(card).toMatchObject({ status: 'pending', warning: { message: 'The authorization has expired' } });
  });

  it('with another redirect URI registered makes it pending again and says which', async () => {
    const { tenant, url } = await authorizing(tenants);
    const body = { error: 'invalid_grant', error_description: 'The redirect_uri does not match.' };
    await inject(tenant, { kind: 'status', status: 401, path: '^/oauth/token', body });

    await visit(await tenant.consent(url));

    expect((await tenant.seeWarning('redirect_uri_mismatch')).status).toBe('pending');
  });

  it('with the wrong client secret says so; the right one saved in its place connects', async () => {
    const { tenant, url } = await authorizing(tenants);
    await tenant.factorial('POST', 'applications', {
      clientId: tenant.credentials.clientId,
      secret: 'rotated',
    });
    await visit(await tenant.consent(url));
    const refused = await tenant.seeWarning('credentials_invalid');
    await tenant.factorial('POST', 'applications', {
      clientId: tenant.credentials.clientId,
      secret: tenant.credentials.clientSecret,
    });

    const saved = await tenant.save();
    await visit(await tenant.consent(await tenant.authorize()));

    expect(refused.status).toBe('pending');
    expect(saved).toMatchObject({ status: 'pending', warnings: [] });
    await tenant.seeCard('be connected', ({ status }) => status === 'connected');
  });

  it('while Factorial is down is kept, and connects as soon as Factorial answers', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'status', status: 503, path: '^/oauth/token', times: null });

    await visit(await tenant.consent(url));
    const waiting = await tenant.seeWarning('factorial_unreachable');
    await tenant.factorial('DELETE', 'faults');
    await tenant.later(30_000);
    const card = await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect(waiting.status).toBe('authorizing');
    expect(card.warnings).toEqual([]);
  });

  it('while Factorial is down for longer than a code lives ends as expired', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'html', status: 502, path: '^/oauth/token', times: null });

    await visit(await tenant.consent(url));
    await waitFor('a first try', async () => (await hitsOf(tenant, 'html')) > 0);
    await lateNow(tenant);
    const card = await tenant.seeWarning('authorization_expired');

    expect(card.status).toBe('pending');
    expect(card.warnings).toHaveLength(1);
  });

  it('whose exchange gets no answer is not tried with the same code again', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'cut', when: 'after', path: '^/oauth/token', times: 1 });
    const before = await tokenRequests(tenant);

    await visit(await tenant.consent(url));
    const card = await tenant.seeWarning('authorization_expired');

    expect(card.status).toBe('pending');
    expect((await tokenRequests(tenant)) - before).toBe(1);
  });

  it('is exchanged once, also when Factorial then cannot say whose token it is', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'status', status: 503, path: 'api_public/credentials', times: 1 });
    const before = await tokenRequests(tenant);

    await visit(await tenant.consent(url));
    await tenant.seeCard('be connected', ({ status }) => status === 'connected');

    expect((await tokenRequests(tenant)) - before).toBe(1);
    expect((await readCard(tenant)).warnings).toEqual([]);
  });

  it('whose new token is refused at once makes it pending again', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, { kind: 'status', status: 401, path: 'api_public/credentials', times: null });

    await visit(await tenant.consent(url));

    expect((await tenant.seeWarning('authorization_expired')).status).toBe('pending');
  });

  it('from a region that knows nothing of the account says so, and the token is given back', async () => {
    const { tenant, url } = await authorizing(tenants);
    await inject(tenant, {
      kind: 'status',
      status: 200,
      path: 'api_public/credentials',
      body: { data: [], meta: { total: 0 } },
    });
    const before = await revocations(tenant);

    await visit(await tenant.consent(url));

    expect(await tenant.seeWarning('wrong_cluster')).toMatchObject({
      status: 'pending',
      company: null,
      warning: { action: { code: 'check_host' } },
    });
    expect((await revocations(tenant)) - before).toBe(1);
  });
});

/** The ten minutes of the open authorization are over. */
const lateNow = async ({ db, tenantId }: Tenant): Promise<unknown> =>
  await db.authorizationAttempt.updateMany({
    where: { tenantId },
    data: { expiresAt: new Date(Date.now() - 1) },
  });
