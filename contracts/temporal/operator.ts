import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { OperatorRequest, OperatorVerb } from '../../domain/operator-verbs.ts';
import type { Fenced } from './connection.ts';

/** What an operator is told: also what a dry run found, and then `would` be done. */
export interface OperatorAnswer {
  /** Id of the audit row. */
  readonly actionId: string;
  readonly verb: OperatorVerb;
  readonly outcome: 'done' | 'would';
  readonly message: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Of the reconciliation or the replay that comes of it. */
  readonly id: string | null;
}

const operatorUpdate = (verb: OperatorVerb) => defineUpdate<OperatorAnswer, [ask?: unknown]>(verb);

/**
 * The operators' verbs, each an Update of the connection workflow. Malformed input is refused before it reaches the history;
 * what the state of the connection forbids fails the update with its code, and leaves an audit row like all that is done.
 * Doubles: each may be asked twice, the second time finds it done. (The server drops a second one with the same update id
 * within one run only.)
 */
export const operatorUpdates = {
  pause: operatorUpdate('pause'),
  resume: operatorUpdate('resume'),
  syncResource: operatorUpdate('syncResource'),
  resyncStream: operatorUpdate('resyncStream'),
  replay: operatorUpdate('replay'),
  reconcile: operatorUpdate('reconcile'),
  decideDeletions: operatorUpdate('decideDeletions'),
} satisfies Record<OperatorVerb, unknown>;

/** Tells a reconciliation or a replay, which wait while the connection is paused, that it goes on. */
export const resumedSignal = defineSignal('resumed');

export interface OperateInput extends Fenced {
  /** Id of the audit row to be. */
  readonly actionId: string;
  readonly request: OperatorRequest;
}

/** What the workflow must know of a verb that was carried out. */
export interface OperateResult {
  readonly answer: OperatorAnswer | null;
  /** Why it was refused; null otherwise. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Ids of workflows that wait for the end of the pause. */
  readonly waiting: readonly string[];
}
