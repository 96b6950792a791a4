import { createHash, randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createActivities, type Activities } from '../../activities/index.ts';
import { addDays, type CivilDate } from '../../domain/civil-date.ts';
import { DomainError } from '../../domain/errors.ts';
import { createCipher, newSecret, type Cipher } from '../../repositories/cipher.ts';
import { inTransaction, type Database } from '../../repositories/database.ts';
import { putDayType } from '../../repositories/day-types.ts';
import { putEmployee } from '../../repositories/employees.ts';
import { storeDeliveries } from '../../repositories/inbox-ingest.ts';
import { linkEmployees, unlinkEmployee } from '../../repositories/links.ts';
import { putManualEdit, removeManualEdit } from '../../repositories/manual-edits.ts';
import { clearMapping, setMapping } from '../../repositories/mappings.ts';
import { markedEmployees } from '../../repositories/marks.ts';
import { storeFirstPair } from '../../repositories/tokens.ts';
import { createFactorialCaller, type CallFactorial, type Method } from '../support/callers.ts';
import { createCrashingDatabase } from './crashing-database.ts';
import type { Fate, Step } from './steps.ts';

/** Three in the afternoon in Madrid, so that "today" is one day everywhere in a history. */
const clockHour = 14;
const actor = 'tester';
const dayTypes = ['vacation', 'sick', 'short'] as const;
const employeeIds = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6'] as const;
const redirectUri = 'https://workmeter.example/api/Integration/factorial/Callback';

export interface PlayerParts {
  readonly db: Database;
  readonly factorialUrl: string;
}

/** Plays one history against a company and a tenant of its own. */
export class Player {
  readonly tenantId = `t-${randomUUID().slice(0, 12)}`;
  readonly nowMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 + clockHour * 3_600_000;
  readonly today = new Date(this.nowMs).toISOString().slice(0, 10);
  readonly db: Database;
  companyId = '';
  private readonly factorialUrl: string;
  private readonly cipher: Cipher = createCipher([{ id: 'k1', key: new Uint8Array(32).fill(7) }]);
  private readonly crashing: ReturnType<typeof createCrashingDatabase>;
  private readonly activities: Activities;
  private readonly call: CallFactorial;
  private readonly late: { topic: string; id: string }[] = [];

  constructor({ db, factorialUrl }: PlayerParts) {
    this.db = db;
    this.factorialUrl = factorialUrl;
    this.call = createFactorialCaller(factorialUrl);
    this.crashing = createCrashingDatabase(db);
    this.activities = createActivities({
      db: this.crashing.db,
      cipher: this.cipher,
      logger: pino({ level: 'silent' }),
      settings: {
        publicUrl: 'https://workmeter.example',
        previousPublicUrls: [],
        apiVersion: '2026-10-01',
        requestsPerMinute: 1_000_000,
        planRequestsPerNight: 10_000,
        nightlyHour: 2,
        holidayPollMinutes: 60,
      },
    });
  }

  /** One call of the control interface for this history's company. */
  async factorial<T>(method: Method, path: string, body?: object): Promise<T> {
    const separator = path.includes('?') ? '&' : '?';
    return this.call<T>(method, `${path}${separator}company_id=${this.companyId}`, body);
  }

  rows<T = { id: string }>(table: string): Promise<T[]> {
    return this.factorial<T[]>('GET', `${table}?limit=10000`);
  }

  /** A company, a connected tenant with six employees and three day types, and the first synchronisation. */
  async begin(seed: number): Promise<void> {
    const { company } = await this.call<{ company: { id: string } }>('POST', 'companies', {
      name: this.tenantId,
      people: 4,
      absences: 14,
      locations: 2,
      seed,
    });
    this.companyId = company.id;
    const { db, tenantId, nowMs } = this;
    for (const [index, id] of dayTypes.entries())
      await putDayType(db, tenantId, id, { name: id, color: '#112233', expectedMinutes: index * 90 });
    for (const id of employeeIds)
      await putEmployee(db, tenantId, id, { name: id, email: null, startsOn: null, endsOn: null }, nowMs);
    const accessToken = await this.authorize();
    await inTransaction(db, async (tx) => {
      const connection = {
        status: 'connected',
        generation: 1,
        apiHost: this.factorialUrl,
        tokenOwner: 'company',
        companyId: this.companyId,
      };
      await tx.connection.create({
        data: { tenantId, ...connection, connectedAt: new Date(nowMs), credentialVersion: 1 },
      });
      const pair = { accessToken, refreshToken: null, expiresInSeconds: null, scope: null };
      await storeFirstPair(
        tx,
        this.cipher,
        tenantId,
        { generation: 1, credentialVersion: 1 },
        pair,
        new Date(nowMs),
      );
    });
    await this.reconcile('first');
    // Four people are linked and every type is mapped to begin with: so that what changes is seen in days.
    const profiles = await db.profile.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
    const links = profiles
      .slice(0, 4)
      .map((profile, index) => ({ employeeId: employeeIds[index] ?? 'e6', profileId: profile.id }));
    await linkEmployees(db, tenantId, links, actor, nowMs);
    for (const [index, type] of (await db.absenceType.findMany({ where: { tenantId } })).entries()) {
      await setMapping(db, tenantId, type.id, { dayTypeId: pick(dayTypes, index) ?? 'vacation' }, actor);
    }
  }

