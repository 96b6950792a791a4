import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  authorizationStartedSignal,
  credentialsReplacedSignal,
  credentialsSavedSignal,
  disconnectSignal,
  factsChangedSignal,
  linksChangedSignal,
  mappingsChangedSignal,
  oauthCallbackSignal,
  reconcileNowSignal,
  reconciliationFinishedSignal,
  tokenRefusedSignal,
  webhooksReceivedSignal,
  type ConnectionInput,
} from '../contracts/temporal/connection.ts';
import type { ConnectionState, DutyName } from '../contracts/temporal/connection-state.ts';
import {
  connectionStatusKey,
  lastVerifiedAtKey,
  oldestPendingAtKey,
  openFailuresKey,
  tenantIdKey,
  tokenStatusKey,
  troubleCodesKey,
} from '../contracts/temporal/search-attributes.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { Alarm } from './alarm.ts';
import { createDuties } from './connection-duties.ts';
import {
  dueDuty,
  nextDue,
  postpone,
  reconcileAgain,
  restore,
  resume,
  ring,
  shareWakeUp,
  succeeded,
} from './connection-state.ts';
import { describeState, dutyWords } from './describe.ts';
import { createOperatorDesk } from './operator-desk.ts';
import { inSpan, noteTrace, takeTraces } from './traces.ts';

/** A round is about ten events: some 150 rounds, well below the server's own advice (rule 14). */
const maxEvents = 1_500;
/** What gives way at once to a disconnect or replaced credentials (rule 13); what it leaves undone is done again. */
const interruptible: readonly DutyName[] = ['subscriptions', 'holidays', 'facts', 'inbox'];
/** Troubles that the card shows while they last. */
const passing = ['factorial_unreachable', 'rate_limited'] as const;

/**
 * One tenant's connection with Factorial, for as long as the tenant exists: waits for the wizard's commands and the OAuth
 * callback, refreshes the token, turns webhook rings into syncs, and starts a reconciliation every night.
 * It holds the process; the facts are in the database, from which it can be rebuilt at any time.
 */
