import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { createAuthorizationActivities, type ExchangeOutcome } from '../../activities/authorization.ts';
import {
  createConnectionActivities,
  type TokenInput,
  type TokenOutcome,
} from '../../activities/connection.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { createDisconnectActivities, type TearDownResult } from '../../activities/disconnect.ts';
import { createReconciliationActivities } from '../../activities/reconciliation.ts';
import { createSubscriptionActivities, type SubscriptionsResult } from '../../activities/subscriptions.ts';
import type { ReconciliationSummary } from '../../contracts/temporal/reconciliation.ts';
import { redirectUriOf, scopes } from '../../domain/authorization-url.ts';
import { claimAttempt, startAttempt, type NewAttempt } from '../../repositories/attempts.ts';
import { readCard, type ConnectionCard } from '../../repositories/card.ts';
import { createCipher } from '../../repositories/cipher.ts';
import { lockCommands } from '../../repositories/commands.ts';
import { readConnectionRow } from '../../repositories/connections.ts';
import { saveCredentials } from '../../repositories/credentials.ts';
import { createDatabase, inTransaction, type Database } from '../../repositories/database.ts';
import { readTokens, type OpenTokens } from '../../repositories/tokens.ts';
import type { Company } from '../../simulator/company.ts';
import { addCompany, fillCompany } from '../../simulator/seed/seed.ts';
import { startSimulator, type Simulator } from '../../simulator/server.ts';
import { defaultSwitches } from '../../simulator/switches.ts';
import { demoApplication } from '../../stack/seed.ts';
import { activitySettings, publicUrl } from '../support/activity-settings.ts';
import { createTestDatabase } from '../support/database.ts';

export interface ConnectOptions {
  readonly owner?: 'company' | 'user';
  readonly kind?: 'authorize' | 'reauthorize';
  readonly confirmCompanyChange?: boolean;
  /** What the consent grants; everything unless told. */
  readonly scopes?: readonly string[];
  /** Of the company in Factorial; one of its own for each tenant unless told. */
  readonly companyId?: string;
}

