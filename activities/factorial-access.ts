import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { DomainError, isDomainError } from '../domain/errors.ts';
import { createFactorialClient, type FactorialClient } from '../factorial/client.ts';
import { createFactorialHttp } from '../factorial/http.ts';
import { blockRequests, takeRequest } from '../repositories/budget.ts';
import { readConnectionRow } from '../repositories/connections.ts';
import { pausedError } from '../repositories/fence.ts';
import type { ReadOrigin } from '../repositories/reads.ts';
import { readTokens, type OpenTokens } from '../repositories/tokens.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { pulse } from './pulse.ts';
import { blind } from './observer.ts';

/**
 * Whose work this is: a reconciliation leaves 30 % of the budget to people and webhooks (rule 14). Only for its token
 * Factorial is asked also while a connection is paused.
 */
export type Purpose = 'token' | 'connection' | 'webhook' | 'reconciliation';

const leaveOf: Record<Purpose, number> = { token: 0, connection: 0, webhook: 0, reconciliation: 0.3 };
/** Longer waits are given back to the workflow as a due time, so that nothing waits behind them (rule 13). */
const longestWaitMs = 20_000;
/** A reconciliation waits at the pace of its requests, however long in all; a wait longer than any pace must hold no slot. */
const longestPaceMs = 90_000;

export interface AccessRequest {
  readonly tenantId: string;
  readonly generation: number;
  readonly purpose: Purpose;
}

/**
 * Runs `work` with Factorial, in the name of one generation of a connection. A 401 re-reads the stored pair and repeats
 * `work` once where another pair is there by now (rule 9); so `work` must be safe to repeat.
 * Fails with `fenced` for a connection that moved on, `paused`, `token_refused` {tokenVersion}, `budget_exhausted` {retryAfterMs},
 * and with whatever the client throws.
 */
export async function withFactorial<T>(
  deps: ActivityDependencies,
  request: AccessRequest,
  work: (client: FactorialClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = await openTokens(deps, request);
  try {
    return await work(clientFor(deps, request, first), cancellationSignal());
  } catch (error) {
    if (!isDomainError(error, 'token_refused')) throw await noteLimit(deps, request.tenantId, error);
    const second = await openTokens(deps, request);
    if (second.tokens.version === first.tokens.version) throw refused(first.tokens.version);
    try {
      return await work(clientFor(deps, request, second), cancellationSignal());
    } catch (again) {
      if (isDomainError(again, 'token_refused')) throw refused(second.tokens.version);
      throw await noteLimit(deps, request.tenantId, again);
    }
  }
}

interface OpenConnection {
  readonly apiHost: string;
  readonly tokens: OpenTokens;
}

async function openTokens(
  { db, cipher }: ActivityDependencies,
  request: AccessRequest,
): Promise<OpenConnection> {
  const connection = await readConnectionRow(db, request.tenantId);
  requireAskable(connection, request);
  const tokens = await readTokens(db, cipher, request.tenantId);
  if (tokens === null || connection.apiHost === null) throw movedOn(request);
  return { apiHost: connection.apiHost, tokens };
}

function requireAskable(
  connection: { readonly generation: number; readonly paused: boolean },
  request: AccessRequest,
): void {
  if (connection.generation !== request.generation) throw movedOn(request);
  if (connection.paused && request.purpose !== 'token') throw pausedError();
}

const movedOn = ({ generation }: AccessRequest): DomainError =>
  new DomainError('fenced', `The connection moved on from generation ${generation}; Factorial is not asked.`);

function clientFor(
  deps: ActivityDependencies,
  request: AccessRequest,
  { apiHost, tokens }: OpenConnection,
): FactorialClient {
  const http = createFactorialHttp({
    apiHost,
    apiVersion: deps.settings.apiVersion,
    accessToken: tokens.accessToken,
    beforeRequest: () => awaitBudget(deps, request),
    onResponse: (answer) => (deps.observer ?? blind).factorialAnswered(answer),
  });
  return createFactorialClient(http);
}

/** Waits for a free request, a little; fails with `budget_exhausted` where the wait is long. */
async function awaitBudget(deps: ActivityDependencies, request: AccessRequest): Promise<void> {
  const { tenantId, purpose } = request;
  const rules = { perMinute: deps.settings.requestsPerMinute, leave: leaveOf[purpose] };
  let turn = await takeRequest(deps.db, tenantId, rules);
  for (let waitedMs = 0; turn.waitMs > 0;) {
    const { waitMs } = turn;
    const isLong = purpose === 'reconciliation' ? waitMs > longestPaceMs : waitedMs + waitMs > longestWaitMs;
    if (isLong) {
      throw new DomainError('budget_exhausted', 'The budget of requests to Factorial is used up for now.', {
        retryAfterMs: waitMs,
      });
    }
    waitedMs += waitMs;
    (deps.observer ?? blind).limited('budget', waitMs);
    await pause(waitMs);
    turn = await takeRequest(deps.db, tenantId, rules);
  }
  // What was true when the tokens were read may not be true after a wait (rule 12).
  requireAskable(turn, request);
}

/** Sleeps inside an activity: for the pace of requests only, never in place of a Temporal timer. */
async function pause(ms: number): Promise<void> {
  const signal = cancellationSignal();
  const endsAt = Date.now() + ms;
  while (Date.now() < endsAt) {
    signal.throwIfAborted();
    pulse();
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, Math.max(1, endsAt - Date.now()))));
  }
}

async function noteLimit(
  { db, observer = blind }: ActivityDependencies,
  tenantId: string,
  error: unknown,
): Promise<unknown> {
  if (!isDomainError(error, 'rate_limited')) return error;
  const waitMs = error.details.retryAfterMs ?? 30_000;
  observer.limited('factorial', waitMs);
  await blockRequests(db, tenantId, waitMs);
  return error;
}

function refused(tokenVersion: number): DomainError {
  return new DomainError('token_refused', `Factorial refused version ${tokenVersion} of the token.`, {
    tokenVersion,
  });
}

/** Where the activity that runs now reads for: stands in the explanation of a day. */
export function originOf(via: ReadOrigin['via']): ReadOrigin {
  const { workflowId, runId } = activityInfo().workflowExecution ?? { workflowId: '', runId: '' };
  return { via, workflowId, runId };
}