export async function connectionWorkflow(input: ConnectionInput): Promise<void> {
  const { tenantId } = input;
  const state = restore(input);
  let urgent = false;
  let renew = false;
  /** For signals: the trace that one came with goes on in the duty. */
  const wake = (duty: DutyName): void => {
    ring(state, duty, Date.now());
    noteTrace(state, duty);
  };
  const onSignal = (duty: DutyName) => () => wake(duty);
  const onUrgent = () => {
    urgent = true;
    wake('commands');
  };
  setHandler(credentialsSavedSignal, onSignal('commands'));
  setHandler(authorizationStartedSignal, onSignal('commands'));
  setHandler(oauthCallbackSignal, onSignal('commands'));
  setHandler(credentialsReplacedSignal, onUrgent);
  setHandler(disconnectSignal, onUrgent);
  setHandler(webhooksReceivedSignal, ({ counts }) => {
    for (const [topic, count] of Object.entries(counts))
      state.counts[topic] = (state.counts[topic] ?? 0) + count;
    wake('inbox');
  });
  setHandler(linksChangedSignal, onSignal('facts'));
  setHandler(mappingsChangedSignal, onSignal('facts'));
  setHandler(factsChangedSignal, ({ settings }) => {
    wake('facts');
    if (settings !== true) return;
    state.known = false; // the hour of the night, or the time zone
    wake('commands');
  });
  setHandler(reconcileNowSignal, () => {
    wake('reconcile');
    // Who asks whether all is well asks for the subscriptions too.
    if (state.status === 'connected') wake('subscriptions');
  });
  setHandler(tokenRefusedSignal, ({ tokenVersion }) => {
    state.refusedTokenVersion = Math.max(state.refusedTokenVersion ?? 0, tokenVersion);
    // An expired connection has no token to renew; a person must authorize it anew.
    if (state.status === 'connected' && state.refusedTokenVersion >= (state.tokenVersion ?? 0)) wake('token');
  });
  setHandler(reconciliationFinishedSignal, ({ generation, outcome }) => {
    state.known = false; // what it verified and found is in the database
    wake('commands');
    // It may have caught up with what a subscription that was switched off did not tell of.
    if (state.status === 'connected' && state.troubleCodes.includes('subscription_disabled'))
      wake('subscriptions');
    if (outcome === 'failed') reconcileAgain(state, generation, Date.now());
  });

  const desk = createOperatorDesk({ tenantId, state, interrupt: onUrgent });
  const duties = createDuties(tenantId, state, desk);
  const show = createDisplay(tenantId, state);
  const alarm = new Alarm();
  // Nobody who waits for an answer is left behind in a run that has ended.
  const isFull = () =>
    !desk.isAsked() &&
    (renew || workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > maxEvents);
  if (!state.known) ring(state, 'commands', Date.now());
  while (!isFull() || !allHandlersFinished()) {
    show();
    const next = nextDue(state);
    if (next.atMs > Date.now()) alarm.set(next.atMs, next.name === null ? '' : dutyWords[next.name]);
    // Signals alone can fill a history, while what they ring for waits.
    await condition(
      () => alarm.rang || dueDuty(state, Date.now()) !== null || (isFull() && allHandlersFinished()),
    );
    shareWakeUp(state, Date.now());
    const duty = dueDuty(state, Date.now());
    if (duty === null) continue;
    await inSpan(`duty ${duty}`, takeTraces(state, duty), () => attend(duty));
    if (duty === 'nightly') renew = true; // old code and carried state live a day at most
  }
  show();
  await continueAsNew<typeof connectionWorkflow>({ tenantId, state });

  async function attend(duty: DutyName): Promise<void> {
    try {
      if (interruptible.includes(duty)) await untilUrgent(duties[duty]);
      else await duties[duty]();
    } catch (error) {
      if (isCancellation(error)) ring(state, duty, Date.now());
      else await note(duty, failureOf(error));
      return;
    }
    const trouble = state.troubles[duty];
    if (!succeeded(state, duty)) return;
    if (trouble !== undefined) resume(state, trouble, Date.now()); // over for one, it is tried by all
    const others = Object.values(state.troubles);
    for (const code of passing)
      if (state.troubleCodes.includes(code) && !others.includes(code)) await tellCard(code, true);
    state.known = false;
    ring(state, 'commands', Date.now());
  }

  /** Runs `work`, and cancels it when a command comes that nothing may hold up. */
  async function untilUrgent(work: () => Promise<void>): Promise<void> {
    urgent = false; // what came before has had its turn, or waits for its own time
    const scope = new CancellationScope();
    let settled = false;
    const running = scope.run(work).finally(() => {
      settled = true;
    });
    running.catch(() => undefined); // awaited below, after the condition has seen its end
    await condition(() => settled || urgent);
    if (!settled) scope.cancel();
    await running;
  }

  async function note(duty: DutyName, failure: ApplicationFailure): Promise<void> {
    const now = Date.now();
    const details = (failure.details?.[0] ?? {}) as { retryAfterMs?: number; tokenVersion?: number };
    log.warn('A duty waits', { duty, code: failure.type });
    switch (failure.type) {
      case 'token_refused':
        state.refusedTokenVersion = Math.max(state.refusedTokenVersion ?? 0, details.tokenVersion ?? 0);
        ring(state, 'token', now);
        postpone(state, duty, now);
        break;
      case 'paused':
        ring(state, duty, now); // it rests, and is due again after the pause
        state.known = false;
        ring(state, 'commands', now);
        return;
      case 'fenced':
        state.known = false; // what is to be done now is looked up anew
        ring(state, 'commands', now);
        return;
      default:
        postpone(state, duty, now, details.retryAfterMs ?? 0);
    }
    const code = failure.type ?? 'internal_error';
    const isTold = Object.values(state.troubles).includes(code);
    state.troubles[duty] = code;
    // Looked up anew, for what operators filter by: counts, and how long the oldest delivery has been waiting.
    if (duty !== 'commands') {
      state.known = false;
      ring(state, 'commands', now);
    }
    // A failure of one resource may have the same code, and is no trouble of the card.
    if (!state.troubleCodes.includes(code)) state.troubleCodes.push(code);
    const shown = passing.find((one) => one === code);
    if (shown !== undefined && !isTold) await tellCard(shown, false);
  }

  /** A card that cannot be written to now must not stop the duties. */
  async function tellCard(code: WarningCode, over: boolean): Promise<void> {
    try {
      await duties.noteTrouble(code, over);
    } catch (error) {
      log.warn('The card could not be told', { code, cause: failureOf(error).type });
    }
  }
}

/** The code behind a failed activity. Anything else is an error of the workflow's code and blocks its task, as it must. */
function failureOf(error: unknown): ApplicationFailure {
  if (error instanceof ActivityFailure) {
    if (error.cause instanceof ApplicationFailure) return error.cause;
    return ApplicationFailure.create({ type: 'unavailable', message: 'The activity did not end in time.' });
  }
  throw error;
}

/** Keeps what operators see in step with the state: details for the reader, search attributes where they change. */
function createDisplay(tenantId: string, state: ConnectionState): () => void {
  return () => {
    setCurrentDetails(describeState(state));
    const now = JSON.stringify([
      state.status,
      state.tokenStatus,
      state.troubleCodes,
      state.openFailures,
      state.oldestPendingAt,
      state.lastVerifiedAt,
    ]);
    // Search attributes outlive a run, and so does the note of what they say.
    if (now === state.shown) return;
    state.shown = now;
    const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
    upsertSearchAttributes([
      { key: tenantIdKey, value: tenantId },
      { key: connectionStatusKey, value: state.status },
      { key: tokenStatusKey, value: state.tokenStatus },
      { key: troubleCodesKey, value: state.troubleCodes.length === 0 ? null : state.troubleCodes },
      { key: openFailuresKey, value: state.openFailures },
      { key: oldestPendingAtKey, value: date(state.oldestPendingAt) },
      { key: lastVerifiedAtKey, value: date(state.lastVerifiedAt) },
    ]);
  };
}
