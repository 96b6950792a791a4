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
const ATTEMPT_TIMEOUT_MS = 10_000;
/** Finished deliveries beyond this are forgotten, oldest first. */
const LOG_LENGTH = 200_000;

export interface Delivery {
  id: string;
  subscription_id: string;
  company_id: string;
  type: string;
  resource_ids: string[];
  duplicate: boolean;
  /** pending; delivered; exhausted (disabled the subscription); dropped (its subscription went away); lost (by request) */
  status: 'pending' | 'delivered' | 'exhausted' | 'dropped' | 'lost';
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  last_attempt_at: string | null;
  next_attempt_at: string | null;
}

interface Job {
  delivery: Delivery;
  body: string;
  headers: Record<string, string>;
  createdMs: number;
  dueMs: number;
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
  /** The next `count` deliveries, of one type or of any, are never sent. */
  lose(count: number, type: string | null): void;
  all(): readonly Delivery[];
  /** Resolves to true once nothing is being sent, queued or overdue; to false when that takes longer. */
  settle(timeoutMs: number): Promise<boolean>;
  clear(): void;
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
 * Sends deliveries for real. Each subscription has its own queue, worked off one by one in order; a delivery
 * that failed leaves the queue and comes back at its due time, so it may arrive long after newer ones.
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
  const queues = new Map<string, Job[]>();
  const running = new Map<string, Promise<void>>();
  const losses: { left: number; type: string | null }[] = [];
  const stop = new AbortController();

  function takeLoss(type: string): boolean {
    const loss = losses.find(
      (candidate) => candidate.left > 0 && (candidate.type === null || candidate.type === type),
    );
    if (loss === undefined) return false;
    loss.left -= 1;
    return true;
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
    return { delivery, body: event.body, headers: authorHeaders(event.author), createdMs, dueMs: createdMs };
  }

  function authorHeaders(author: Author | null): Record<string, string> {
    if (author === null || switches.authorHeaders === 'omitted') return {};
    return { 'x-factorial-author-id': author.id, 'x-factorial-author-type': author.type };
  }

  function schedule(company: Company, subscription: SubscriptionRow, job: Job): void {
    if (job.dueMs <= clock.now()) return push(company, subscription, job);
    job.delivery.next_attempt_at = toTimestamp(job.dueMs);
    clock.at(job.dueMs, () => push(company, subscription, job));
  }

  function push(company: Company, subscription: SubscriptionRow, job: Job): void {
    const queue = queues.get(subscription.id) ?? [];
    queues.set(subscription.id, queue);
    queue.push(job);
    if (running.has(subscription.id)) return;
    running.set(
      subscription.id,
      work(company, subscription, queue).finally(() => running.delete(subscription.id)),
    );
  }

  async function work(company: Company, subscription: SubscriptionRow, queue: Job[]): Promise<void> {
    // Let the caller finish first: an event is delivered after the change that caused it was answered.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0 && !stop.signal.aborted) {
      const index = switches.shuffle ? random.between(0, queue.length - 1) : 0;
      const [job] = queue.splice(index, 1);
      if (job !== undefined) await attempt(company, subscription, job);
    }
  }

  async function attempt(company: Company, subscription: SubscriptionRow, job: Job): Promise<void> {
    const { delivery } = job;
    delivery.next_attempt_at = null;
    if (company.subscriptions.get(subscription.id) === undefined || !subscription.enabled) {
      delivery.status = 'dropped';
      return;
    }

    delivery.attempts += 1;
    delivery.last_attempt_at = toTimestamp(clock.now());
    const received = await send(subscription, job);
    if (stop.signal.aborted) return;
    if (received) {
      delivery.status = 'delivered';
      return;
    }

    // The next due time counts from this one, not from now: a clock moved by a day catches up on all attempts of that day.
    job.dueMs += (FIRST_RETRY_MS * RETRY_GROWTH ** (delivery.attempts - 1)) / switches.retryClockFactor;
    if (delivery.attempts >= MAX_ATTEMPTS || job.dueMs - job.createdMs > RETRY_WINDOW_MS) {
      delivery.status = 'exhausted';
      disable(company, subscription);
      return;
    }
    schedule(company, subscription, job);
  }

  async function send(subscription: SubscriptionRow, { delivery, body, headers }: Job): Promise<boolean> {
    const challenge: Record<string, string> =
      subscription.challenge === null ? {} : { 'x-factorial-wh-challenge': subscription.challenge };
    try {
      const response = await fetch(subscription.target_url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...challenge, ...headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
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

  function disable(company: Company, subscription: SubscriptionRow): void {
    company.subscriptions.update(subscription, { enabled: false });
    onDisabled(company, subscription);
  }

  const isIdle = () => running.size === 0 && clock.overdue() === 0;

  return {
    enqueue(company, subscription, event) {
      const copies = random.next() < switches.duplicateRate ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const job = createJob(company, subscription, event, copy > 0);
        if (takeLoss(event.type)) {
          job.delivery.status = 'lost';
          continue;
        }
        job.dueMs += switches.delayMs;
        schedule(company, subscription, job);
      }
    },
    lose(count, type) {
      losses.push({ left: count, type });
    },
    all: () => log,
    async settle(timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!isIdle()) {
        if (Date.now() > deadline) return false;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return true;
    },
    clear() {
      log.length = 0;
      losses.length = 0;
    },
    async close() {
      stop.abort();
      queues.clear();
      await Promise.all(running.values());
    },
  };
}

function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}
