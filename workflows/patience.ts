import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  type ExternalWorkflowHandle,
} from '@temporalio/workflow';
import { tokenRefusedSignal } from '../contracts/temporal/connection.ts';
import { backOffMs } from '../domain/token-life.ts';
import { tell } from './tell.ts';

/** Passing troubles are waited out this often, at most an hour each: about a day. */
const maxWaits = 36;
/** Time for the connection workflow to renew a refused token, and how often it gets that time: a minute or two in all. */
const newTokenMs = 5_000;
const maxRefusals = 20;
/** While the connection is paused it is looked this often whether it still is; its end is told by signal. */
const pausedMs = 3_600_000;

/** What a workflow beside the connection workflow does about an activity that failed. */
export interface Patience {
  /** How often it has waited. */
  readonly waits: number;
  /** How long to wait before the next try; null: it is no use. A refused token is told to the connection workflow. */
  after(error: unknown): number | null;
}

/** A refused token is the connection workflow's to renew: it is told, and given time. */
export function createPatience(parent: ExternalWorkflowHandle): Patience {
  let waits = 0;
  let refusals = 0;
  return {
    get waits() {
      return waits;
    },
    after(error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) return null;
      const code = codeOf(error);
      if (code === 'paused') return pausedMs; // as long as a person wants
      const waitMs = waitFor(code, error);
      waits += 1;
      return waits > maxWaits ? null : waitMs;
    },
  };

  function waitFor(code: string, error: ActivityFailure): number | null {
    const details = (error.cause instanceof ApplicationFailure ? (error.cause.details?.[0] ?? {}) : {}) as {
      retryAfterMs?: number;
      tokenVersion?: number;
    };
    switch (code) {
      case 'token_refused':
        refusals += 1;
        if (refusals > maxRefusals) return null;
        void tell(parent, tokenRefusedSignal, { tokenVersion: details.tokenVersion ?? 0 });
        return newTokenMs;
      case 'rate_limited':
      case 'budget_exhausted':
        return Math.max(1_000, details.retryAfterMs ?? 30_000);
      case 'factorial_unreachable':
      case 'unavailable':
      case 'internal_error':
        return backOffMs(waits + 1);
      default:
        return null;
    }
  }
}

/** The code of an activity's failure; a time-out counts as unavailable. */
export function codeOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)
    return error.cause.type ?? 'internal_error';
  return 'unavailable';
}
