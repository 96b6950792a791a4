import type { ConnectionInput } from '../contracts/temporal/connection.ts';
import { dutyNames, type ConnectionState, type DutyName } from '../contracts/temporal/connection-state.ts';
import type { ConnectionSnapshot } from '../domain/connection-snapshot.ts';
import { nextNight, type NightSettings } from '../domain/night.ts';
import { backOffMs } from '../domain/token-life.ts';

/** A reconciliation is looked after this often while it runs. */
export const watchMs = 10 * 60_000;
/**
 * What waits no longer than this, however often it has failed: a person waits for a command, and it asks nothing of Factorial; and
 * what Factorial has told of is brought up to date soon after it answers again.
 */
const longestWaitMs: Partial<Record<DutyName, number>> = { commands: 60_000, inbox: 5 * 60_000 };

const nothingDue = Object.fromEntries(dutyNames.map((name) => [name, null])) as Record<DutyName, null>;

const fresh: ConnectionState = {
  known: false,
  status: 'not_connected',
  generation: 0,
  paused: false,
  tokenVersion: null,
  tokenStatus: null,
  refusedTokenVersion: null,
  tokenNotBefore: null,
  credentialsReplaced: false,
  attempt: null,
  tearingDownSince: null,
  due: nothingDue,
  failures: {},
  troubles: {},
  counts: {},
  traces: {},
  reconciliationId: null,
  reconcileAs: null,
  timeZone: 'Europe/Madrid',
  nightlyHour: 2,
  holidayPollMinutes: 60,
  troubleCodes: [],
  openFailures: 0,
  oldestPendingAt: null,
  lastVerifiedAt: null,
  shown: '',
  runs: 0,
};

/** Duties that make no sense without a connection: what they waited for is forgotten with it. */
const onlyConnected = [
  'token',
  'nightly',
  'reconcile',
  'watch',
  'subscriptions',
  'holidays',
  'inbox',
] as const;

/**
 * Duties that rest while the connection is paused. Their due times stand: what was missed is made up for after the pause.
 * The token is refreshed all the same, or a long pause would cost the customer a new authorization; the night goes on
 * without a reconciliation, so that no run outlives a day.
 */
export const restWhilePaused: readonly DutyName[] = [
  'reconcile',
  'watch',
  'subscriptions',
  'holidays',
  'inbox',
];

/** The state that a run begins with: complete, also from one that an older version of the code carried over. */
export function restore({ state }: ConnectionInput): ConnectionState {
  const carried = state ?? fresh;
  return {
    ...fresh,
    ...carried,
    // What the database says is looked up once in every run: so no old view lives longer than a day.
    known: false,
    due: { ...nothingDue, ...carried.due },
    failures: { ...carried.failures },
    troubles: { ...carried.troubles },
    counts: { ...carried.counts },
    traces: { ...carried.traces },
    runs: (carried.runs ?? 0) + 1,
  };
}

