import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import type { Company } from './company.ts';
import type { Random } from './random.ts';
import type { Author, SubscriptionRow } from './rows.ts';
import type { Switches } from './switches.ts';

/** The real figures: at most 20 attempts within 48 hours. The spacing is ours: 10 s, then 1.6 times as long each, 35 h in all. */
const MAX_ATTEMPTS = 20;
const RETRY_WINDOW_MS = 48 * 3_600_000;
const FIRST_RETRY_MS = 10_000;
const RETRY_GROWTH = 1.6;
/** Somebody is written to at these attempts; where the last one fails too, the subscription is disabled. */
const ATTEMPTS_WITH_NOTICE = [1, 5, 10, 15, MAX_ATTEMPTS];
/** Finished deliveries beyond this are forgotten, oldest first. */
const LOG_LENGTH = 200_000;
const NOTICE_LOG_LENGTH = 1_000;

export interface Delivery {
  id: string;
  subscription_id: string;
  company_id: string;
  type: string;
  resource_ids: string[];
  duplicate: boolean;
  /** pending; delivered; exhausted (disabled the subscription); dropped (its subscription went away); lost, held (by request) */
  status: 'pending' | 'delivered' | 'exhausted' | 'dropped' | 'lost' | 'held';
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  last_attempt_at: string | null;
  next_attempt_at: string | null;
}

/** Where the real one sends an e-mail: to its partner, to the owner of the application or to administrators. */
export interface Notice {
  at: string;
  company_id: string;
  subscription_id: string;
  type: string;
  attempt: number;
  /** The deliveries fail; or they are given up, and the subscription is disabled. */
  about: 'failing' | 'disabled';
}

/** What is to happen to the next deliveries: never sent, sent twice, or kept back until they are released. */
export const FATES = ['lost', 'twice', 'held'] as const;
export type Fate = (typeof FATES)[number];

/** Which deliveries a fate is meant for; null is any type, any company. */
export interface FateOrder {
  fate: Fate;
  count: number;
  type: string | null;
  companyId: string | null;
}

interface Job {
  company: Company;
  subscription: SubscriptionRow;
  delivery: Delivery;
  body: string;
  headers: Record<string, string>;
  createdMs: number;
  dueMs: number;
}

interface Queue {
  jobs: Job[];
  workers: number;
}

export interface Event {
  type: string;
  ids: string[];
  body: string;
  author: Author | null;
}

