/** HTTP calls as tests make them: JSON in and out, loud where the answer is not the expected one. */

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Thrown where the status is not the expected one. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;

  constructor(what: string, { status, body }: Answer<unknown>) {
    super(`${what} answered ${status}: ${JSON.stringify(body)}`);
    this.status = status;
  }
}

/** One call of our API. Throws `UnexpectedAnswer` where the status is not `expected` (any 2xx unless told). */
export type CallApi = <T = unknown>(
  method: Method,
  path: string,
  body?: object,
  expected?: number,
) => Promise<Answer<T>>;

/** One call of the simulator's control interface: something that happens in Factorial. */
export type CallFactorial = <T = unknown>(method: Method, path: string, body?: object) => Promise<T>;

export function createApiCaller(origin: string, token: string): CallApi {
  return async <T>(method: Method, path: string, body?: object, expected?: number) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await call(`${origin}${path}`, method, body, headers);
    const isExpected = expected === undefined ? answer.ok : answer.status === expected;
    if (!isExpected) throw new UnexpectedAnswer(`${method} ${path}`, answer);
    return { status: answer.status, body: answer.body as T };
  };
}

export function createFactorialCaller(origin: string): CallFactorial {
  return async <T>(method: Method, path: string, body?: object) => {
    const answer = await call(`${origin}/control/${path}`, method, body);
    if (!answer.ok) throw new UnexpectedAnswer(`${method} /control/${path}`, answer);
    return answer.body as T;
  };
}

/** What Factorial's API says to whoever holds this access token: 200, or 401. */
export async function factorialStatus(origin: string, accessToken: string): Promise<number> {
  const url = `${origin}/api/2026-10-01/resources/api_public/credentials`;
  return (await call(url, 'GET', undefined, { authorization: `Bearer ${accessToken}` })).status;
}

async function call(url: string, method: Method, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return { ok: response.ok, status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
}
