import type { Activities } from '../../../activities/index.ts';
import type { CommandItem } from '../../../contracts/temporal/connection.ts';
import type { ConnectionSnapshot } from '../../../domain/connection-snapshot.ts';
import { refreshDueAt } from '../../../domain/token-life.ts';

/** What an activity was asked, and when by the workflow's clock. */
export interface Call {
  readonly name: keyof Activities;
  readonly input: object;
  readonly atMs: number;
  /** By the clock of the test. */
  readonly calledAt: number;
}

/** The database of one tenant, as far as its workflow can see it. */
export interface FakeDatabase {
  snapshot: ConnectionSnapshot;
  commands: CommandItem[];
  /** Deliveries that nobody has worked off. */
  inbox: number;
  drained: number;
  token: { version: number; obtainedAt: number; expiresInMs: number | null };
  /** Trigger or civil date of each reconciliation, oldest first. */
  reconciliations: {
    id: string;
    key: string;
    trigger: 'first' | 'nightly' | 'manual' | 'gap';
    status: string;
  }[];
}

export interface Fakes {
  readonly activities: Activities;
  readonly db: FakeDatabase;
  readonly calls: readonly Call[];
  callsOf(name: keyof Activities): Call[];
}

const hourMs = 3_600_000;

/** A connected tenant, rested: nothing waits. */
function connectedSnapshot(): ConnectionSnapshot {
  return {
    status: 'connected',
    generation: 1,
    paused: false,
    tokenVersion: 1,
    tokenStatus: 'correct',
    credentialsUntried: false,
    refreshDueAt: null,
    attempt: null,
    undoneCommands: 0,
    undoneDeliveries: 0,
    marked: 0,
    runningReconciliation: null,
    queuedReconciliations: 0,
    unretiredSubscriptions: 19,
    timeZone: 'Europe/Madrid',
    nightlyHour: 2,
    holidayPollMinutes: 60,
    troubleCodes: [],
    openFailures: 0,
    oldestPendingAt: null,
    lastVerifiedAt: null,
  };
}

/**
 * Activities that behave as the real ones towards the workflow, over a database that is a plain object. `override`
 * replaces some; it gets the database and the fakes that it replaces.
 */
export function createFakes(
  tenantId: string,
  nowMs: number,
  override: (db: FakeDatabase, fakes: Activities) => Partial<Activities> = () => ({}),
): Fakes {
  const db: FakeDatabase = {
    snapshot: connectedSnapshot(),
    commands: [],
    inbox: 0,
    drained: 0,
    token: { version: 1, obtainedAt: nowMs, expiresInMs: 365 * 24 * hourMs },
    reconciliations: [],
  };
  const calls: Call[] = [];
  const fakes = fakesOver(tenantId, db);
  const all = { ...fakes, ...override(db, fakes) };
  const noted = Object.entries(all).map(([name, activity]) => [
    name,
    async (input: { nowMs?: number }) => {
      calls.push({
        name: name as keyof Activities,
        input,
        atMs: input.nowMs ?? 0,
        calledAt: performance.now(),
      });
      return await (activity as (value: unknown) => Promise<unknown>)(input);
    },
  ]);
  return {
    activities: Object.fromEntries(noted) as Activities,
    db,
    calls,
    callsOf: (name) => calls.filter((call) => call.name === name),
  };
}

