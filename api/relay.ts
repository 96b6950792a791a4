import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';
import type { Database } from '../repositories/database.ts';
import { dropOld, type Retention } from '../repositories/retention.ts';
import { findRelayWork, type RelayWork } from '../repositories/relay-work.ts';
import type { Doorbell } from './doorbell.ts';
import type { Metrics } from './metrics.ts';
import { ringBell, webhookSpacingMs, type RelayOutcome } from './relay-bells.ts';

export interface Relay {
  /** A delivery of this tenant was stored: rings at once if nobody did a moment ago. */
  notify(tenantId: string): void;
  start(): void;
  /** Lets the rings that are under way end, then rings no more. */
  stop(): Promise<void>;
}

export interface RelayDeps {
  readonly db: Database;
  readonly doorbell: Doorbell;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** How long is kept what is over and done; for ever unless told. */
  readonly retention?: Retention;
  /** When what is too old is looked for first; then every hour. A minute after the start unless told. */
  readonly firstRetentionMs?: number;
  /** How often everything is looked through, for what another process left behind. 2 s unless told. */
  readonly sweepMs?: number;
}

const defaultSweepMs = 2_000;
/** How often what is too old is looked for. */
const retentionEveryMs = 3_600_000;
/** A process that just started has other things to do. */
const defaultFirstRetentionMs = 60_000;
/** Tenants that one sweep looks at; the rest comes with the next, as those rung least recently come first. */
const tenantsPerSweep = 500;
/** Rings under way at a time: a slow workflow holds up no other. */
const lanes = 8;
/** Between the starts of two rings: at most 100 a second leave this process, also when a backlog drains. */
const paceMs = 10;
const firstBackoffMs = 1_000;
const longestBackoffMs = 30_000;

/** Rings tenants' workflows for whatever is in the database and undone, whoever wrote it and whatever was lost before. */
export function createRelay(deps: RelayDeps): Relay {
  const { db, doorbell, metrics, logger, retention, sweepMs = defaultSweepMs } = deps;
  /** Tenants with new deliveries, and the moment from which to ring. */
  const woken = new Map<string, number>();
  /** Tenants that were rung for deliveries a moment ago, and when they may be rung again. */
  const resting = new Map<string, number>();
  /** What to ring for, tenants in turn. */
  const queue = new Map<string, RelayWork>();
  const underWay = new Set<Promise<void>>();
  let wake: () => void = () => undefined;
  let nextSweepAt = 0;
  let nextRetentionAt = performance.now() + (deps.firstRetentionMs ?? defaultFirstRetentionMs);
  let cleaning: Promise<void> = Promise.resolve();
  let backoffMs = 0;
  let backoffUntil = 0;
  let isStopped = false;
  let loop: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!isStopped) {
      if (!isBackingOff()) {
        enqueueWoken();
        if (performance.now() >= nextSweepAt) await sweep();
        if (performance.now() >= nextRetentionAt) cleaning = clean();
        await startRings();
      }
      await pause();
    }
    await Promise.all([...underWay, cleaning]);
  }

  const isBackingOff = (): boolean => performance.now() < backoffUntil;
  const enqueue = (work: RelayWork): unknown => queue.set(`${work.bell} ${work.tenantId}`, work);

  function enqueueWoken(): void {
    const now = performance.now();
    for (const [tenantId, at] of woken) {
      if (at > now) continue;
      woken.delete(tenantId);
      enqueue({ tenantId, bell: 'webhooks' });
    }
  }

  async function sweep(): Promise<void> {
    const now = performance.now();
    nextSweepAt = now + sweepMs;
    for (const [tenantId, until] of resting) if (until <= now) resting.delete(tenantId);
    try {
      for (const work of await findRelayWork(db, tenantsPerSweep)) enqueue(work);
    } catch (err) {
      logger.warn({ err }, 'the relay cannot read what to ring for');
    }
  }

  /** Beside the rings, which do not wait for it. Never rejects: what is left is dropped the next time. */
  async function clean(): Promise<void> {
    nextRetentionAt = performance.now() + retentionEveryMs;
    if (retention === undefined) return;
    try {
      const dropped = await dropOld(db, retention, () => !isStopped);
      if (Object.values(dropped).some((rows) => rows > 0))
        logger.info({ dropped }, 'what was too old is dropped');
    } catch (err) {
      logger.warn({ err }, 'what is too old could not be dropped');
    }
  }

  async function startRings(): Promise<void> {
    for (const [key, work] of queue) {
      if (isStopped || isBackingOff() || underWay.size >= lanes) return;
      queue.delete(key);
      const ring = ringOne(work).finally(() => {
        underWay.delete(ring);
        wake();
      });
      underWay.add(ring);
      await sleep(paceMs);
    }
  }

  /** Never rejects: what fails is found again by the next sweep. */
  async function ringOne(work: RelayWork): Promise<void> {
    try {
      const outcome = await ringBell(db, doorbell, work);
      metrics.rings.inc({ bell: work.bell, outcome: outcome.kind });
      follow(work, outcome);
    } catch (err) {
      logger.warn({ err, tenantId: work.tenantId, bell: work.bell }, 'the relay could not ring');
    }
  }

  function follow({ tenantId, bell }: RelayWork, outcome: RelayOutcome): void {
    if (outcome.kind === 'accepted') backOff(0);
    if (outcome.kind === 'away' && !isBackingOff()) {
      backOff(Math.min(longestBackoffMs, Math.max(firstBackoffMs, backoffMs * 2)));
    }
    if (bell !== 'webhooks') return;
    const restMs = restOf(outcome);
    const now = performance.now();
    if (restMs > 0) resting.set(tenantId, now + Math.min(restMs, sweepMs));
    if (outcome.kind === 'spaced' && restMs < sweepMs && !woken.has(tenantId))
      woken.set(tenantId, now + restMs);
  }

  function backOff(ms: number): void {
    if (ms > 0) logger.warn({ waitMs: ms }, 'Temporal is away; the relay waits');
    backoffMs = ms;
    backoffUntil = ms === 0 ? 0 : performance.now() + ms;
    metrics.relayBackoffSeconds.set(ms / 1000);
  }

  /** Until a ring ends, somebody notifies, a woken tenant's moment comes, or the next sweep is due. */
  async function pause(): Promise<void> {
    let at = nextSweepAt;
    for (const moment of woken.values()) at = Math.min(at, moment);
    const waitMs = Math.max(1, Math.max(at, backoffUntil) - performance.now());
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
      wake = resolve;
      if (isStopped) resolve();
    });
    clearTimeout(timer);
  }

  return {
    notify: (tenantId) => {
      if (woken.has(tenantId)) return;
      woken.set(tenantId, resting.get(tenantId) ?? 0);
      if (!isBackingOff()) wake();
    },
    start: () => {
      loop = run();
    },
    stop: async () => {
      isStopped = true;
      wake();
      await loop;
    },
  };
}

/** How long a tenant's next ring for deliveries would only be refused: until then nothing is looked up for it. */
function restOf(outcome: RelayOutcome): number {
  if (outcome.kind === 'spaced') return outcome.waitMs;
  return outcome.kind === 'accepted' ? webhookSpacingMs : 0;
}
