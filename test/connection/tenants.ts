import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Card } from '../../contracts/http/connection.ts';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { createTokenMaker } from '../../stack/tokens.ts';
import { createApiCaller, type CallFactorial } from '../support/callers.ts';
import { fastForward } from '../support/fast-forward.ts';
import { F, readCard } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World, type WorldOptions } from '../support/world.ts';

/** A card is a dozen queries: asked for less often than cheaper things. */
const calmMs = 100;

export interface ConsentOptions {
  readonly decision?: 'approve' | 'deny';
  /** Which company's administrator consents; the tenant's own unless told. */
  readonly companyId?: string;
}

export interface AuthorizeOptions {
  readonly tokenOwner?: 'company' | 'user';
  readonly confirmCompanyChange?: boolean;
}

/** One tenant of a world that many share: its own company and its own application in Factorial. */
export interface Tenant extends World {
  readonly companyId: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  save(): Promise<Card>;
  /** Clicks "Connect with Factorial": the URL of the popup. */
  authorize(options?: AuthorizeOptions): Promise<string>;
  reauthorize(): Promise<string>;
  /** What the consent page does: where the browser is sent. */
  consent(authorizationUrl: string, options?: ConsentOptions): Promise<string>;
  /** The whole way: save, authorise, consent, callback; connected, with its subscriptions and the first reconciliation done. */
  connect(options?: AuthorizeOptions): Promise<Card>;
  /** Waits until the card is as `isSo` wants it. */
  seeCard(what: string, isSo: (card: Card) => boolean, timeoutMs?: number): Promise<Card>;
  seeWarning(code: string): Promise<Card>;
  /** Time passes for this tenant's workflow. */
  later(ms: number): Promise<void>;
  /** Another application of this tenant in Factorial. */
  newApplication(): Promise<{ clientId: string; clientSecret: string }>;
  tokenVersion(): Promise<number | null>;
}

export interface Tenants {
  readonly world: World;
  newTenant(): Promise<Tenant>;
  close(): Promise<void>;
}

/** A new tenant that waits in the popup: its consent page is open at `url`. */
export async function authorizing(
  tenants: Tenants,
  options: AuthorizeOptions = {},
): Promise<{ tenant: Tenant; url: string }> {
  const tenant = await tenants.newTenant();
  await tenant.save();
  return { tenant, url: await tenant.authorize(options) };
}

/** The card without what depends on time. */
export async function statusAndWarnings(
  world: World,
): Promise<{ status: Card['status']; warnings: string[] }> {
  const { status, warnings } = await readCard(world);
  return { status, warnings: warnings.map(({ code }) => code) };
}

/** A world with as many tenants as a suite needs, so that no test has to tidy up for the next one. */
export async function createTenants({ env = {}, ...options }: WorldOptions = {}): Promise<Tenants> {
  const authSecret = randomBytes(24).toString('hex');
  const makeToken = createTokenMaker(authSecret);
  const world = await createWorld({
    seed: { people: 3, absences: 2, locations: 1 },
    ...options,
    employees: false,
    env: { ...env, AUTH_SECRET: authSecret },
  });
  let count = 0;
  return {
    world,
    newTenant: async () => {
      const number = (count += 1);
      const tenantId = `tenant-${number}`;
      const token = await makeToken({ tenant: tenantId, roles: ['admin'], subject: 'ada' });
      const serviceToken = await makeToken({ tenant: tenantId, roles: ['service'], subject: 'time-at-work' });
      const { company } = await world.factorial<{ company: { id: string } }>('POST', 'companies', {
        name: `Company ${number}`,
        people: 3,
        absences: 2,
        locations: 1,
      });
      const credentials = await newApplication(world, `app-${number}`);
      const own: World = {
        ...world,
        tenantId,
        admin: createApiCaller(world.publicUrl, token),
        service: createApiCaller(world.publicUrl, serviceToken),
      };
      return toTenant(own, company.id, credentials);
    },
    close: () => world.close(),
  };
}

function toTenant(world: World, companyId: string, credentials: Tenant['credentials']): Tenant {
  const { admin, factorial, factorialUrl, tenantId, db } = world;
  let applications = 0;

  const seeCard: Tenant['seeCard'] = (what, isSo, timeoutMs) =>
    waitFor(
      `the card of ${tenantId} to ${what}`,
      async () => {
        const card = await readCard(world);
        if (isSo(card)) return card;
        await sleep(calmMs);
        throw new Error(
          `it is ${card.status}, with ${card.warnings.map(({ code }) => code).join(', ') || 'no warnings'}`,
        );
      },
      timeoutMs,
    );
  const save = async () => (await admin<Card>('PUT', `${F}/credentials`, credentials, 202)).body;
  const authorize: Tenant['authorize'] = async (options = {}) =>
    (
      await admin<{ authorizationUrl: string }>(
        'POST',
        `${F}/authorization`,
        { apiHost: factorialUrl, ...options },
        201,
      )
    ).body.authorizationUrl;
  const consent: Tenant['consent'] = async (authorizationUrl, options = {}) =>
    (
      await factorial<{ location: string }>('POST', 'consent', {
        ...Object.fromEntries(new URL(authorizationUrl).searchParams),
        company_id: options.companyId ?? companyId,
        decision: options.decision ?? 'approve',
      })
    ).location;

  return {
    ...world,
    companyId,
    credentials,
    save,
    authorize,
    consent,
    seeCard,
    reauthorize: async () =>
      (await admin<{ authorizationUrl: string }>('POST', `${F}/reauthorization`, {}, 201)).body
        .authorizationUrl,
    connect: async (options = { tokenOwner: 'user' }) => {
      await save();
      await visit(await consent(await authorize(options)));
      return await seeCard(
        'be connected and in step',
        ({ status, subscriptions, lastReconciliation }) =>
          status === 'connected' &&
          subscriptions.every(({ state }) => state !== 'missing') &&
          lastReconciliation?.status === 'completed',
        60_000,
      );
    },
    seeWarning: (code) =>
      seeCard(`warn of ${code}`, ({ warnings }) => warnings.some((warning) => warning.code === code)),
    later: (ms) => fastForward(world.temporal, connectionWorkflowId(tenantId), ms),
    newApplication: () => newApplication(world, `${credentials.clientId}-${(applications += 1)}`),
    tokenVersion: async () =>
      (await db.tokenPair.findUnique({ where: { tenantId }, select: { version: true } }))?.version ?? null,
  };
}

