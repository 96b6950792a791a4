import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../contracts/http/common.ts';
import { DomainError, isDomainError, type ErrorCode } from '../../domain/errors.ts';
import { isDatabaseAway } from '../../repositories/database-away.ts';

interface Answer {
  readonly status: number;
  readonly title: string;
}

const badRequest = { status: 400, title: 'Bad request' };
const unprocessable = { status: 422, title: 'Not possible as asked' };
const conflict = { status: 409, title: 'Conflict' };
const unavailable = { status: 503, title: 'Unavailable' };
const internal = { status: 500, title: 'Internal error' };

/** Status and title of every code. Codes of work behind the API would be a mistake here, so they read as internal. */
const answers = {
  invalid_request: badRequest,
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Forbidden' },
  feature_missing: { status: 403, title: 'Feature missing' },
  not_found: { status: 404, title: 'Not found' },
  conflict,
  too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  unavailable,
  internal_error: internal,
  already_connected: conflict,
  not_connected: conflict,
  credentials_missing: conflict,
  factorial_url_invalid: unprocessable,
  already_linked: conflict,
  unknown_profile: unprocessable,
  unknown_day_type: unprocessable,
  not_employed: unprocessable,
  cursor_expired: { status: 410, title: 'Gone' },
  token_refused: internal,
  permission_missing: internal,
  factorial_not_found: internal,
  factorial_rejected: internal,
  rate_limited: unavailable,
  factorial_unreachable: unavailable,
  schema_drift: internal,
  invalid_grant: internal,
  invalid_client: internal,
  redirect_uri_mismatch: internal,
  subscription_taken: internal,
  fenced: conflict,
  paused: conflict,
  budget_exhausted: unavailable,
  sweep_unstable: internal,
  unknown_value: internal,
  invariant_broken: internal,
} satisfies Record<ErrorCode, Answer>;

/** Fastify's own errors, by its code, that are the caller's. */
const fastifyErrors: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'body: its length is not what Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_request', 'body: must be JSON, it is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_request', 'body: must be valid JSON'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this address.'],
  FST_ERR_BAD_URL: ['not_found', 'There is nothing at this address.'],
};

/** Where nothing better is known. */
export const retryAfterSeconds = 5;

/** Answers every error as problem details; what is not expected is logged whole and told to nobody. */
export function registerErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new DomainError('not_found', 'There is nothing at this address.')),
  );
}

/** Answers what went wrong before or inside a route. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toDomainError(error);
  if (answers[known.code].status === internal.status) request.log.error({ err: error }, 'request failed');
  else if (known.code === 'unavailable') request.log.warn({ err: error }, 'request refused: unavailable');
  return sendProblem(request, reply, known);
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply {
  const { status, title } = answers[error.code];
  // What failed on our side is for the log: the caller learns neither its code nor its words.
  const isOurs = status === internal.status;
  const code = isOurs ? 'internal_error' : error.code;
  const detail = isOurs ? 'Something went wrong on our side. Try again later.' : error.message;
  const problem: Problem = {
    type: `urn:workmeter:problem:${code}`,
    title,
    status,
    detail,
    code,
    requestId: request.id,
  };
  const { retryAfterMs } = error.details;
  const wait = retryAfterMs === undefined ? retryAfterSeconds : Math.ceil(retryAfterMs / 1000);
  if (status === unavailable.status || status === answers.too_many_requests.status)
    reply.header('retry-after', wait);
  if (status === answers.unauthenticated.status) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(problem);
}

/** What an error means to the caller. */
function toDomainError(error: FastifyError): DomainError {
  if (isDomainError(error)) return error;
  if (error.validation) return new DomainError('invalid_request', validationText(error));
  const [code, text] = fastifyErrors[error.code] ?? [];
  if (code !== undefined && text !== undefined) return new DomainError(code, text);
  if (isDatabaseAway(error))
    return new DomainError('unavailable', 'The service cannot answer right now. Try again in a moment.');
  if (error instanceof SyntaxError && error.statusCode === 400)
    return new DomainError('invalid_request', 'body: must be valid JSON');
  return new DomainError('internal_error', 'Something went wrong on our side.');
}

/** Names each wrong field with its place: `body.clientId: must not be empty; query.limit: …`. */
function validationText(error: FastifyError): string {
  const context = error.validationContext ?? 'body';
  const place = context === 'querystring' ? 'query' : context;
  const texts = (error.validation ?? []).map(({ instancePath, message = 'is not valid' }) => {
    const path = instancePath.split('/').filter((part) => part !== '');
    return `${[place, ...path].join('.')}: ${message}`;
  });
  return [...new Set(texts)].slice(0, 10).join('; ');
}