/** Takes over what the database says. Due times that are set already, by signals or after failures, stay. */
export function adopt(
  state: ConnectionState,
  snapshot: ConnectionSnapshot,
  tenantId: string,
  nowMs: number,
): void {
  const { due } = state;
  const connected = snapshot.status === 'connected';
  const before = state.status;
  state.known = true;
  state.status = snapshot.status;
  state.generation = snapshot.generation;
  state.paused = snapshot.paused;
  if (state.tokenVersion !== snapshot.tokenVersion) state.tokenNotBefore = null; // another pair counts anew
  const night = { tenantId, timeZone: snapshot.timeZone, nightlyHour: snapshot.nightlyHour };
  planNight(state, night, nowMs);
  state.tokenVersion = snapshot.tokenVersion;
  state.tokenStatus = snapshot.tokenStatus;
  if (snapshot.credentialsUntried) state.credentialsReplaced = true; // also where the answer to their command was lost
  state.attempt = snapshot.attempt;
  state.reconciliationId = snapshot.runningReconciliation?.id ?? null;
  state.holidayPollMinutes = snapshot.holidayPollMinutes;
  if (snapshot.attempt === null) {
    // However its last try ended: it is over.
    due.attempt = null;
    delete state.failures.attempt;
    delete state.troubles.attempt;
  }
  state.troubleCodes = [...new Set([...snapshot.troubleCodes, ...Object.values(state.troubles)])];
  state.openFailures = snapshot.openFailures;
  state.oldestPendingAt = snapshot.oldestPendingAt;
  state.lastVerifiedAt = snapshot.lastVerifiedAt;

  if (snapshot.undoneCommands > 0) ring(state, 'commands', nowMs);
  if (snapshot.marked > 0) ring(state, 'facts', nowMs);
  const hasTraces = snapshot.tokenVersion !== null || snapshot.unretiredSubscriptions > 0;
  // Before a connection is made, what is there is an earlier one's.
  if (!connected && snapshot.status !== 'expired' && hasTraces) {
    state.tearingDownSince ??= nowMs;
    ring(state, 'teardown', nowMs);
  }
  // A code that waits is exchanged now, or when its last try said; else the attempt runs out by itself.
  if (snapshot.attempt?.received === false) due.attempt = snapshot.attempt.expiresAt;
  else if (snapshot.attempt !== null && state.failures.attempt === undefined) due.attempt = nowMs;

  if (!connected) {
    // Replaced credentials are tried out while expired, at the pace that failures allow.
    const tokenDueAt =
      snapshot.status === 'expired' && state.credentialsReplaced ? (due.token ?? nowMs) : null;
    for (const name of onlyConnected) {
      due[name] = null;
      if (name === 'token' && tokenDueAt !== null) continue;
      delete state.failures[name];
      delete state.troubles[name];
    }
    due.token = tokenDueAt;
    state.reconcileAs = null;
    state.refusedTokenVersion = null; // of the next pair, which counts anew, nothing was refused yet
    return;
  }
  if (state.refusedTokenVersion !== null && state.refusedTokenVersion < (snapshot.tokenVersion ?? 0))
    state.refusedTokenVersion = null;
  if (
    state.failures.token === undefined &&
    state.refusedTokenVersion === null &&
    !state.credentialsReplaced
  ) {
    due.token =
      snapshot.refreshDueAt === null ? null : Math.max(snapshot.refreshDueAt, state.tokenNotBefore ?? 0);
  }
  if (state.credentialsReplaced) ring(state, 'token', nowMs);
  due.nightly ??= nextNight(nowMs, night).atMs;
  due.holidays ??= nowMs + snapshot.holidayPollMinutes * 60_000;
  if (snapshot.undoneDeliveries > 0) ring(state, 'inbox', nowMs);
  if (snapshot.queuedReconciliations > 0 && snapshot.runningReconciliation === null)
    ring(state, 'reconcile', nowMs);
  due.watch = snapshot.runningReconciliation === null ? null : (due.watch ?? nowMs + watchMs);
  // Made, or made good again, by an exchange whose answer was lost: nothing has followed from that.
  const isMade = before !== 'connected' && snapshot.unretiredSubscriptions === 0;
  if (isMade || before === 'expired') {
    ring(state, 'subscriptions', nowMs);
    askToReconcile(state, isMade ? 'first' : 'gap', nowMs);
  }
}

/** Another reconciliation is asked for by its duty, however often that fails. */
export function askToReconcile(state: ConnectionState, trigger: 'first' | 'gap', nowMs: number): void {
  state.reconcileAs = trigger === 'first' ? trigger : (state.reconcileAs ?? trigger);
  ring(state, 'reconcile', nowMs);
}

/** A reconciliation that failed is tried again after this long, not only the next night. */
const againMs = 3_600_000;

/** After a reconciliation that failed. One that was for an earlier connection, and ends late, says nothing of this one. */
export function reconcileAgain(state: ConnectionState, generation: number, nowMs: number): void {
  const isLate = state.generation !== fresh.generation && generation !== state.generation;
  if (isLate) return;
  state.reconcileAs ??= 'gap';
  state.due.reconcile ??= nowMs + againMs;
}

/**
 * Another hour or time zone holds from the coming night on, and puts no night off: a later hour has another reconciliation at
 * the time that was planned, so that two are never further apart than they would have been. Where the night that was planned
 * has its time behind it by the new settings, it comes at once: no date is left out.
 */
