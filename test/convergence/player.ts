import { createHash, randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { createActivities, type Activities } from '../../activities/index.ts';
import { addDays, type CivilDate } from '../../domain/civil-date.ts';
import { horizonAt } from '../../domain/horizon.ts';
import { createCipher, newSecret, type Cipher } from '../../repositories/cipher.ts';
import { inTransaction, type Database } from '../../repositories/database.ts';
import { putDayType } from '../../repositories/day-types.ts';
import { putEmployee } from '../../repositories/employees.ts';
import { storeDeliveries } from '../../repositories/inbox-ingest.ts';
import { linkEmployees } from '../../repositories/links.ts';
import { setMapping } from '../../repositories/mappings.ts';
import { ensureTenant } from '../../repositories/tenants.ts';
import { storeFirstPair } from '../../repositories/tokens.ts';
import type { Company } from '../../simulator/company.ts';
import type { Simulator } from '../../simulator/server.ts';
import type { World } from '../../simulator/world.ts';
import { activitySettings } from '../support/activity-settings.ts';
import type { Method } from '../support/callers.ts';
import { copyCompany, copyTenant } from './beginnings.ts';
import { actor, dayTypes, employeeIds, pick } from './cast.ts';
import { createCrashingDatabase, type Mishap } from './crashing-database.ts';
import { earlyDifferences, wronglyDeleted, wrongTombstones } from './early-comparison.ts';
import { playInFactorial } from './play-in-factorial.ts';
import { playInWorkMeter } from './play-in-workmeter.ts';
import type { Fate, FactorialStep, Step, WorkMeterStep } from './steps.ts';

/** What "today" is differs between these for most of the day. */
const timeZones = ['Europe/Madrid', 'Pacific/Auckland', 'America/Mexico_City'] as const;
const callbackPath = '/api/Integration/factorial/Callback';
const redirectUri = activitySettings.publicUrl + callbackPath;
const cipher: Cipher = createCipher([{ id: 'k1', key: new Uint8Array(32).fill(7) }]);
/** Tries of one activity, as Temporal and the workflow would repeat it. */
const maxTries = 8;

export interface PlayerParts {
  readonly db: Database;
  readonly simulator: Simulator & { readonly url: string };
}

/** Plays one history against a company and a tenant of its own. */
export class Player {
  readonly tenantId = `t-${randomUUID().slice(0, 12)}`;
  readonly db: Database;
  nowMs = 0;
  /** Profiles that have appeared since the connection was made, with an e-mail. */
  readonly hired = new Set<string>();
  /** What Factorial told of in time, and has not changed in silence since: `absences 123`, `employees 7`. */
  readonly told = new Set<string>();
  /** Nights without a reconciliation: the horizon has moved on and its days have not. */
  overslept = false;
  /** Factorial refused something, or told half of it: what it told of in time may not have been read. */
  refused = false;
  /** What was wrong before the reconciliation that ends the history, where nothing was lost. */
  readonly early: string[] = [];
  /** Profiles that were there when the connection was made. */
  readonly founders = new Set<string>();
  /** A leave that nobody touches: a list that has become empty proves nothing (rule 6). */
  anchorId = '';
  /** Whose token it is: the company's (null), or that of one of its people. */
  owner: string | null = null;
  protected companyId = '';
  protected readonly simulator: PlayerParts['simulator'];
  private readonly crashing: ReturnType<typeof createCrashingDatabase>;
  private readonly activities: Activities;
  /** Another worker, which has no mishaps. */
  private readonly sound: Activities;
  protected readonly late: { topic: string; id: string }[] = [];
  private reconciling: AsyncGenerator<void, string> | null = null;
  protected timeZone: string = timeZones[0];

  constructor({ db, simulator }: PlayerParts) {
    this.db = db;
    this.simulator = simulator;
    this.crashing = createCrashingDatabase(db);
    this.activities = createActivities({ ...worker, db: this.crashing.db });
    this.sound = createActivities({ ...worker, db });
  }

  get horizon() {
    return horizonAt(this.nowMs, { timeZone: this.timeZone, ...horizonSettings });
  }

  get world(): World {
    return this.simulator.world;
  }

  /** Factorial's own truth about this history's company. */
  get company(): Company {
    const company = this.simulator.world.companies.get(this.companyId);
    if (company === undefined) throw new Error('The history has not begun.');
    return company;
  }

  /** One call of the control interface for this history's company. */
  async factorial<T = { id: string }>(method: Method, path: string, body?: object): Promise<T> {
    const ofCompany = `${path.includes('?') ? '&' : '?'}company_id=${this.companyId}`;
    const url = `/control/${path}${this.companyId === '' ? '' : ofCompany}`;
    const answer = await this.simulator.app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: body }),
    });
    if (answer.statusCode >= 400)
      throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.body}`);
    return answer.json<T>();
  }

  /** As `like` has begun; it has done nothing since. */
  async beginLike(like: Player): Promise<void> {
    await copyTenant(this.db, like.tenantId, this.tenantId);
    const company = copyCompany(this.simulator.world, like.company, this.tenantId);
    this.companyId = company.id;
    this.timeZone = like.timeZone;
    this.nowMs = like.nowMs;
    this.anchorId = like.anchorId;
    for (const id of like.founders) this.founders.add(id);
    await this.db.connection.update({ where: { tenantId: this.tenantId }, data: { companyId: company.id } });
    await this.renewToken();
  }

  /** A company, a connected tenant with four employees and three day types, and the first synchronisation. */
  async begin(seed: number, nowMs = firstMidnightMs): Promise<void> {
    this.nowMs = nowMs + (seed % 24) * 3_600_000;
    await this.found(seed);
    await this.connect();
    await this.introduce();
  }

  /** The company in Factorial, and the tenant with its employees and day types in WorkMeter: neither knows of the other. */
  protected async found(seed: number): Promise<void> {
    const { db, tenantId } = this;
    this.timeZone = timeZones[seed % timeZones.length] ?? 'Europe/Madrid';
    // Now and then more absences in the window than fit on a page.
    const size = { people: 3, absences: seed % 6 === 0 ? 240 : 8, locations: 2, seed };
    const { company } = await this.factorial<{ company: { id: string } }>('POST', 'companies', {
      name: tenantId,
      ...size,
    });
    this.companyId = company.id;
    const [settler] = this.company.employees.all();
    const anchor = {
      employee_id: settler?.id,
      start_on: this.date(0),
      finish_on: this.date(0),
      approved: false,
    };
    this.anchorId = (await this.factorial('POST', 'leaves', { ...anchor, silent: true })).id;
    await ensureTenant(db, tenantId);
    await db.tenant.update({
      where: { id: tenantId },
      data: { timeZone: this.timeZone, ...horizonSettings },
    });
    for (const [index, id] of dayTypes.entries())
      await putDayType(db, tenantId, id, { name: id, color: '#112233', expectedMinutes: index * 90 });
    for (const id of employeeIds)
      await putEmployee(
        db,
        tenantId,
        id,
        { name: id, email: null, startsOn: null, endsOn: null },
        this.nowMs,
      );
  }

  /** Until the first synchronisation has ended. */
  protected async connect(): Promise<void> {
    const { db, tenantId } = this;
    const connectedAt = new Date();
    const connection = {
      status: 'connected',
      generation: 1,
      apiHost: this.simulator.url,
      tokenOwner: 'company',
    };
    await db.connection.create({
      data: { tenantId, ...connection, companyId: this.companyId, connectedAt, credentialVersion: 1 },
    });
    await this.renewToken();
    await this.reconcile('first');
  }

  /** Some people are linked and most types are mapped to begin with: so that what changes is seen in days. */
  protected async introduce(): Promise<void> {
    const { db, tenantId } = this;
    const founders = this.company.employees.all();
    for (const { id } of founders) this.founders.add(id);
    const profiles = founders.slice(0, 2);
    const links = profiles.map(({ id }, index) => ({
      employeeId: employeeIds[index] ?? 'e4',
      profileId: id,
    }));
    await linkEmployees(db, tenantId, links, actor, this.nowMs);
    for (const [index, { id }] of this.company.leaveTypes.all().slice(0, 6).entries())
      await setMapping(db, tenantId, id, { dayTypeId: pick(dayTypes, index) ?? 'vacation' }, actor);
  }

  async play(step: Step): Promise<void> {
    if (isFactorialStep(step)) await playInFactorial(this, step);
    else await playInWorkMeter(this, step);
  }

  /** Factorial is quiet, deliveries are drained, one reconciliation has run (rule 4). What was held is approved. */
  async settle(): Promise<void> {
    this.simulator.world.faults.clear();
    await this.factorial('PUT', 'switches', { environment: 'own' });
    await this.goOnReconciling(Infinity);
    await this.drainWholly();
    await this.applyFacts();
    this.early.push(...(await earlyDifferences(this)));
    for (const { topic, id } of this.late.splice(0).toReversed()) await this.store(topic, id);
    await this.drainWholly();
    if (this.owner !== null) {
      this.early.push(...(await wronglyDeleted(this, () => this.reconcile('manual'))));
      this.owner = null;
      await this.renewToken();
    }
    const status = await this.reconcile('manual');
    if (status === 'failed') throw new Error('The reconciliation failed.');
    await this.applyFacts();
    if (await this.decide('approve')) await this.applyFacts();
  }

  /** Decides on all deletions that are held back. Answers whether there were any. */
  async decide(decision: 'approve' | 'reject'): Promise<boolean> {
    const { count } = await this.db.pendingDeletion.updateMany({
      where: { tenantId: this.tenantId, decision: null },
      data: { decision },
    });
    if (count > 0) await this.run('carryOutDecisions', {});
    return count > 0;
  }

  /** Answers when what was put off is due; null: nothing is left. */
  async drain(activities = this.activities): Promise<number | null> {
    for (let round = 0; round < 20; round += 1) {
      const { left, nextDueAt } = await this.run('drainInbox', {}, activities);
      if (left === 0 || nextDueAt !== null) return nextDueAt;
    }
    throw new Error('The inbox does not get empty.');
  }

  /** The same, and the time goes by that some deliveries were put off for. */
  private async drainWholly(): Promise<void> {
    for (let dueAt = await this.drain(); dueAt !== null; dueAt = await this.drain())
      this.nowMs = Math.max(this.nowMs, dueAt);
  }

  async applyFacts(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const { left } = await this.run('applyFacts', { connected: true });
      if (left === 0) return;
    }
    throw new Error('The facts are never all applied.');
  }

  async pollHolidays(): Promise<void> {
    await this.run('pollHolidays', {});
  }

  /** Plays the rest of a reconciliation that is under way, then a whole one. */
  async reconcile(trigger: 'first' | 'manual'): Promise<string> {
    await this.goOnReconciling(Infinity);
    this.reconciling = this.stepsOfReconciliation(trigger);
    return this.goOnReconciling(Infinity);
  }

  /** The next activities of the reconciliation that is under way, or of a new one. Answers its status once it has ended. */
  async goOnReconciling(activities: number): Promise<string> {
    if (this.reconciling === null && activities !== Infinity)
      this.reconciling = this.stepsOfReconciliation('manual');
    for (let count = 0; this.reconciling !== null && count < activities; count += 1) {
      const next = await this.reconciling.next();
      if (next.done !== true) continue;
      this.reconciling = null;
      return next.value;
    }
    return 'running';
  }

  /** The steps of `reconciliationWorkflow`. */
  private async *stepsOfReconciliation(trigger: 'first' | 'manual'): AsyncGenerator<void, string> {
    const opened = await this.run('openReconciliation', { trigger, nightOn: null });
    if (opened === null) throw new Error('No reconciliation was opened.');
    const step = { reconciliationId: opened.id };
    let failureCode: string | null = null;
    yield;
    try {
      await this.run('beginReconciliation', step);
      yield;
      for (const kind of ['employees', 'absence_types', 'holidays', 'absences'] as const) {
        while (!(await this.run('sweepKind', { ...step, kind })).done) yield;
        yield;
      }
      while (!(await this.run('sweepPlans', step)).done) yield;
      yield;
      await this.run('settleDeletions', step);
      yield;
    } catch (error) {
      failureCode = codeOf(error) ?? 'internal_error';
    }
    await this.run('prepareDays', step);
    // Whoever is computed before midnight gets the new day with the next night.
    this.overslept = false;
    yield;
    while ((await this.run('computeDays', step)).left) yield;
    const { status } = await this.run('endReconciliation', { ...step, failureCode });
    this.early.push(...(await wrongTombstones(this)));
    return status;
  }

  /** Lets `slow` read and wait before its `at`-th transaction until `meanwhile` is over. */
  async overlap(at: number, slow: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<void> {
    const { promise: until, resolve: goOn } = deferred();
    const { promise: reached, resolve: isThere } = deferred();
    this.crashing.arm({ at, what: 'waits', until, reached: isThere });
    const working = slow();
    await Promise.race([reached, working]);
    try {
      await meanwhile();
    } finally {
      goOn();
      await working;
      this.crashing.arm(null);
    }
  }

  /** Another worker reads what Factorial has told of. */
  async drainElsewhere(): Promise<void> {
    await this.drain(this.sound);
  }

  /** Lets the process die around one of the transactions of `work`; what Temporal does then is to try again. */
  async dying(mishap: Mishap | null, work: () => Promise<unknown>): Promise<void> {
    this.crashing.arm(mishap);
    try {
      await work();
    } catch (error) {
      if (!postponing.has(codeOf(error) ?? '')) throw error;
    } finally {
      this.crashing.arm(null);
    }
  }

  /** Runs an activity as a workflow does: passing troubles and crashes are tried again, a refused token is renewed first. */
  private async run<Name extends keyof Activities>(
    name: Name,
    input: Omit<Parameters<Activities[Name]>[0], 'tenantId' | 'generation' | 'nowMs'>,
    activities = this.activities,
  ): Promise<Awaited<ReturnType<Activities[Name]>>> {
    const { tenantId, nowMs } = this;
    const activity = activities[name] as unknown as (value: object) => Promise<unknown>;
    const fenced: object = { tenantId, generation: 1, nowMs, ...input };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const environment = new MockActivityEnvironment({}, { logger: quiet });
        const result: unknown = await environment.run(activity, fenced);
        return result as Awaited<ReturnType<Activities[Name]>>;
      } catch (error) {
        const code = codeOf(error);
        if (code === null || !passing.has(code) || attempt === maxTries) throw error;
        if (code === 'token_refused') await this.renewToken();
      }
    }
  }

  async renewToken(): Promise<void> {
    const { db, tenantId, nowMs } = this;
    const consent = {
      client_id: 'workmeter-demo',
      redirect_uri: redirectUri,
      response_type: 'code',
      ...(this.owner === null
        ? { resource_owner_type: 'company' }
        : { resource_owner_type: 'employee', employee_id: this.owner }),
    };
    const { location } = await this.factorial<{ location: string }>('POST', 'consent', consent);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'workmeter-demo',
      client_secret: 'workmeter-demo-secret',
      redirect_uri: redirectUri,
      code: new URL(location).searchParams.get('code') ?? '',
    });
    const answer = await this.simulator.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: form.toString(),
    });
    const { access_token: accessToken } = answer.json<{ access_token: string }>();
    const pair = { accessToken, refreshToken: null, expiresInSeconds: null, scope: null };
    const link = { generation: 1, credentialVersion: 1 };
    await inTransaction(db, async (tx) => {
      await storeFirstPair(tx, cipher, tenantId, link, pair, new Date(nowMs));
      const tokenOwner = this.owner === null ? 'company' : 'user';
      await tx.connection.update({ where: { tenantId }, data: { tokenOwner } });
    });
  }

  date(offset: number): CivilDate {
    return addDays(this.horizon.today, offset);
  }

  async deliver(topic: string, id: string, fate: Fate): Promise<void> {
    const name = `${topic.split('/').slice(0, 2).join('/')} ${id}`;
    if (fate === 'delivered' || fate === 'twice') this.told.add(name);
    else this.told.delete(name);
    if (fate === 'lost') return;
    if (fate === 'late') this.late.push({ topic, id });
    else await this.store(topic, id);
    if (fate === 'twice') await this.store(topic, id);
  }

  protected async store(topic: string, resourceId: string): Promise<void> {
    const bodyHash = createHash('sha256').update(newSecret()).digest('hex');
    const delivery = { subscriptionId: randomUUID(), topic, resourceId, bodyHash };
    await storeDeliveries(this.db, [
      { tenantId: this.tenantId, ...delivery, updatedAtFloor: null, bodyEnc: null },
    ]);
  }
}

const worker = { cipher, logger: pino({ level: 'silent' }), settings: activitySettings };

/** A short horizon: each history computes every day of it several times. */
const horizonSettings = { horizonDaysBack: 4, horizonDaysAhead: 9 };

/** Where histories begin, whatever day it is: with other weekdays they would not be the same ones. */
export const firstMidnightMs = Date.parse('2026-11-26T00:00:00Z');

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const quiet = new DefaultLogger('ERROR', () => undefined);

/** What goes over by itself, with what a crash shows as. */
const passing = new Set([
  'factorial_unreachable',
  'unavailable',
  'rate_limited',
  'internal_error',
  'token_refused',
]);

/** What no further try helps: the duty is due again later. */
const postponing = new Set(['permission_missing', 'sweep_unstable', 'schema_drift']);

function codeOf(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? null) : null;
}

const factorialSteps = new Set<string>([
  'hire',
  'move',
  'rename',
  'terminate',
  'unterminate',
  'person vanishes',
  'take leave',
  'change leave',
  'approve',
  'reject',
  'delete leave',
  'leave vanishes',
  'add type',
  'toggle workable',
  'retire type',
  'add holiday',
  'move holiday',
  'remove holiday',
  'plan a day',
  'change schedule',
] satisfies FactorialStep['do'][]);

function isFactorialStep(step: FactorialStep | WorkMeterStep): step is FactorialStep {
  return factorialSteps.has(step.do);
}

/** Must be told of before anybody can authorize: what the consent leads back to. */
export async function allowRedirect(
  { app }: Simulator,
  publicUrl = activitySettings.publicUrl,
): Promise<void> {
  const payload = { client_id: 'workmeter-demo', add_redirect_uris: [publicUrl + callbackPath] };
  const answer = await app.inject({ method: 'POST', url: '/control/applications', payload });
  if (answer.statusCode >= 400) throw new Error(answer.body);
}
