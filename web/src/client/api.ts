import createClient from 'openapi-fetch';
import type { paths } from './generated/schema.ts';
import { ApiProblem, toProblem } from './problem.ts';
import { currentSession, endSession } from './session.ts';

/** A command's answer takes up to 2 s by itself; what is ten times slower has been lost on the way. */
const timeOutMs = 20_000;

/** Our API, typed by its own OpenAPI document. Wrap each call in `answerOf`. */
export const api = createClient<paths>({
  baseUrl: document.baseURI.replace(/\/+$/, ''),
  fetch: authorizedFetch,
});

interface Outcome<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of a call, e.g. `answerOf(api.GET('/api/tenant', { signal }))`. Throws an `ApiProblem`. */
export async function answerOf<Data>(call: Promise<Outcome<Data>>): Promise<NonNullable<Data>>;
/** As above, for a call that answers 204. */
export async function answerOf(call: Promise<Outcome<undefined>>): Promise<void>;
export async function answerOf<Data>(call: Promise<Outcome<Data>>): Promise<Data | undefined> {
  const { data, error, response } = await call;
  if (!response.ok) throw toProblem(response, error);
  return data;
}

async function authorizedFetch(request: Request): Promise<Response> {
  const { token, ended } = currentSession();
  if (ended) throw new ApiProblem('unauthenticated', 'The session has ended.', { status: 401 });
  if (token !== null) request.headers.set('authorization', `Bearer ${token}`);
  const timeOut = AbortSignal.timeout(timeOutMs);
  try {
    const response = await fetch(request, { signal: AbortSignal.any([request.signal, timeOut]) });
    if (response.status === 401) endSession(token);
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error; // whoever asked does not want to know any more
    throw timeOut.aborted
      ? new ApiProblem('time_out', 'The answer took too long.')
      : new ApiProblem('network', 'The service could not be reached.');
  }
}
