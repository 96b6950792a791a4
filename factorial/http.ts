import { DomainError } from '../domain/errors.ts';
import { parseJson } from './lossless.ts';
import { labelOf, resourcePaths, type ResourceKind } from './resource-kinds.ts';
import { errorForStatus } from './status-errors.ts';
import { exchange, unreachable, type Answer, type Exchange } from './transport.ts';

export type QueryParams = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface FactorialHttpOptions {
  /** An origin that `parseApiHost` has approved. */
  readonly apiHost: string;
  /** Dated version of the API, e.g. `2026-10-01`. */
  readonly apiVersion: string;
  readonly accessToken: string;
  /** Limit of one exchange, body included; 10 s by default. */
  readonly timeoutMs?: number;
  /** Awaited before each request, outside of its time limit; what it throws (no budget left) passes through. */
  readonly beforeRequest?: (kind: ResourceKind) => Promise<void>;
  /** Told of each exchange that was tried. */
  readonly onResponse?: (answer: FactorialAnswer) => void;
}

/** What may be known about an exchange: nothing of the query, which names people. */
export interface FactorialAnswer {
  readonly kind: ResourceKind;
  readonly method: Exchange['method'];
  /** Of a list; null for what has no pages. */
  readonly page: 'first' | 'next' | null;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
}

export interface SubscriptionWrite {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Null for the collection. */
  readonly id: string | null;
  readonly body?: Record<string, unknown>;
  /** May name a better error for a 409 or 422 from the text of its body. */
  readonly explainRejection?: (status: number, text: string) => DomainError | null;
}

export interface FactorialHttp {
  /** One GET of a collection; resolves with the parsed body. */
  get(kind: ResourceKind, query: QueryParams, signal: AbortSignal): Promise<unknown>;
  /** One write to webhook subscriptions; resolves with the parsed body, for DELETE with null whatever the body. */
  writeSubscription(write: SubscriptionWrite, signal: AbortSignal): Promise<unknown>;
}

/**
 * The authenticated side of Factorial's HTTP API. It can GET the resources of `resource-kinds.ts` and write webhook subscriptions:
 * paths come from the kind, so that no caller can write anything else.
 * Errors, by status only: `token_refused` 401, `permission_missing` 403, `factorial_not_found` 404, `rate_limited` 429 with
 * `retryAfterMs`, `factorial_rejected` other 4xx, `factorial_unreachable` for all else, a 2xx whose body is not JSON included.
 * An abort by the caller passes through. Nothing is retried.
 */
export function createFactorialHttp(options: FactorialHttpOptions): FactorialHttp {
  const send = async (
    { kind, page }: Pick<FactorialAnswer, 'kind' | 'page'>,
    request: Omit<Exchange, 'headers' | 'timeoutMs'>,
    signal: AbortSignal,
  ): Promise<Answer> => {
    signal.throwIfAborted();
    await options.beforeRequest?.(kind);
    const startedAt = performance.now();
    let status: number | null = null;
    try {
      const answer = await exchange(
        {
          ...request,
          headers: { authorization: `Bearer ${options.accessToken}` },
          ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
        },
        signal,
      );
      status = answer.status;
      return answer;
    } finally {
      const { method } = request;
      options.onResponse?.({ kind, method, page, status, durationMs: performance.now() - startedAt });
    }
  };
  const urlOf = (kind: ResourceKind) =>
    `${options.apiHost}/api/${options.apiVersion}/resources/${resourcePaths[kind]}`;

  return {
    async get(kind, query, signal) {
      const answer = await send(
        { kind, page: pageOf(query) },
        { method: 'GET', url: urlOf(kind) + toQueryString(query) },
        signal,
      );
      if (!isSuccess(answer)) throw errorForStatus(answer, labelOf(kind), { resource: kind });
      return jsonOf(answer);
    },
    async writeSubscription({ method, id, body, explainRejection }, signal) {
      const kind = 'subscriptions';
      const url = urlOf(kind) + (id === null ? '' : `/${toSegment(id)}`);
      const answer = await send(
        { kind, page: null },
        { method, url, readErrorBody: explainRejection !== undefined, ...(body && { json: body }) },
        signal,
      );
      if (isSuccess(answer)) return method === 'DELETE' ? null : jsonOf(answer);
      const explained =
        answer.status === 409 || answer.status === 422
          ? explainRejection?.(answer.status, answer.text)
          : null;
      throw (
        explained ??
        errorForStatus(answer, 'webhook subscriptions', {
          resource: kind,
          ...(id !== null && { factorialId: id }),
        })
      );
    },
  };
}

/** `?a=1&ids[]=x&ids[]=y` with brackets as Factorial wants them (percent-encoded); null and undefined are left out. */
export function toQueryString(query: QueryParams): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') value.forEach((item) => params.append(`${name}[]`, item));
    else params.append(name, String(value));
  }
  return params.size === 0 ? '' : `?${params.toString()}`;
}

/** An opaque id as one path segment. An empty one would mean the collection, and URL parsers resolve "." and "..", however encoded. */
function toSegment(id: string): string {
  if (/^\.{0,2}$/.test(id))
    throw new DomainError('invalid_request', 'This is not the id of a webhook subscription.');
  return encodeURIComponent(id);
}

function pageOf({ limit, after_id: afterId }: QueryParams): FactorialAnswer['page'] {
  if (limit === undefined) return null;
  return afterId === null || afterId === undefined ? 'first' : 'next';
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function jsonOf(answer: Answer): unknown {
  try {
    return parseJson(answer.text);
  } catch {
    // The parser's message quotes the body, which may hold personal data.
    throw unreachable('its answer is not complete JSON', answer.status);
  }
}