/** Activities as a worker has them, on a real database and a listening simulator, without workflows around them. */
export interface ActivityBench {
  readonly db: Database;
  readonly deps: ActivityDependencies;
  readonly simulator: Simulator & { readonly url: string };
  /** Saves the demo application's credentials, or others, as the wizard does. */
  save(tenantId: string, credentials?: { clientId: string; clientSecret: string }): Promise<number>;
  /** An attempt whose callback has come with a good code. */
  receiveCode(tenantId: string, options?: ConnectOptions): Promise<string>;
  exchange(tenantId: string, attemptId: string, nowMs?: number): Promise<ExchangeOutcome>;
  /** Credentials, consent, callback and exchange in one go. */
  connect(tenantId: string, options?: ConnectOptions): Promise<OpenTokens>;
  /** The refresh duty of one worker; a worker of its own where dependencies are given. */
  renew(tenantId: string, input?: Partial<TokenInput>, deps?: ActivityDependencies): Promise<TokenOutcome>;
  ensureSubscriptions(tenantId: string): Promise<SubscriptionsResult>;
  /** A reconciliation from its begin to its end, with nothing around it. */
  reconcile(tenantId: string): Promise<ReconciliationSummary>;
  /** Long enough after the disconnect that nothing can be on its way any more, unless told. */
  tearDown(tenantId: string, options?: { giveUp?: boolean; sinceMs?: number }): Promise<TearDownResult>;
  tokens(tenantId: string): Promise<OpenTokens>;
  card(tenantId: string, nowMs?: number): Promise<ConnectionCard>;
  /** The company that a tenant's tokens belong to. */
  companyOf(tenantId: string): Company;
  /** Whoever held the lease of this tenant's token is dead: half a minute passes for the database. */
  letLeaseRunOut(tenantId: string): Promise<void>;
  /** Factorial is as it is at the beginning: without faults, and with the switches as they are unless told. */
  calmFactorial(): void;
  /** How often each refresh token was exchanged so far, by token. */
  readonly exchanges: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function createActivityBench(): Promise<ActivityBench> {
  const [database, simulator] = await Promise.all([
    createTestDatabase(),
    startSimulator({ port: 0, seed: { people: 1, absences: 0, locations: 1 } }),
  ]);
  const db = createDatabase(database.url, 10);
  const cipher = createCipher([{ id: 'test', key: randomBytes(32) }]);
  const deps: ActivityDependencies = {
    db,
    cipher,
    logger: pino({ level: 'silent' }),
    settings: activitySettings,
  };
  const redirectUri = redirectUriOf(publicUrl);
  const { world } = simulator;
  world.applications.get(demoApplication.clientId)?.redirectUris.push(redirectUri);
  const exchanges = countExchanges(simulator);
  const companies = new Map<string, Company>();

  const companyOf = (tenantId: string): Company => {
    const known = companies.get(tenantId);
    if (known !== undefined) return known;
    const company = addCompany(world, tenantId);
    fillCompany(world, company, { people: 1, absences: 0, locations: 1, seed: 1 });
    companies.set(tenantId, company);
    return company;
  };

  const save: ActivityBench['save'] = (tenantId, credentials = demoApplication) =>
    inTransaction(db, async (tx) => {
      await lockCommands(tx, tenantId);
      return await saveCredentials(tx, cipher, tenantId, credentials);
    });

  const receiveCode: ActivityBench['receiveCode'] = async (tenantId, options = {}) => {
    const { owner = 'user', kind = 'authorize', confirmCompanyChange = false } = options;
    const companyId = options.companyId ?? companyOf(tenantId).id;
    const person = world.companies.get(companyId)?.employees.all()[0];
    const code = world.tokens.createCode(
      {
        clientId: demoApplication.clientId,
        owner: { companyId, employeeId: owner === 'company' ? null : (person?.id ?? null) },
        scopes: [...(options.scopes ?? scopes)],
      },
      redirectUri,
    );
    return await inTransaction(db, async (tx) => {
      const newest = await tx.credentialVersion.findFirstOrThrow({
        where: { tenantId },
        orderBy: { version: 'desc' },
      });
      const attempt: NewAttempt = {
        kind,
        credentialVersion: newest.version,
        apiHost: simulator.url,
        tokenOwner: owner,
        confirmCompanyChange,
      };
      const { id } = await startAttempt(tx, tenantId, attempt, Date.now());
      await claimAttempt(tx, cipher, { tenantId, id, kind }, code, Date.now());
      return id;
    });
  };

  const generationOf = async (tenantId: string): Promise<number> =>
    (await readConnectionRow(db, tenantId)).generation;

  const exchange: ActivityBench['exchange'] = async (tenantId, attemptId, nowMs = Date.now()) => {
    const { exchangeAuthorization } = createAuthorizationActivities(deps);
    const input = { tenantId, generation: await generationOf(tenantId), attemptId, nowMs };
    return await run(exchangeAuthorization, input);
  };

  const tokens = async (tenantId: string): Promise<OpenTokens> => {
    const pair = await readTokens(db, cipher, tenantId);
    if (pair === null) throw new Error(`${tenantId} has no tokens`);
    return pair;
  };

  return {
    db,
    deps,
    simulator,
    save,
    receiveCode,
    exchange,
    connect: async (tenantId, options = {}) => {
      if (options.kind !== 'reauthorize') await save(tenantId);
      const outcome = await exchange(tenantId, await receiveCode(tenantId, options));
      if (outcome.outcome !== 'connected') throw new Error(`${tenantId}: ${JSON.stringify(outcome)}`);
      return await tokens(tenantId);
    },
    renew: async (tenantId, input = {}, own = deps) =>
      await run(createConnectionActivities(own).renewToken, {
        tenantId,
        generation: input.generation ?? (await generationOf(tenantId)),
        tokenVersion: input.tokenVersion ?? (await tokens(tenantId)).version,
        refused: false,
        nowMs: Date.now(),
        ...input,
      }),
    ensureSubscriptions: async (tenantId) =>
      await run(createSubscriptionActivities(deps).ensureSubscriptions, {
        tenantId,
        generation: await generationOf(tenantId),
        nowMs: Date.now(),
      }),
    reconcile: async (tenantId) => {
      const act = createReconciliationActivities(deps);
      const fenced = { tenantId, generation: await generationOf(tenantId), nowMs: Date.now() };
      const opened = await run(act.openReconciliation, { ...fenced, trigger: 'manual', nightOn: null });
      if (opened === null) throw new Error('another reconciliation runs');
      const step = { ...fenced, reconciliationId: opened.id };
      await run(act.beginReconciliation, step);
      for (const kind of ['employees', 'absence_types', 'holidays', 'absences'] as const)
        while (!(await run(act.sweepKind, { ...step, kind })).done);
      while (!(await run(act.sweepPlans, step)).done);
      await run(act.settleDeletions, step);
      await run(act.prepareDays, step);
      while ((await run(act.computeDays, step)).left);
      return await run(act.endReconciliation, { ...step, failureCode: null });
    },
    tearDown: async (tenantId, { giveUp = false, sinceMs = 0 } = {}) =>
      await run(createDisconnectActivities(deps).tearDown, { tenantId, nowMs: Date.now(), sinceMs, giveUp }),
    tokens,
    card: (tenantId, nowMs = Date.now()) => readCard(db, tenantId, nowMs),
    companyOf,
    letLeaseRunOut: async (tenantId) => {
      const data = { leaseUntil: new Date(Date.now() - 1) };
      await db.tokenPair.updateMany({ where: { tenantId }, data });
    },
    calmFactorial: () => {
      world.faults.clear();
      Object.assign(world.switches, defaultSwitches());
    },
    exchanges,
    close: async () => {
      await simulator.close();
      await db.$disconnect();
      await database.drop();
    },
  };
}

/** Runs one activity as Temporal would: with a context, a cancellation signal and heartbeats. */
export async function run<Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  const quiet = new DefaultLogger('ERROR', () => undefined);
  return await new MockActivityEnvironment({}, { logger: quiet }).run(activity, input);
}

