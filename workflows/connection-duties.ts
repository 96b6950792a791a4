import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { ConnectionActivities, ReconciliationActivities, SyncActivities } from '../activities/index.ts';
import type { CommandItem, Fenced } from '../contracts/temporal/connection.ts';
import type { ConnectionState, DutyName } from '../contracts/temporal/connection-state.ts';
import { priorities } from '../contracts/temporal/names.ts';
import { reconciliationStart } from '../contracts/temporal/starts.ts';
import { decide, type ConnectionEvent, type Effect } from '../domain/connection-machine.ts';
import { lastNightOn, nextNight } from '../domain/night.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { adopt, askToReconcile, resume, ring, watchMs } from './connection-state.ts';
import { describeCounts } from './describe.ts';
import type { OperatorDesk } from './operator-desk.ts';
import { reconciliationWorkflow } from './reconciliation.ts';
import { proxyNamed } from './named-activities.ts';

// A database read or write: a few tries, all within 20 s, then the duty waits by its due time (rule 13).
const record = proxyNamed<ConnectionActivities & ReconciliationActivities>({
  startToCloseTimeout: '15 s',
  retry: { initialInterval: '500 ms', maximumInterval: '5 s', maximumAttempts: 3 },
  priority: { priorityKey: priorities.person },
});
// One exchange with Factorial's OAuth server: HTTP gives up after 10 s; trying again is decided by due times.
const exchange = proxyNamed<ConnectionActivities>({
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', maximumAttempts: 2 },
  priority: { priorityKey: priorities.person },
});
// Many requests and writes: silence longer than the heartbeat means that the worker died.
const sync = proxyNamed<SyncActivities & ConnectionActivities & ReconciliationActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '5 s', maximumAttempts: 2 },
});

/** Factorial has this long to let our traces be removed after a disconnect; then they are left behind and counted. */
const teardownMs = 10 * 60_000;
/** The first wait of a removal that is not done; each one is as long as all before. */
const firstTeardownWaitMs = 5_000;
/** Changes whose webhooks go to another system are looked for this often. */
const conflictPollMs = 3_600_000;

export type Duties = Record<DutyName, () => Promise<void>> & {
  /** Shows a passing trouble on the card, or takes it off when it is over. */
  noteTrouble(code: WarningCode, over: boolean): Promise<void>;
};