  private async authorize(): Promise<string> {
    const consent = {
      client_id: 'workmeter-demo',
      redirect_uri: redirectUri,
      resource_owner_type: 'company',
      response_type: 'code',
    };
    const { location } = await this.factorial<{ location: string }>('POST', 'consent', consent);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'workmeter-demo',
      client_secret: 'workmeter-demo-secret',
      redirect_uri: redirectUri,
      code: new URL(location).searchParams.get('code') ?? '',
    });
    const answer = await fetch(`${this.factorialUrl}/oauth/token`, { method: 'POST', body: form });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'hire': {
        const places = await this.rows('locations');
        const row = await this.factorial<{ id: string }>('POST', 'employees', {
          first_name: 'New',
          last_name: 'Person',
          location_id: pick(places, step.place)?.id,
          silent: true,
        });
        return this.deliver('employees/employee/create_with_contract', row.id, step.fate);
      }
      case 'move': {
        const [person, place] = [
          pick(await this.rows('employees'), step.person),
          pick(await this.rows('locations'), step.place),
        ];
        if (person === undefined || place === undefined) return;
        await this.factorial('PUT', `employees/${person.id}`, { location_id: place.id, silent: true });
        return this.deliver('employees/employee/update', person.id, step.fate);
      }
      case 'terminate':
      case 'unterminate': {
        const person = pick(
          await this.rows<{ id: string; terminated_on: string | null }>('employees'),
          step.person,
        );
        if (person === undefined || (step.do === 'unterminate') === (person.terminated_on === null)) return;
        const body = step.do === 'terminate' ? { terminated_on: this.date(step.day) } : {};
        await this.factorial('POST', `employees/${person.id}/${step.do}`, { ...body, silent: true });
        return this.deliver(`employees/employee/${step.do}`, person.id, step.fate);
      }
      case 'take leave': {
        const [person, type] = [
          pick(await this.rows('employees'), step.person),
          pick(await this.rows('leave_types'), step.type),
        ];
        if (person === undefined || type === undefined) return;
        const { length, half, hours, approved } = step;
        const row = await this.factorial<{ id: string }>('POST', 'leaves', {
          employee_id: person.id,
          leave_type_id: type.id,
          start_on: this.date(step.day),
          finish_on: length === null ? null : this.date(step.day + length),
          half_day: half,
          hours_amount_in_cents: hours,
          approved,
          silent: true,
        });
        return this.deliver('timeoff/leave/create', row.id, step.fate);
      }
      case 'change leave': {
        const [leave, type] = [
          pick(await this.alive(), step.leave),
          pick(await this.rows('leave_types'), step.type),
        ];
        if (leave === undefined || type === undefined) return;
        const change = {
          start_on: this.date(step.day),
          finish_on: this.date(step.day + step.length),
          leave_type_id: type.id,
        };
        await this.factorial('PUT', `leaves/${leave.id}`, { ...change, silent: true });
        return this.deliver('timeoff/leave/update', leave.id, step.fate);
      }
      case 'approve':
      case 'reject': {
        const leave = pick(await this.alive(), step.leave);
        if (leave === undefined) return;
        await this.factorial('POST', `leaves/${leave.id}/${step.do}`, { silent: true });
        return this.deliver(`timeoff/leave/${step.do}`, leave.id, step.fate);
      }
      case 'delete leave': {
        const leave = pick(await this.alive(), step.leave);
        if (leave === undefined) return;
        await this.factorial('DELETE', `leaves/${leave.id}?silent=true`);
        return this.deliver('timeoff/leave/delete', leave.id, step.fate);
      }
      case 'leave vanishes': {
        const leaves = await this.alive();
        // An empty list never proves anything (rule 6), so that one leave always stays.
        if (leaves.length > 1)
          await this.factorial('DELETE', `leaves/${pick(leaves, step.leave)?.id ?? ''}?vanish=true`);
        return;
      }
      case 'toggle workable': {
        const type = pick(await this.rows<{ id: string; workable: boolean }>('leave_types'), step.type);
        if (type === undefined) return;
        await this.factorial('PUT', `leave_types/${type.id}`, { workable: !type.workable, silent: true });
        return this.deliver('timeoff/leave_type/update', type.id, step.fate);
      }
      case 'add holiday': {
        const place = pick(await this.rows('locations'), step.place);
        if (place !== undefined)
          await this.factorial('POST', 'holidays', {
            location_id: place.id,
            date: this.date(step.day),
            summary: 'Feast',
            half_day: step.half,
          });
        return;
      }
      case 'remove holiday': {
        const holidays = await this.rows('holidays');
        if (holidays.length > 1)
          await this.factorial('DELETE', `holidays/${pick(holidays, step.holiday)?.id ?? ''}`);
        return;
      }
      case 'plan a day': {
        const person = pick(await this.rows('employees'), step.person);
        if (person === undefined) return;
        await this.factorial('PUT', 'estimated_times', {
          employee_id: person.id,
          date: this.date(step.day),
          expected_minutes: step.minutes,
        });
        return;
      }
      default:
        return this.playInWorkMeter(step);
    }
  }

  private async playInWorkMeter(step: Step): Promise<void> {
    const { db, tenantId, nowMs } = this;
    const employeeId = 'employee' in step ? (pick(employeeIds, step.employee) ?? 'e1') : 'e1';
    const types = async () => db.absenceType.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
    switch (step.do) {
      case 'link': {
        const profiles = await db.profile.findMany({
          where: { tenantId, deletedAt: null },
          orderBy: { id: 'asc' },
        });
        const profileId = pick(profiles, step.person)?.id;
        if (profileId !== undefined)
          await linkEmployees(db, tenantId, [{ employeeId, profileId }], actor, nowMs);
        return;
      }
      case 'unlink':
        await unlinkEmployee(db, tenantId, employeeId, nowMs);
        return;
      case 'map':
      case 'ignore':
      case 'unmap': {
        const type = pick(await types(), step.type);
        if (type === undefined) return;
        if (step.do === 'map')
          await setMapping(
            db,
            tenantId,
            type.id,
            { dayTypeId: pick(dayTypes, step.dayType) ?? 'vacation' },
            actor,
          );
        else if (step.do === 'ignore') await setMapping(db, tenantId, type.id, { ignored: true }, actor);
        else await clearMapping(db, tenantId, type.id, actor);
        return;
      }
      case 'edit day':
        await orRefused(() =>
          putManualEdit(
            db,
            tenantId,
            employeeId,
            this.date(step.day),
            { dayTypeId: 'short', expectedMinutes: step.minutes, note: null },
            actor,
            nowMs,
          ),
        );
        return;
      case 'undo edit':
        await removeManualEdit(db, tenantId, employeeId, this.date(step.day), nowMs);
        return;
      case 'employ': {
        const startsOn = step.from === null ? null : this.date(step.from);
        const endsOn = step.to === null ? null : this.date(step.to);
        if (startsOn !== null && endsOn !== null && endsOn < startsOn) return;
        await putEmployee(
          db,
          tenantId,
          employeeId,
          { name: employeeId, email: null, startsOn, endsOn },
          nowMs,
        );
        return;
      }
      case 'drain':
      case 'apply facts':
      case 'reconcile': {
        this.crashing.arm(step.crashAt === null ? null : { at: step.crashAt, committed: step.committed });
        try {
          if (step.do === 'drain') await this.drain();
          else if (step.do === 'apply facts') await this.applyFacts();
          else await this.reconcile('manual');
        } catch (error) {
          // What a crash leaves behind is what the next step, and at last the quiet end, must cope with.
          if (step.crashAt === null || !isCrash(error)) throw error;
        } finally {
          this.crashing.arm(null);
        }
        return;
      }
      default:
        throw new Error(`No such step: ${JSON.stringify(step)}`);
    }
  }

  /** Factorial is quiet, deliveries are drained, one reconciliation has run (rule 4). */
  async settle(): Promise<void> {
    for (const { topic, id } of this.late.splice(0).toReversed()) await this.store(topic, id);
    await this.drain();
    await this.reconcile('manual');
    await this.run('applyFacts', { connected: true });
    const { count } = await this.db.pendingDeletion.updateMany({
      where: { tenantId: this.tenantId, decision: null },
      data: { decision: 'approve' },
    });
    if (count > 0) await this.run('carryOutDecisions', {});
    await this.applyFacts();
  }

  private async drain(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const { left, nextDueAt } = await this.run('drainInbox', {});
      if (left === 0 || nextDueAt !== null) return;
    }
    throw new Error('The inbox does not get empty.');
  }

  private async applyFacts(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const { left } = await this.run('applyFacts', { connected: true });
      if (left === 0) break;
    }
    const marked = await markedEmployees(this.db, this.tenantId, 10);
    if (marked.length > 0) throw new Error('Marks are left.');
  }

  /** The steps of `reconciliationWorkflow`; one that a crash left running is gone on with, as a workflow would. */
  private async reconcile(trigger: 'first' | 'manual'): Promise<void> {
    const running = await this.db.reconciliation.findFirst({
      where: { tenantId: this.tenantId, status: 'running' },
    });
    const id =
      running?.id ??
      (
        await this.run('openReconciliation', {
          trigger: trigger === 'manual' ? 'gap' : trigger,
          nightOn: null,
        })
      )?.id;
    if (id === undefined) return;
    const step = { reconciliationId: id };
    await this.run('beginReconciliation', step);
    for (const kind of ['employees', 'absence_types', 'holidays', 'absences'] as const) {
      while (!(await this.run('sweepKind', { ...step, kind })).done);
    }
    while (!(await this.run('sweepPlans', step)).done);
    await this.run('settleDeletions', step);
    await this.run('prepareDays', step);
    while ((await this.run('computeDays', step)).left);
    const { status } = await this.run('endReconciliation', { ...step, failureCode: null });
    if (status === 'failed') throw new Error('The reconciliation failed.');
    // One that was interrupted has seen what was there before: a second one sees the end.
    if (running !== null) await this.reconcile(trigger);
  }

  private async run<Name extends keyof Activities>(
    name: Name,
    input: Omit<Parameters<Activities[Name]>[0], 'tenantId' | 'generation' | 'nowMs'>,
  ): Promise<Awaited<ReturnType<Activities[Name]>>> {
    const { tenantId, nowMs } = this;
    const activity = this.activities[name] as unknown as (value: object) => Promise<unknown>;
    const result = await new MockActivityEnvironment().run(activity, {
      tenantId,
      generation: 1,
      nowMs,
      ...input,
    });
    return result as Awaited<ReturnType<Activities[Name]>>;
  }

  private async alive(): Promise<{ id: string; deleted_at: string | null }[]> {
    return (await this.rows<{ id: string; deleted_at: string | null }>('leaves')).filter(
      (leave) => leave.deleted_at === null,
    );
  }

  private date(offset: number): CivilDate {
    return addDays(this.today, offset);
  }

  private async deliver(topic: string, id: string, fate: Fate): Promise<void> {
    if (fate === 'lost') return;
    if (fate === 'late') this.late.push({ topic, id });
    else await this.store(topic, id);
    if (fate === 'twice') await this.store(topic, id);
  }

  private async store(topic: string, resourceId: string): Promise<void> {
    const { tenantId } = this;
    const bodyHash = createHash('sha256').update(newSecret()).digest('hex');
    await storeDeliveries(this.db, [
      {
        tenantId,
        subscriptionId: randomUUID(),
        topic,
        resourceId,
        updatedAtFloor: null,
        bodyHash,
        bodyEnc: null,
      },
    ]);
  }
}

export async function allowRedirect(factorialUrl: string): Promise<void> {
  await createFactorialCaller(factorialUrl)('POST', 'applications', {
    clientId: 'workmeter-demo',
    addRedirectUris: [redirectUri],
  });
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items.length === 0 ? undefined : items[index % items.length];
}

async function orRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not_employed') throw error;
  }
}

/** Activities hand errors on as failures without a cause; a crash shows as an internal error that names it. */
const isCrash = (error: unknown): boolean => error instanceof Error && error.message.includes('Crash');