/** Counts at the simulator how often each refresh token is asked to be exchanged, refusals included. */
function countExchanges({ world }: Simulator): Map<string, number> {
  const counts = new Map<string, number>();
  const { refresh } = world.tokens;
  world.tokens.refresh = (request) => {
    counts.set(request.refreshToken, (counts.get(request.refreshToken) ?? 0) + 1);
    return refresh(request);
  };
  return counts;
}

/** What a refresh asks of the database, around which a worker can be held or die: the lease, then the commit of the pair. */
interface RefreshSteps {
  readonly lease?: Around;
  readonly commit?: Around;
}
type Around = (go: () => Promise<unknown>) => Promise<unknown>;

/** The dependencies of a worker whose refreshes take these steps instead of their own. */
function depsWith({ deps }: ActivityBench, { lease, commit }: RefreshSteps): ActivityDependencies {
  const db = new Proxy(deps.db, {
    get(target, name) {
      if (name === '$executeRaw' && lease !== undefined)
        return (...query: Parameters<Database['$executeRaw']>) => lease(() => target.$executeRaw(...query));
      if (name === '$transaction' && commit !== undefined)
        return (work: never) => commit(() => target.$transaction(work));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...deps, db };
}

/** Where a worker can be held while it renews a token. */
export type HoldPoint = 'before the exchange' | 'before the commit';

/** The dependencies of a worker that stops at `point` until it is let go on. `reached` resolves when it stands there. */
export function holdWhileRenewing(
  bench: ActivityBench,
  point: HoldPoint,
): { readonly deps: ActivityDependencies; readonly reached: Promise<void>; readonly release: () => void } {
  let arrive: () => void = () => undefined;
  let release: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const stand = async (): Promise<void> => {
    arrive();
    await released;
  };
  const steps: Record<HoldPoint, RefreshSteps> = {
    'before the exchange': {
      lease: async (go) => {
        const leased = await go();
        await stand();
        return leased;
      },
    },
    'before the commit': {
      commit: async (go) => {
        await stand();
        return await go();
      },
    },
  };
  return { deps: depsWith(bench, steps[point]), reached, release };
}

/** Where a worker dies while it renews a token. */
export const crashPoints = [
  'before the lease',
  'after the lease',
  'after the answer, before the commit',
  'after the commit, before the return',
  'after the return, before the next use',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/**
 * Renews like a worker that dies at `point`: from there on nothing of it runs any more, as after a SIGKILL.
 * Resolves when it is dead.
 */
export async function crashWhileRenewing(
  bench: ActivityBench,
  tenantId: string,
  input: Partial<TokenInput>,
  point: CrashPoint,
): Promise<void> {
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => (die = resolve));
  const dead = (): Promise<never> => {
    die();
    return new Promise(() => undefined);
  };
  const steps: Record<CrashPoint, RefreshSteps> = {
    'before the lease': { lease: dead },
    'after the lease': { lease: (go) => go().then(dead) },
    'after the answer, before the commit': { commit: dead },
    'after the commit, before the return': { commit: (go) => go().then(dead) },
    'after the return, before the next use': {},
  };
  const renewed = bench.renew(tenantId, input, depsWith(bench, steps[point]));
  if (point === 'after the return, before the next use') await renewed;
  else await Promise.race([died, renewed.then(() => Promise.reject(new Error(`${point}: it did not die`)))]);
}