/** What the connection workflow does when a duty is due. Each one changes the state, and only through the database's answers. */
export function createDuties(tenantId: string, state: ConnectionState, desk: OperatorDesk): Duties {
  const fenced = (): Fenced => ({ tenantId, generation: state.generation, nowMs: Date.now() });

  const rebuild = async (): Promise<void> => {
    adopt(state, await record.readConnection({ tenantId, nowMs: Date.now() }), tenantId, Date.now());
  };

  return {
    noteTrouble: (code, over) => record.noteTrouble({ ...fenced(), code, over }),

    async commands() {
      state.due.commands = null;
      if (!state.known) {
        await rebuild();
        if (state.due.commands === null) return; // a look alone: there is none to carry out
        state.due.commands = null;
      }
      const commands = await record.takeCommands({ tenantId });
      for (const command of commands) await carryOut(command);
      await rebuild();
    },

    operator: () => desk.attend(),

    async teardown() {
      const sinceMs = (state.tearingDownSince ??= Date.now());
      const elapsedMs = Date.now() - sinceMs;
      if (await tearDown(sinceMs, elapsedMs >= teardownMs)) await rebuild();
      else
        state.due.teardown =
          Date.now() + Math.min(Math.max(elapsedMs, firstTeardownWaitMs), teardownMs - elapsedMs);
    },

    async attempt() {
      const { attempt } = state;
      if (attempt === null || !attempt.received) {
        state.due.attempt = null;
        if (attempt !== null && Date.now() >= attempt.expiresAt) {
          const warning = 'authorization_expired';
          await settle('attempt_expired', {
            warnings: [warning],
            attempt: { id: attempt.id, outcome: warning },
          });
        }
        return rebuild();
      }
      // What is left of an earlier connection goes before the next one is made, or it would be taken for that one's.
      if (state.tearingDownSince !== null && !(await tearDown(state.tearingDownSince, true))) {
        state.due.attempt = Date.now() + firstTeardownWaitMs;
        return;
      }
      const outcome = await exchange.exchangeAuthorization({ ...fenced(), attemptId: attempt.id });
      if (outcome.outcome === 'later') {
        state.due.attempt = outcome.dueAt;
        return;
      }
      state.due.attempt = null;
      if (outcome.outcome === 'failed') {
        await settle('exchange_failed', {
          warnings: [outcome.warning],
          attempt: { id: attempt.id, outcome: outcome.warning },
        });
        return rebuild();
      }
      const verdict = decide(state.status, 'exchange_succeeded');
      if (verdict.kind === 'accepted') {
        state.status = verdict.to;
        state.generation = outcome.generation;
        follow(verdict.effects);
      }
      await rebuild();
    },

    async token() {
      const { tokenVersion } = state;
      if (tokenVersion === null) {
        state.due.token = null;
        return;
      }
      const refused = state.refusedTokenVersion !== null && state.refusedTokenVersion >= tokenVersion;
      const outcome = await exchange.renewToken({ ...fenced(), tokenVersion, refused });
      if (outcome.outcome === 'later') {
        state.tokenNotBefore = outcome.dueAt;
        state.due.token = outcome.dueAt;
        return;
      }
      const outageIsOver = state.tokenNotBefore !== null;
      const isRoutine =
        !refused && !outageIsOver && !state.credentialsReplaced && state.troubleCodes.length === 0;
      state.tokenNotBefore = null;
      state.refusedTokenVersion = null;
      state.credentialsReplaced = false;
      state.due.token = null;
      if (outcome.outcome === 'dead') {
        const warnings: WarningCode[] =
          outcome.code === 'connection_expired' ? [outcome.code] : [outcome.code, 'connection_expired'];
        await settle('token_dead', { warnings });
      } else if (state.status === 'expired') {
        await settle('exchange_succeeded', {});
      } else if (isRoutine && state.tokenStatus === 'correct') {
        // Nothing but the pair has changed: an idle tenant costs no more than its refresh.
        state.tokenVersion = outcome.tokenVersion;
        state.due.token = outcome.refreshDueAt;
        return;
      }
      await rebuild();
      // Only then: a token that is refused again and again must not be renewed as often.
      if (outageIsOver) resume(state, 'token_refused', Date.now());
    },

    async nightly() {
      const settings = { tenantId, timeZone: state.timeZone, nightlyHour: state.nightlyHour };
      // However late it is by now: of several nights that were missed only the last is caught up.
      if (!state.paused) await openReconciliation('nightly', lastNightOn(Date.now(), settings));
      state.due.nightly = nextNight(Date.now(), settings).atMs;
      state.due.subscriptions = Date.now();
    },

    async reconcile() {
      state.due.reconcile = null;
      const { approved, rejected, left } = await sync.carryOutDecisions(fenced());
      if (approved > 0) state.due.facts = Date.now();
      if (left) state.due.reconcile = Date.now();
      const { reconcileAs } = state;
      await openReconciliation(reconcileAs, null);
      if (reconcileAs !== null) state.reconcileAs = null; // what else was asked for meanwhile, this one serves
      if (approved + rejected > 0) await rebuild(); // with the last decision the trouble is over
    },

    async watch() {
      const { running } = await record.watchReconciliation(fenced());
      state.due.watch = running ? Date.now() + watchMs : null;
      if (running) return;
      state.due.reconcile = Date.now();
      await rebuild();
    },

    async subscriptions() {
      state.due.subscriptions = null;
      const { repaired, conflicts, contested, tellsNews } = await sync.ensureSubscriptions(fenced());
      // What was switched off has left a gap, and one that closes it is queued; what another system receives is polled.
      if (repaired > 0) ring(state, 'reconcile', Date.now());
      if (contested.length > 0) {
        const { marked } = await sync.pollStreams({ ...fenced(), types: contested });
        if (marked > 0) ring(state, 'facts', Date.now());
      }
      if (conflicts > 0) state.due.subscriptions = Date.now() + conflictPollMs;
      if (tellsNews) await rebuild();
    },

    async holidays() {
      const { marked } = await sync.pollHolidays(fenced());
      state.due.holidays = Date.now() + state.holidayPollMinutes * 60_000;
      if (marked > 0) ring(state, 'facts', Date.now());
    },

    async facts() {
      state.due.facts = null;
      const { left } = await sync.applyFacts({
        ...fenced(),
        connected: state.status === 'connected' && !state.paused,
      });
      if (left > 0) ring(state, 'facts', Date.now());
    },

    async inbox() {
      // Cleared before the drain begins: what rings while it runs is seen in the next round.
      state.due.inbox = null;
      const summary = describeCounts(state.counts);
      state.counts = {};
      if (state.status !== 'connected') return; // kept in the inbox, caught up after the reauthorization
      const drained = await sync.drainInbox.executeWithOptions({ summary }, [fenced()]);
      if (drained.left > 0)
        state.due.inbox = Math.min(state.due.inbox ?? Infinity, drained.nextDueAt ?? Date.now());
      if (drained.marked > 0) ring(state, 'facts', Date.now());
      if (drained.checkSubscriptions) ring(state, 'subscriptions', Date.now());
      const { count, codes } = drained.open;
      const isNews = count !== state.openFailures || codes.some((code) => !state.troubleCodes.includes(code));
      if (isNews) await rebuild();
      else state.oldestPendingAt = drained.left > 0 ? state.oldestPendingAt : null;
    },
  };

  /** Answers whether everything of ours is gone from Factorial, or given up. */
  async function tearDown(sinceMs: number, giveUp: boolean): Promise<boolean> {
    const { done } = await sync.tearDown({ tenantId, nowMs: Date.now(), sinceMs, giveUp });
    if (!done) return false;
    state.due.teardown = null;
    state.tearingDownSince = null;
    return true;
  }

  /** A wizard's action: judged by the pure table, written, then followed up. */
  async function carryOut(command: CommandItem): Promise<void> {
    const { attemptId, denial } = command;
    await settle(command.type, {
      command,
      warnings: denial === null ? [] : [denial],
      attempt: denial === null || attemptId === null ? null : { id: attemptId, outcome: denial },
    });
  }

  async function settle(
    event: ConnectionEvent,
    what: {
      readonly command?: CommandItem;
      readonly warnings?: readonly WarningCode[];
      readonly attempt?: { readonly id: string; readonly outcome: string } | null;
    },
  ): Promise<void> {
    const verdict = decide(state.status, event);
    const accepted = verdict.kind === 'accepted';
    const { command, warnings = [], attempt = null } = what;
    const { generation } = await record.settleCommand({
      ...fenced(),
      commandId: command?.id ?? null,
      to: accepted ? verdict.to : state.status,
      refused: accepted ? null : verdict.reason,
      credentialVersion: accepted ? (command?.credentialVersion ?? null) : null,
      warnings: accepted ? warnings : [],
      attempt,
    });
    if (!accepted) return;
    state.status = verdict.to;
    state.generation = generation;
    follow(verdict.effects);
  }

  /** Only makes duties due: what fails later does not forget what follows. */
  function follow(effects: readonly Effect[]): void {
    const now = Date.now();
    for (const effect of effects) {
      switch (effect) {
        case 'exchange_code':
          state.due.attempt = now;
          break;
        case 'check_credentials':
          state.credentialsReplaced = true;
          state.due.token = now;
          break;
        case 'ensure_subscriptions':
          state.due.subscriptions = now;
          break;
        case 'reconcile_first':
          askToReconcile(state, 'first', now);
          break;
        case 'reconcile_gap':
          askToReconcile(state, 'gap', now);
          break;
        case 'tear_down':
          state.tearingDownSince = now;
          state.due.teardown = now;
          break;
        case 'warn_expired':
          break; // the warning was written with the status
      }
    }
  }

  /** Queues a reconciliation where a trigger is given, and starts the one whose turn it is. Its end comes as a signal. */
  async function openReconciliation(
    trigger: 'first' | 'nightly' | 'gap' | null,
    nightOn: string | null,
  ): Promise<void> {
    const next = await record.openReconciliation({ ...fenced(), trigger, nightOn });
    if (next === null) return;
    try {
      await startChild(reconciliationWorkflow, {
        ...reconciliationStart({ tenantId, generation: state.generation, reconciliationId: next.id }, next),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    state.reconciliationId = next.id;
    state.due.watch = Date.now() + watchMs;
  }
}
