import type { components } from './generated/schema.ts';

export type ErrorCode = components['schemas']['Problem']['code'];

/** What can go wrong before the API has said anything. */
export type ConnectionTrouble = 'network' | 'time_out' | 'unreadable';

/** A call that failed, in the API's own words or in ours where it said nothing. */
export class ApiProblem extends Error {
  readonly code: ErrorCode | ConnectionTrouble;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** For support to find the call. */
  readonly requestId: string | null;
  /** How long to wait before the next try, where the API said so. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ApiProblem['code'],
    detail: string,
    {
      status = 0,
      requestId = null,
      retryAfterMs = null,
    }: { status?: number; requestId?: string | null; retryAfterMs?: number | null } = {},
  ) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

export function isProblem(error: unknown, code?: ApiProblem['code']): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}

/** Whether the call got no answer at all. */
export function isAway(error: unknown): boolean {
  return isProblem(error, 'network') || isProblem(error, 'time_out');
}

/** Whether a call was refused because things are not as the screen shows them. */
export function isOutOfDate(error: unknown): boolean {
  return isProblem(error) && [404, 409, 410, 422].includes(error.status);
}

/** Whether the same call may succeed a moment later without anybody doing anything. */
export function mayPass(error: unknown): boolean {
  if (!isProblem(error)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

/** What an answer with an error status says. A proxy in between may answer without problem details. */
export function toProblem(response: Response, body: unknown): ApiProblem {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const facts = {
    status: response.status,
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : null,
  };
  if (isProblemBody(body))
    return new ApiProblem(body.code, body.detail, { ...facts, requestId: body.requestId });
  return new ApiProblem(codeOfStatus(response.status), response.statusText, facts);
}

function isProblemBody(body: unknown): body is components['schemas']['Problem'] {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

function codeOfStatus(status: number): ApiProblem['code'] {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 429) return 'too_many_requests';
  return status >= 500 ? 'unavailable' : 'unreadable';
}
