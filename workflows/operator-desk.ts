import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { OperatorActivities } from '../activities/index.ts';
import type { Fenced } from '../contracts/temporal/connection.ts';
import type { ConnectionState } from '../contracts/temporal/connection-state.ts';
import { priorities } from '../contracts/temporal/names.ts';
import {
  operatorUpdates,
  resumedSignal,
  type OperateResult,
  type OperatorAnswer,
} from '../contracts/temporal/operator.ts';
import { replayStart } from '../contracts/temporal/starts.ts';
import {
  operatorVerbs,
  readRequest,
  type OperatorRequest,
  type OperatorVerb,
} from '../domain/operator-verbs.ts';
import { askToReconcile, ring, watchMs } from './connection-state.ts';
import { replayWorkflow } from './replay.ts';
import { proxyNamed } from './named-activities.ts';
import { tell } from './tell.ts';

// A person waits. At most one resource is asked for at Factorial; all else is the database.
const { operate } = proxyNamed<OperatorActivities>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '500 ms', maximumInterval: '5 s', maximumAttempts: 3 },
  priority: { priorityKey: priorities.person },
});

/** What each verb is for, as the Web UI shows it beside its button. */
const descriptions: Record<OperatorVerb, string> = {
  pause:
    'Asks nothing of Factorial and takes nothing over, until resume. Deliveries are kept. {dryRun?, actor?, reason?}',
  resume: 'Ends a pause and catches up. {dryRun?, actor?, reason?}',
  syncResource: 'Reads one resource again. {resource, factorialId, dryRun?, actor?, reason?}',
  resyncStream: 'Reads all of a kind anew. {resource, dryRun?, actor?, reason?}',
  replay: 'Tries failures again. {failureIds?, code?, resource?, since?, dryRun?, actor?, reason?}',
  reconcile: 'Compares everything with Factorial. {dryRun?, actor?, reason?}',
  decideDeletions:
    'Approves or rejects held deletions. {reconciliationId, decision, kinds?, dryRun?, actor?, reason?}',
};

interface Asked {
  readonly request: OperatorRequest;
  outcome?: OperatorAnswer | ApplicationFailure;
}

export interface OperatorDesk {
  /** Somebody waits for an answer. */
  isAsked(): boolean;
  /** Answers all who wait; a verb that fails fails its update only. */
  attend(): Promise<void>;
}

/** What the desk needs of the workflow around it. */
export interface OperatorDeskParts {
  readonly tenantId: string;
  readonly state: ConnectionState;
  /** Whatever runs gives way at once. */
  readonly interrupt: () => void;
}

/**
 * Takes the operators' verbs in. A handler only notes who asks, and waits until the loop has answered: so verbs come one
 * after the other, between duties, and never in the middle of one.
 */
export function createOperatorDesk({ tenantId, state, interrupt }: OperatorDeskParts): OperatorDesk {
  const asked: Asked[] = [];
  for (const verb of operatorVerbs) {
    setHandler(operatorUpdates[verb], (ask?: unknown) => answer(toRequest(verb, ask)), {
      validator: (ask?: unknown) => void toRequest(verb, ask),
      description: descriptions[verb],
    });
  }
  return { isAsked: () => asked.length > 0, attend };

  async function answer(request: OperatorRequest): Promise<OperatorAnswer> {
    const one: Asked = { request };
    asked.push(one);
    ring(state, 'operator', Date.now());
    if (request.verb === 'pause' && request.ask.dryRun !== true) interrupt();
    await condition(() => one.outcome !== undefined);
    if (one.outcome === undefined || one.outcome instanceof ApplicationFailure)
      throw one.outcome ?? ApplicationFailure.nonRetryable('Nobody answered.', 'internal_error');
    return one.outcome;
  }

  async function attend(): Promise<void> {
    state.due.operator = null;
    for (let one = asked[0]; one !== undefined; one = asked[0]) {
      try {
        one.outcome = await carryOut(one.request);
      } catch (error) {
        one.outcome = failureOf(error);
      }
      asked.shift();
    }
  }

  async function carryOut(request: OperatorRequest): Promise<OperatorAnswer> {
    const fenced: Fenced = { tenantId, generation: state.generation, nowMs: Date.now() };
    const { dryRun = false } = request.ask;
    const summary = dryRun ? `${request.verb}, dry run` : request.verb;
    const result = await operate.executeWithOptions({ summary }, [{ ...fenced, actionId: uuid4(), request }]);
    if (result.answer === null) throw refusalOf(result);
    if (!dryRun) await follow(request.verb, result.answer, result.waiting);
    return result.answer;
  }

  async function follow(verb: OperatorVerb, done: OperatorAnswer, waiting: readonly string[]): Promise<void> {
    const now = Date.now();
    switch (verb) {
      case 'pause':
        state.paused = true;
        return;
      case 'resume':
        await goOn(waiting);
        return;
      case 'syncResource':
        if ((done.counts['marked'] ?? 0) > 0) ring(state, 'facts', now);
        return;
      case 'resyncStream':
        ring(state, 'facts', now);
        ring(state, 'reconcile', now);
        return;
      case 'reconcile':
      case 'decideDeletions':
        ring(state, 'reconcile', now);
        return;
      case 'replay':
        if ((done.counts['failures'] ?? 0) > 0 && done.id !== null) await startReplay(done.id);
        return;
    }
  }

  /** After a pause: what was kept is worked off, what was missed is looked for, who waits is told. */
  async function goOn(waiting: readonly string[]): Promise<void> {
    if (!state.paused) return;
    state.paused = false;
    const now = Date.now();
    ring(state, 'facts', now);
    for (const workflowId of waiting) await tell(getExternalWorkflowHandle(workflowId), resumedSignal);
    if (state.status !== 'connected') return; // expired meanwhile: the reauthorization catches up
    state.due.inbox = now;
    ring(state, 'subscriptions', now);
    if (state.due.watch !== null) state.due.watch = now + watchMs; // it could not move while it was paused
    askToReconcile(state, 'gap', now);
  }

  async function startReplay(replayId: string): Promise<void> {
    try {
      await startChild(replayWorkflow, {
        ...replayStart({ tenantId, replayId }),
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

/** Throws, with the sentence that says which field is wrong, what fails this update only. */
function toRequest(verb: OperatorVerb, ask: unknown): OperatorRequest {
  const request = readRequest(verb, ask);
  if (typeof request === 'string') throw ApplicationFailure.nonRetryable(request, 'invalid_request');
  return request;
}

const refusalOf = ({ refusal }: OperateResult): ApplicationFailure =>
  ApplicationFailure.nonRetryable(refusal?.message ?? 'It was refused.', refusal?.code ?? 'conflict');

/** What the operator is told of a verb that failed. Anything else is an error of this code, and must block the task. */
function failureOf(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  return ApplicationFailure.nonRetryable(
    cause instanceof ApplicationFailure
      ? cause.message
      : 'It did not end in time. Look at the audit rows before asking again.',
    cause instanceof ApplicationFailure ? (cause.type ?? 'internal_error') : 'unavailable',
  );
}