async function newApplication(
  { factorial, publicUrl }: World,
  clientId: string,
): Promise<Tenant['credentials']> {
  const { secret } = await factorial<{ secret: string }>('POST', 'applications', {
    clientId,
    rotateSecret: true,
    redirectUris: [`${publicUrl}/api/Integration/factorial/Callback`],
  });
  return { clientId, clientSecret: secret };
}

export interface Page {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** A browser follows Factorial's redirect to our page: a new one, that holds nothing of ours. */
export async function visit(location: string, headers: Record<string, string> = {}): Promise<Page> {
  const response = await fetch(location, { headers });
  return { status: response.status, html: await response.text(), headers: response.headers };
}

/** The message that a page of the callback sends to the wizard. */
export function messageOf({ html }: Page): unknown {
  const json = /var message = (\{.*?\});/.exec(html)?.[1];
  return json === undefined ? null : JSON.parse(json);
}

/** A person of the company, as Factorial has them; there is more of it. */
export interface SimulatedPerson {
  readonly id: string;
  readonly first_name: string;
  readonly email: string;
}

/** The people of a tenant's company. */
export const peopleOf = ({ factorial, companyId }: Tenant): Promise<SimulatedPerson[]> =>
  factorial('GET', `employees?company_id=${companyId}`);

/** Somebody gets another name in Factorial, which tells of it by a delivery. Answers who. */
export async function renameSomebody(tenant: Tenant): Promise<SimulatedPerson> {
  const [person] = await peopleOf(tenant);
  if (person === undefined) throw new Error(`the company of ${tenant.tenantId} has no people`);
  const path = `employees/${person.id}?company_id=${tenant.companyId}`;
  await tenant.factorial('PUT', path, { first_name: 'Renamed' });
  return person;
}

export interface SimulatedSubscription {
  readonly id: string;
  readonly type: string;
  readonly target_url: string;
  readonly challenge: string | null;
  readonly enabled: boolean;
  readonly api_version: string;
  readonly client_id: string;
}

/** The webhook subscriptions that Factorial has of a company. */
export const subscriptionsOf = ({
  factorial,
  companyId,
}: {
  readonly factorial: CallFactorial;
  readonly companyId: string;
}): Promise<SimulatedSubscription[]> => factorial('GET', `subscriptions?company_id=${companyId}`);

export interface SimulatedRequest {
  readonly at: string;
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly status: number | null;
}

/** What Factorial was asked for, oldest first. */
export const requestsTo = async ({ factorial }: World): Promise<SimulatedRequest[]> =>
  (await factorial<{ last: SimulatedRequest[] }>('GET', 'requests')).last;

/** How often Factorial was asked for this path so far. */
export const countRequests = async (world: World, wanted: string): Promise<number> =>
  (await requestsTo(world)).filter(({ path }) => path === wanted).length;

/** A fault that Factorial has from now on. */
export const inject = async ({ factorial }: World, fault: object): Promise<void> =>
  void (await factorial('POST', 'faults', fault));

/** How many requests the faults of one kind have hit so far. */
export const hitsOf = async ({ factorial }: World, kind: string): Promise<number> =>
  (await factorial<{ kind: string; hits: number }[]>('GET', 'faults'))
    .filter((fault) => fault.kind === kind)
    .reduce((sum, { hits }) => sum + hits, 0);

/** A disconnect looks again after what may have been on its way, and a busy machine takes its time. */
const forgottenMs = 90_000;

/** Waits until the disconnect is finished: no tokens, no credentials, no live key. */
export async function forgotten({ db, tenantId }: Tenant): Promise<void> {
  const isForgotten = async (): Promise<true> => {
    const [tokens, credentials, keys] = await Promise.all([
      db.tokenPair.count({ where: { tenantId } }),
      db.credentialVersion.count({ where: { tenantId } }),
      db.subscription.count({ where: { tenantId, retiredAt: null } }),
    ]);
    if (tokens + credentials + keys === 0) return true;
    throw new Error(`${tokens} tokens, ${credentials} credentials, ${keys} keys are left`);
  };
  await waitFor('everything to be forgotten', isForgotten, forgottenMs);
}

/** An access token of an application that the tenant's company has authorised, got beside the product. */
export async function tokenFor(
  tenant: Tenant,
  { clientId, clientSecret }: Tenant['credentials'],
): Promise<string> {
  const redirectUri = `${tenant.publicUrl}/api/Integration/factorial/Callback`;
  const { location } = await tenant.factorial<{ location: string }>('POST', 'consent', {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    company_id: tenant.companyId,
  });
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: new URL(location).searchParams.get('code') ?? '',
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: redirectUri,
  });
  const answer = await fetch(`${tenant.factorialUrl}/oauth/token`, { method: 'POST', body: form });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** One call of Factorial's API of webhook subscriptions by whoever has this token. Answers the body. */
export async function callSubscriptions(
  { factorialUrl }: Tenant,
  token: string,
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<string> {
  const url = `${factorialUrl}/api/2026-10-01/resources/api_public/webhook_subscriptions${path}`;
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text;
}