function planNight(state: ConnectionState, settings: NightSettings, nowMs: number): void {
  const { timeZone, nightlyHour, due } = state;
  state.timeZone = settings.timeZone;
  state.nightlyHour = settings.nightlyHour;
  const isSame = settings.timeZone === timeZone && settings.nightlyHour === nightlyHour;
  if (isSame || due.nightly === null || due.nightly <= nowMs) return;
  const planned = nextNight(due.nightly - 1, { ...settings, timeZone, nightlyHour });
  const coming = nextNight(nowMs, settings);
  due.nightly = planned.nightOn < coming.nightOn ? nowMs : Math.min(due.nightly, coming.atMs);
}

/** Wake-ups this close to each other become one: a quarter of the time between two polls, and no more than this. */
const longestEarlyMs = 15 * 60_000;

/**
 * A refresh of the token and a poll of the holidays that are due close to each other are done at the earlier one's time:
 * an idle tenant wakes up once for both. What waits after a failure keeps its time.
 */
export function shareWakeUp(
  { due, failures, paused, tokenNotBefore, holidayPollMinutes }: ConnectionState,
  nowMs: number,
): void {
  const { token, holidays } = due;
  if (paused || token === null || holidays === null || tokenNotBefore !== null) return; // paused, no poll comes
  if (failures.token !== undefined || failures.holidays !== undefined) return;
  if (Math.min(token, holidays) > nowMs) return;
  const nearMs = Math.min(longestEarlyMs, (holidayPollMinutes * 60_000) / 4);
  if (Math.max(token, holidays) > nowMs + nearMs) return;
  due.token = Math.min(token, nowMs);
  due.holidays = Math.min(holidays, nowMs);
}

/** A duty becomes due, unless it waits after failures already: then its time stands. */
export function ring(state: ConnectionState, duty: DutyName, nowMs: number): void {
  const waits = state.failures[duty] !== undefined && state.due[duty] !== null;
  const atMs = duty === 'token' ? Math.max(nowMs, state.tokenNotBefore ?? 0) : nowMs;
  if (!waits) state.due[duty] = Math.min(state.due[duty] ?? Infinity, atMs);
}

/** When a duty is due, `Infinity` for never, or not as long as the connection is paused. */
function dueAt({ due, paused }: ConnectionState, name: DutyName): number {
  return paused && restWhilePaused.includes(name) ? Infinity : (due[name] ?? Infinity);
}

/** The duty to run now: the first in precedence of those that are due. */
export function dueDuty(state: ConnectionState, nowMs: number): DutyName | null {
  return dutyNames.find((name) => dueAt(state, name) <= nowMs) ?? null;
}

/** The next moment at which a duty is due, and which. */
export function nextDue(state: ConnectionState): { atMs: number; name: DutyName | null } {
  let next: { atMs: number; name: DutyName | null } = { atMs: Infinity, name: null };
  for (const name of dutyNames) {
    const atMs = dueAt(state, name);
    if (atMs < next.atMs) next = { atMs, name };
  }
  return next;
}

/** A duty failed for a passing reason: it waits longer each time, at least as long as Factorial asked for. */
export function postpone(state: ConnectionState, duty: DutyName, nowMs: number, atLeastMs = 0): void {
  const failures = (state.failures[duty] ?? 0) + 1;
  state.failures[duty] = failures;
  const waitMs = Math.min(backOffMs(failures), longestWaitMs[duty] ?? Infinity);
  state.due[duty] = nowMs + Math.max(waitMs, atLeastMs);
}

/** What waits because of a trouble that is over goes on at once, however long it was to wait. */
export function resume(state: ConnectionState, trouble: string, nowMs: number): void {
  for (const name of dutyNames) {
    if (state.troubles[name] === trouble && state.due[name] !== null) state.due[name] = nowMs;
  }
}

/** A duty was done. Answers whether it had failed before. */
export function succeeded(state: ConnectionState, duty: DutyName): boolean {
  const hadFailed = state.failures[duty] !== undefined;
  delete state.failures[duty];
  delete state.troubles[duty];
  return hadFailed;
}
