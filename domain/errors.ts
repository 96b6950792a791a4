/** What only a caller of the API is answered (contract.md 1): such a code stands beside no connection. */
export const answerCodes = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'feature_missing',
  'not_found',
  'conflict',
  'too_large',
  'unsupported_media_type',
  'too_many_requests',
  'already_connected',
  'not_connected',
  'factorial_url_invalid',
  'already_linked',
  'unknown_profile',
  'unknown_day_type',
  'not_employed',
  'cursor_expired',
] as const;

/** What a duty or a resource can fail with; each has a page in docs/runbook.md. */
export const troubleCodes = [
  'unavailable',
  'internal_error',
  'credentials_missing',
  // What Factorial did
  'token_refused',
  'permission_missing',
  'factorial_not_found',
  'factorial_rejected',
  'rate_limited',
  'factorial_unreachable',
  'schema_drift',
  'invalid_grant',
  'invalid_client',
  'redirect_uri_mismatch',
  'subscription_taken',
  // What our own rules decided
  'fenced',
  'paused',
  'budget_exhausted',
  'sweep_unstable',
  'unknown_value',
  'invariant_broken',
] as const;

/**
 * The one list of error codes. Three tables read it, each `satisfies Record<ErrorCode, …>`:
 * retry or not (`activities/to-failure.ts`), HTTP status (`api/plugins/error-handler.ts`) and text for people (`web`).
 */
export const errorCodes = [...answerCodes, ...troubleCodes] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What a `DomainError` may carry beside its sentence: facts for the reader and the retry, never secrets or personal data. */
export interface ErrorDetails {
  /** How long to wait before the next try, in ms, where the other side said so. */
  readonly retryAfterMs?: number;
  /** Kind of the Factorial resource concerned, e.g. `absences`. */
  readonly resource?: string;
  /** Opaque Factorial id of the resource concerned. */
  readonly factorialId?: string;
  /** Name of the field concerned, e.g. `start_on`. */
  readonly field?: string;
  /** HTTP status that Factorial answered with. */
  readonly status?: number;
  /** The request never left: repeating it cannot do anything twice. */
  readonly notSent?: boolean;
  /** Version of the token pair that was refused. */
  readonly tokenVersion?: number;
}

/** An expected failure with a stable code and a sentence that a person can act on. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DomainError';
    this.code = code;
    this.details = details;
  }
}

/** Whether `error` is a `DomainError`, of the given code where one is given. */
export function isDomainError(error: unknown, code?: ErrorCode): error is DomainError {
  return error instanceof DomainError && (code === undefined || error.code === code);
}
