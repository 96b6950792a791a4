import ky from 'ky';
import { DomainError, isDomainError } from '../domain/errors.ts';

/** A whole exchange, headers and body, ends within this time (an activity's own limit is 30 s). */
export const defaultTimeoutMs = 10_000;
/** Bytes read of one answer after decompression: 100 rows are below 1 MB, so more is not an answer of this API. */
const longestBodyBytes = 20 * 1024 * 1024;
/** Bytes read of an error's body where the caller needs its reason. */
const longestErrorBodyBytes = 64 * 1024;

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: URLSearchParams;
  /** Reads the body of a 4xx too; otherwise it is '' and the status decides alone. */
  readonly readErrorBody?: boolean;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * One HTTP exchange: no retry (Temporal retries), no redirect followed (it would carry the token elsewhere).
 * Resolves with any status. Throws `factorial_unreachable` for time-outs, network errors and a successful answer that is cut or
 * longer than 20 MiB; an abort by the caller is thrown as the abort's own reason.
 * Errors carry no cause: those of fetch may quote the URL and the headers.
 */
export async function exchange(request: Exchange, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const deadline = openDeadline(signal, request.timeoutMs ?? defaultTimeoutMs);
  try {
    const response = await ky(request.url, {
      method: request.method,
      headers: { accept: 'application/json', ...request.headers },
      ...(request.json !== undefined && { json: request.json }),
      ...(request.form !== undefined && { body: request.form }),
      signal: deadline.signal,
      redirect: 'manual',
      retry: 0,
      // ky's own time-out ends at the headers; the deadline covers the body too.
      timeout: false,
      throwHttpErrors: false,
    });
    return { status: response.status, headers: response.headers, text: await bodyOf(response, request) };
  } catch (error) {
    signal.throwIfAborted();
    if (isDomainError(error)) throw error;
    if (deadline.hasPassed()) throw unreachable('it did not answer in time');
    const code = networkCode(error);
    const reason = code === null ? 'the connection failed' : `the connection failed (${code})`;
    throw new DomainError('factorial_unreachable', `Factorial could not be reached: ${reason}.`, {
      notSent: code !== null && beforeSending.has(code),
    });
  } finally {
    deadline.close();
  }
}

/** The error for an answer that never came or makes no sense; `reason` completes "Factorial could not be reached: …". */
export function unreachable(reason: string, status?: number): DomainError {
  return new DomainError(
    'factorial_unreachable',
    `Factorial could not be reached: ${reason}.`,
    status === undefined ? {} : { status },
  );
}

async function bodyOf(response: Response, request: Exchange): Promise<string> {
  if (response.ok) return readText(response, longestBodyBytes);
  if (request.readErrorBody && response.status >= 400 && response.status < 500) {
    // The status is the answer; a reason that cannot be read must not hide it.
    return readText(response, longestErrorBodyBytes).catch(() => '');
  }
  await response.body?.cancel().catch(() => undefined);
  return '';
}

async function readText(response: Response, longestBytes: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > longestBytes) throw unreachable('its answer is longer than this API sends', response.status);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}

/**
 * A signal that fires when the caller's does or when the time is up. A plain timer and listener, removed at the end:
 * `AbortSignal.any` and `AbortSignal.timeout` would outlive the exchange on the caller's long-lived signal.
 */
function openDeadline(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  let passed = false;
  const onAbort = () => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    passed = true;
    controller.abort();
  }, timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    hasPassed: () => passed,
    close: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** Failures that come before a byte of the request could be sent: trying again cannot do anything twice. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A system error's code, like ECONNREFUSED; never its message, which may quote what was sent. */
function networkCode(error: unknown): string | null {
  const code = propertyOf(propertyOf(error, 'cause'), 'code');
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : null;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