function fakesOver(tenantId: string, db: FakeDatabase): Activities {
  const set = (part: Partial<ConnectionSnapshot>): void => void (db.snapshot = { ...db.snapshot, ...part });
  const running = () => db.reconciliations.find((one) => one.status === 'running') ?? null;
  const isConnected = (): boolean => db.snapshot.status === 'connected';
  /** Null: a company token, which is never refreshed. */
  const dueAt = (obtainedMs: number, lifeMs: number | null): number | null =>
    refreshDueAt(tenantId, {
      obtainedAt: new Date(obtainedMs),
      expiresAt: lifeMs === null ? null : new Date(obtainedMs + lifeMs),
      hasRefreshToken: lifeMs !== null,
      refreshFailingSince: null,
    });

  return {
    async readConnection() {
      const { token } = db;
      const open = running();
      return {
        ...db.snapshot,
        tokenVersion: isConnected() ? token.version : null,
        refreshDueAt: isConnected() ? dueAt(token.obtainedAt, token.expiresInMs) : null,
        undoneCommands: db.commands.length,
        undoneDeliveries: db.inbox,
        runningReconciliation: open,
        queuedReconciliations: db.reconciliations.filter((one) => one.status === 'queued').length,
      };
    },
    async takeCommands() {
      return [...db.commands];
    },
    async settleCommand({ commandId, to, generation, attempt }) {
      db.commands = db.commands.filter((command) => command.id !== commandId);
      const next =
        to === 'disconnected' && db.snapshot.status !== 'disconnected' ? generation + 1 : generation;
      set({ status: to, generation: next, ...(attempt === null ? {} : { attempt: null }) });
      return { generation: next };
    },
    async noteTrouble({ code, over }) {
      const others = db.snapshot.troubleCodes.filter((one) => one !== code);
      set({ troubleCodes: over ? others : [...others, code] });
    },
    async exchangeAuthorization({ generation }) {
      set({ status: 'connected', generation: generation + 1, attempt: null });
      return { outcome: 'connected', generation: generation + 1 };
    },
    async renewToken({ nowMs }) {
      db.token = { ...db.token, version: db.token.version + 1, obtainedAt: nowMs };
      const { version, obtainedAt, expiresInMs } = db.token;
      return { outcome: 'valid', tokenVersion: version, refreshDueAt: dueAt(obtainedAt, expiresInMs) };
    },
    async tearDown() {
      set({ unretiredSubscriptions: 0 });
      return { done: true, leftBehind: 0 };
    },
    async ensureSubscriptions() {
      return { active: 19, repaired: 0, conflicts: 0, refused: 0, contested: [], tellsNews: false };
    },
    async pollStreams() {
      return { read: 0, marked: 0 };
    },
    async drainInbox() {
      const applied = db.inbox;
      db.inbox = 0;
      db.drained += applied;
      return {
        outcomes: { applied },
        left: 0,
        nextDueAt: null,
        checkSubscriptions: false,
        marked: 0,
        open: { count: 0, codes: [] },
      };
    },
    async applyFacts() {
      return { plans: 0, employees: 0, days: 0, left: 0 };
    },
    async pollHolidays() {
      return { read: 0, changed: 0, marked: 0 };
    },
    async openReconciliation({ trigger, nightOn }) {
      const isNew = nightOn === null || !db.reconciliations.some((one) => one.key === nightOn);
      if (trigger !== null && isNew) {
        const id = `r${db.reconciliations.length + 1}`;
        db.reconciliations.push({ id, key: nightOn ?? id, trigger, status: 'queued' });
      }
      if (running() !== null) return null;
      const next = db.reconciliations.find((one) => one.status === 'queued');
      if (next === undefined) return null;
      next.status = 'running';
      return { id: next.id, key: next.key, trigger: next.trigger };
    },
    async watchReconciliation() {
      return { running: running() !== null };
    },
    async carryOutDecisions() {
      return { approved: 0, rejected: 0, left: false };
    },
    async operate({ actionId, request: { verb, ask } }) {
      if (verb === 'pause' || verb === 'resume') if (ask.dryRun !== true) set({ paused: verb === 'pause' });
      const outcome = ask.dryRun === true ? ('would' as const) : ('done' as const);
      return {
        answer: { actionId, verb, outcome, message: verb, counts: {}, id: null },
        refusal: null,
        waiting: [],
      };
    },
    async replayBatch() {
      return { ended: 'completed', count: 0, done: 0, succeeded: 0, failed: 0 };
    },
    async endReplay() {},
    async beginReconciliation() {},
    async sweepKind() {
      return { done: true, rows: 0 };
    },
    async sweepPlans() {
      return { done: true, rows: 0 };
    },
    async settleDeletions() {
      return { deleted: 0, held: 0 };
    },
    async prepareDays() {
      return { onboarded: 0 };
    },
    async computeDays() {
      return { employees: 0, days: 0, left: false };
    },
    async endReconciliation({ reconciliationId, nowMs, failureCode }) {
      const status = failureCode === null ? 'completed' : 'failed';
      for (const one of db.reconciliations) if (one.id === reconciliationId) one.status = status;
      set({ lastVerifiedAt: nowMs });
      return { status, verified: status === 'completed' };
    },
  };
}
