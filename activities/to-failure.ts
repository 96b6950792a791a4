import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { DomainError, type ErrorCode } from '../domain/errors.ts';

type Retry = 'retry' | 'never';

/** Whether Temporal tries an activity again after a failure with this code. Longer waits are due times in the workflow. */
const retryOf = {
  invalid_request: 'never',
  unauthenticated: 'never',
  forbidden: 'never',
  feature_missing: 'never',
  not_found: 'never',
  conflict: 'never',
  too_large: 'never',
  unsupported_media_type: 'never',
  too_many_requests: 'retry',
  unavailable: 'retry',
  internal_error: 'retry',
  already_connected: 'never',
  not_connected: 'never',
  credentials_missing: 'never',
  factorial_url_invalid: 'never',
  already_linked: 'never',
  unknown_profile: 'never',
  unknown_day_type: 'never',
  not_employed: 'never',
  cursor_expired: 'never',
  token_refused: 'never',
  permission_missing: 'never',
  factorial_not_found: 'never',
  factorial_rejected: 'never',
  rate_limited: 'never',
  factorial_unreachable: 'retry',
  schema_drift: 'never',
  invalid_grant: 'never',
  invalid_client: 'never',
  redirect_uri_mismatch: 'never',
  subscription_taken: 'never',
  fenced: 'never',
  paused: 'never',
  budget_exhausted: 'never',
  sweep_unstable: 'never',
  unknown_value: 'never',
  invariant_broken: 'never',
} satisfies Record<ErrorCode, Retry>;

/** Facts that a workflow needs beside the code; ids and numbers only, as all of it is readable in the history (rule 1). */
export interface FailureDetails {
  readonly retryAfterMs?: number;
  readonly tokenVersion?: number;
  readonly resource?: string;
}

/**
 * The only way out of an activity for an error: type = code, no stack of ours, no cause that may quote a secret.
 * An unknown error keeps its class name only; the worker logs it whole.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof DomainError) {
    const { retryAfterMs, tokenVersion, resource } = error.details;
    const details: FailureDetails = {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(tokenVersion === undefined ? {} : { tokenVersion }),
      ...(resource === undefined ? {} : { resource }),
    };
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: retryOf[error.code] === 'never',
      details: [details],
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  if (isAbort(error)) return new CancelledFailure('The activity was cancelled.');
  return ApplicationFailure.create({
    type: 'internal_error',
    message: `Internal error (${errorName(error)}); see the worker's log.`,
  });
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error instanceof CancelledFailure);
const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