export interface Deliveries {
  /** Queues one event for one subscription. */
  enqueue(company: Company, subscription: SubscriptionRow, event: Event): void;
  /** Decides what happens to the next `count` deliveries. Orders that fit are used up in the order in which they came. */
  decide(order: FateOrder): void;
  /** Sends what was kept back, the newest first or as it came; answers how many those are. */
  release(options: { companyId: string | null; newestFirst: boolean }): number;
  all(): readonly Delivery[];
  notices(): readonly Notice[];
  /** Resolves to true once nothing is being sent, queued or overdue; to false when that takes longer. */
  settle(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface DeliveryDeps {
  clock: Clock;
  switches: Switches;
  random: Random;
  nextId: () => string;
  logger: FastifyBaseLogger | undefined;
  /** The subscription has just been disabled by a delivery that used up its attempts. */
  onDisabled: (company: Company, subscription: SubscriptionRow) => void;
}

/**
 * Sends deliveries for real. Each subscription has its own queue, worked off in order and, unless a switch says
 * otherwise, one by one; a delivery that failed leaves the queue and comes back at its due time, so it may arrive long after newer ones.
 */
export function createDeliveries({
  clock,
  switches,
  random,
  nextId,
  logger,
  onDisabled,
}: DeliveryDeps): Deliveries {
  const log: Delivery[] = [];
  const notices: Notice[] = [];
  const queues = new Map<string, Queue>();
  const running = new Set<Promise<void>>();
  let orders: FateOrder[] = [];
  let held: Job[] = [];
  const stop = new AbortController();

  function takeFate(company: Company, type: string): Fate | null {
    const order = orders.find(
      (candidate) =>
        (candidate.type === null || candidate.type === type) &&
        (candidate.companyId === null || candidate.companyId === company.id),
    );
    if (order === undefined) return null;
    order.count -= 1;
    orders = orders.filter(({ count }) => count > 0);
    return order.fate;
  }

  function createJob(company: Company, subscription: SubscriptionRow, event: Event, duplicate: boolean): Job {
    const createdMs = clock.now();
    const delivery: Delivery = {
      id: nextId(),
      subscription_id: subscription.id,
      company_id: company.id,
      type: event.type,
      resource_ids: event.ids,
      duplicate,
      status: 'pending',
      attempts: 0,
      last_status: null,
      last_error: null,
      created_at: toTimestamp(createdMs),
      last_attempt_at: null,
      next_attempt_at: null,
    };
    log.push(delivery);
    if (log.length > LOG_LENGTH && log[0]?.status !== 'pending') log.shift();
    const headers = authorHeaders(event.author);
    return { company, subscription, delivery, body: event.body, headers, createdMs, dueMs: createdMs };
  }

  function authorHeaders(author: Author | null): Record<string, string> {
    if (author === null || switches.authorHeaders === 'omitted') return {};
    return { 'x-factorial-author-id': author.id, 'x-factorial-author-type': author.type };
  }

  function schedule(job: Job): void {
    if (job.dueMs <= clock.now()) return push(job);
    job.delivery.next_attempt_at = toTimestamp(job.dueMs);
    clock.at(job.dueMs, () => push(job));
  }

  function push(job: Job): void {
    const { id } = job.subscription;
    const queue = queues.get(id) ?? { jobs: [], workers: 0 };
    queues.set(id, queue);
    queue.jobs.push(job);
    if (queue.workers >= switches.parallelDeliveries) return;
    queue.workers += 1;
    const worker = work(queue).finally(() => running.delete(worker));
    running.add(worker);
  }

  async function work(queue: Queue): Promise<void> {
    const { jobs } = queue;
    // Let the caller finish first: an event is delivered after the change that caused it was answered.
    await new Promise((resolve) => setImmediate(resolve));
    while (jobs.length > 0 && !stop.signal.aborted) {
      const index = switches.shuffle ? random.between(0, jobs.length - 1) : 0;
      const [job] = jobs.splice(index, 1);
      if (job !== undefined) await attempt(job);
    }
    // At once, not when this promise is looked at: a job that is pushed in between would wait for a worker that is gone.
    queue.workers -= 1;
  }

  async function attempt(job: Job): Promise<void> {
    const { company, subscription, delivery } = job;
    delivery.next_attempt_at = null;
    if (company.subscriptions.get(subscription.id) === undefined || !subscription.enabled) {
      delivery.status = 'dropped';
      return;
    }

    delivery.attempts += 1;
    delivery.last_attempt_at = toTimestamp(clock.now());
    const received = await send(job);
    if (stop.signal.aborted) return;
    if (received) {
      delivery.status = 'delivered';
      return;
    }

    // The next due time counts from this one, not from now: a clock moved by a day catches up on all attempts of that day.
    job.dueMs += (FIRST_RETRY_MS * RETRY_GROWTH ** (delivery.attempts - 1)) / switches.retryClockFactor;
    const isLast = delivery.attempts >= MAX_ATTEMPTS || job.dueMs - job.createdMs > RETRY_WINDOW_MS;
    if (isLast || ATTEMPTS_WITH_NOTICE.includes(delivery.attempts)) notify(delivery, isLast);
    if (!isLast) return schedule(job);
    delivery.status = 'exhausted';
    company.subscriptions.update(subscription, { enabled: false });
    onDisabled(company, subscription);
  }

  function notify({ company_id, subscription_id, type, attempts }: Delivery, disabled: boolean): void {
    notices.push({
      at: toTimestamp(clock.now()),
      company_id,
      subscription_id,
      type,
      attempt: attempts,
      about: disabled ? 'disabled' : 'failing',
    });
    if (notices.length > NOTICE_LOG_LENGTH) notices.shift();
  }

  async function send({ subscription, delivery, body, headers }: Job): Promise<boolean> {
    const challenge: Record<string, string> =
      subscription.challenge === null ? {} : { 'x-factorial-wh-challenge': subscription.challenge };
    try {
      const response = await fetch(subscription.target_url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...challenge, ...headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(switches.attemptTimeoutMs)]),
      });
      await response.arrayBuffer();
      delivery.last_status = response.status;
      delivery.last_error = null;
      return switches.acceptStatus === '200' ? response.status === 200 : response.ok;
    } catch (err) {
      delivery.last_status = null;
      delivery.last_error = err instanceof Error ? err.message : String(err);
      logger?.debug({ deliveryId: delivery.id, err }, 'delivery attempt failed');
      return false;
    }
  }

  const isIdle = () => running.size === 0 && clock.overdue() === 0;

  return {
    enqueue(company, subscription, event) {
      const fate = takeFate(company, event.type);
      const copies = fate === 'twice' || random.next() < switches.duplicateRate ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const job = createJob(company, subscription, event, copy > 0);
        if (fate === 'lost' || fate === 'held') {
          job.delivery.status = fate;
          if (fate === 'held') held.push(job);
          continue;
        }
        job.dueMs += switches.delayMs;
        schedule(job);
      }
    },
    decide(order) {
      orders.push({ ...order });
    },
    release({ companyId, newestFirst }) {
      const isMeant = ({ company }: Job) => companyId === null || company.id === companyId;
      const released = held.filter(isMeant);
      held = held.filter((job) => !isMeant(job));
      for (const job of newestFirst ? released.toReversed() : released) {
        job.delivery.status = 'pending';
        // It has waited of our own will: its attempts and its 48 hours begin now.
        job.createdMs = job.dueMs = clock.now();
        schedule(job);
      }
      return released.length;
    },
    all: () => log,
    notices: () => notices,
    async settle(timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!isIdle()) {
        if (Date.now() > deadline) return false;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return true;
    },
    async close() {
      stop.abort();
      queues.clear();
      await Promise.all(running);
    },
  };
}

function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}
