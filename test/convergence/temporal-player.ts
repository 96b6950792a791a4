import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { factsChangedSignal } from '../../contracts/temporal/connection.ts';
import { demoApplication } from '../../stack/seed.ts';
import { UnexpectedAnswer, type CallApi, type CallFactorial } from '../support/callers.ts';
import { authorize, F } from '../support/story.ts';
import { GiveUp, waitFor } from '../support/wait-for.ts';
import { Player, type PlayerParts } from './player.ts';
import type { Step } from './steps.ts';
import type { TemporalStage } from './temporal-stage.ts';

/** Generous: passing troubles are waited out by the service itself. */
const deadlineMs = 300_000;

/** The clock goes as it does; whose token it is stays: a company's that is refused needs a person who authorizes anew. */
const leftOut = new Set<Step['do']>(['sleep', 'authorize', 'refuse token']);

/**
 * Plays a history against the running service: webhooks over HTTP, the connection workflow does what the in-process player
 * does by itself, and reconciliations are asked for over the API.
 */
export class TemporalPlayer extends Player {
  private readonly stage: TemporalStage;
  private admin: CallApi | null = null;

  constructor(stage: TemporalStage, simulator: PlayerParts['simulator']) {
    super({ db: stage.db, simulator });
    this.stage = stage;
  }

  override async begin(seed: number): Promise<void> {
    this.nowMs = Date.now();
    this.admin = await this.stage.adminOf(this.tenantId);
    await this.found(seed);
    await this.connect();
    await this.introduce();
    await this.tell();
  }

  override async play(step: Step): Promise<void> {
    if (leftOut.has(step.do)) return;
    this.nowMs = Date.now();
    await super.play(step);
    await this.tell();
  }

  override async settle(): Promise<void> {
    this.simulator.world.faults.clear();
    await this.factorial('PUT', 'switches', { environment: 'own' });
    await this.rest();
    for (const { topic, id } of this.late.splice(0).toReversed()) await this.store(topic, id);
    await this.rest();
    const status = await this.reconcile();
    if (status === 'failed') throw new Error('The reconciliation failed.');
    await this.decide('approve');
    await this.rest();
    this.nowMs = Date.now();
  }

  protected override async connect(): Promise<void> {
    await this.patiently(() => this.call('PUT', `${F}/credentials`, demoApplication));
    const factorial: CallFactorial = (method, path, body) => this.factorial(method, path, body);
    await this.patiently(() => authorize({ admin: this.call, factorial, factorialUrl: this.simulator.url }));
    await this.until('the first synchronisation to end', async () => {
      const [first] = await this.db.reconciliation.findMany({ where: { tenantId: this.tenantId } });
      return first?.status === 'completed';
    });
  }

  override async drain(): Promise<null> {
    await this.rest();
    return null;
  }

  override async applyFacts(): Promise<void> {
    await this.rest();
  }

  override async pollHolidays(): Promise<void> {
    // It is polled by the clock; what it would find the reconciliation finds.
  }

  override async drainElsewhere(): Promise<void> {
    // The workflow is the other worker.
  }

  override async reconcile(): Promise<string> {
    const id = await this.ask();
    return await this.until('a reconciliation to end', async () => {
      const { status } = await this.db.reconciliation.findUniqueOrThrow({
        where: { tenantId_id: { tenantId: this.tenantId, id } },
      });
      return status === 'queued' || status === 'running' ? null : status;
    });
  }

  override async goOnReconciling(activities: number): Promise<string> {
    if (activities !== Infinity) await this.ask();
    return 'running';
  }

  /** Asks for a reconciliation. Answers its id. */
  private async ask(): Promise<string> {
    const { body } = await this.patiently(() => this.call<{ id: string }>('POST', `${F}/reconciliations`));
    return body.id;
  }

  /** Side by side, as it comes. */
  override async overlap(
    _at: number,
    slow: () => Promise<unknown>,
    meanwhile: () => Promise<unknown>,
  ): Promise<void> {
    await Promise.all([slow(), meanwhile()]);
  }

  override async dying(mishap: object | null, work: () => Promise<unknown>): Promise<void> {
    const working = work();
    if (mishap !== null) await this.stage.cutConnections();
    await working;
  }

  override async decide(decision: 'approve' | 'reject'): Promise<boolean> {
    const waiting = await this.db.pendingDeletion.findFirst({
      where: { tenantId: this.tenantId, decision: null },
    });
    if (waiting === null) return false;
    // A newer reconciliation may just have looked again: then there is nothing to decide on.
    const path = `${F}/reconciliations/${waiting.reconciliationId}/approval`;
    return await this.patiently(async () => {
      await this.call('POST', path, { decision }).catch((error: unknown) => {
        if (!isAnswered(error, 409)) throw error;
      });
      return true as const;
    });
  }

  protected override async store(topic: string, id: string): Promise<void> {
    const subscription = this.company.subscriptions.all().find(({ type }) => type === topic);
    if (subscription === undefined) throw new Error(`Nobody subscribed to ${topic}.`);
    // As Factorial does: again until it is taken.
    await this.until(`${topic} to be taken`, async () => {
      const answer = await fetch(subscription.target_url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-factorial-wh-challenge': subscription.challenge ?? '',
        },
        body: JSON.stringify({ id }),
      });
      await answer.arrayBuffer();
      return answer.ok;
    });
  }

  /** As a person does who is told to try again in a moment: other histories take the service's database away. */
  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    return await this.until('the service to answer', async () => {
      try {
        return await work();
      } catch (error) {
        if (isAnswered(error, 503)) throw error;
        throw new GiveUp(String(error), { cause: error });
      }
    });
  }

  private get call(): CallApi {
    if (this.admin === null) throw new Error('The history has not begun.');
    return this.admin;
  }

  /** What people set in WorkMeter was written by repositories; the API would ring now. */
  private async tell(): Promise<void> {
    const { client } = this.stage.temporal;
    await client.workflow
      .getHandle(connectionWorkflowId(this.tenantId))
      .signal(factsChangedSignal, { marked: 1 });
  }

  /** Until nothing is left to read, to compute or to compare. */
  private async rest(): Promise<void> {
    const where = { where: { tenantId: this.tenantId } };
    await this.until('the service to rest', async () => {
      const left = {
        deliveries: await this.db.inboxRow.count({ where: { tenantId: this.tenantId, outcome: null } }),
        marks: await this.db.recomputeMark.count(where),
        plans: await this.db.employeeLink.count({
          where: { tenantId: this.tenantId, plannedReadNumber: null },
        }),
        decisions: await this.db.pendingDeletion.count({
          where: { tenantId: this.tenantId, decision: { not: null }, carriedOutAt: null },
        }),
        reconciliations: await this.db.reconciliation.count({
          where: { tenantId: this.tenantId, status: { in: ['queued', 'running'] } },
        }),
      };
      if (Object.values(left).every((count) => count === 0)) return true;
      throw new Error(`left: ${JSON.stringify(left)}`);
    });
  }

  private async until<T>(what: string, check: () => Promise<T | null | false>): Promise<T> {
    return await waitFor(`${this.tenantId}: ${what}`, check, deadlineMs);
  }
}

const isAnswered = (error: unknown, status: number): boolean =>
  error instanceof UnexpectedAnswer && error.status === status;
