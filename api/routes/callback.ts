import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { denialOf, isOAuthError } from '../../domain/denials.ts';
import type { CommandType } from '../../domain/connection-machine.ts';
import { claimAttempt, findAttemptByState } from '../../repositories/attempts.ts';
import type { KnownAttempt } from '../../repositories/attempts.ts';
import { addCommand } from '../../repositories/commands.ts';
import { isDatabaseAway } from '../../repositories/database-away.ts';
import { inTransaction } from '../../repositories/database.ts';
import type { AppDeps } from '../app-deps.ts';
import { retryAfterSeconds } from '../plugins/error-handler.ts';
import { callbackPage, type CallbackMessage } from '../callback-page.ts';
import { signalOf } from '../commands.ts';

const value = z.string().min(1).max(4_000).optional();
// Whatever the query looks like, the answer is a page for a person: a query that cannot be read says nothing.
const CallbackQuery = z.object({ state: value, code: value, error: value }).catch({});
type CallbackQuery = z.output<typeof CallbackQuery>;

type Result = 'received' | 'unknown' | 'gone';

interface CallbackAnswer {
  readonly status: number;
  /** Null where it could not be looked at what came. */
  readonly message: CallbackMessage | null;
}

const unavailable: CallbackAnswer = { status: 503, message: null };
const answers: Record<Result, CallbackAnswer> = {
  received: { status: 200, message: { source: 'factorial', outcome: 'received', code: null } },
  unknown: { status: 400, message: { source: 'factorial', outcome: 'failed', code: 'invalid_request' } },
  gone: { status: 410, message: { source: 'factorial', outcome: 'failed', code: 'authorization_expired' } },
};

const config = {
  public: true,
  text: {
    type: 'text/html',
    answers: {
      200: 'What came is received; what became of it is on the card',
      400: 'Nobody has asked for this',
      410: 'It has been used, or is too late',
      503: 'Nothing is lost: to be asked again in a moment',
    },
  },
} as const;

/** Where Factorial sends the browser back to. The state alone decides: no cookie, no session, any window. */
export function callbackRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  const { origin } = new URL(deps.config.publicUrl);
  return async (app) => {
    app.get(
      '/api/Integration/factorial/Callback',
      // A HEAD of a link scanner must not use the attempt up.
      { config, exposeHeadRoute: false, schema: { querystring: CallbackQuery } },
      async (request, reply) => {
        const { status, message } = await receive(deps, request.query).catch((error: unknown) => {
          if (isDatabaseAway(error)) return unavailable;
          throw error;
        });
        const { html, policy } = callbackPage(message, origin);
        return await reply
          .code(status)
          .headers({
            'cache-control': 'no-store',
            'referrer-policy': 'no-referrer',
            'content-security-policy': policy,
            'x-content-type-options': 'nosniff',
            ...(status === unavailable.status ? { 'retry-after': retryAfterSeconds } : {}),
          })
          .type('text/html; charset=utf-8')
          .send(html);
      },
    );
  };
}

async function receive(deps: AppDeps, { state, code, error }: CallbackQuery): Promise<CallbackAnswer> {
  if (state === undefined || (code === undefined && error === undefined)) return answers.unknown;
  const attempt = await findAttemptByState(deps.db, state);
  if (attempt === null) return answers.unknown;
  const denied = error !== undefined;
  const command = denied ? denialCommand(error) : codeCommand(attempt);
  const id = randomUUID();
  const claimed = await inTransaction(deps.db, async (tx) => {
    if (!(await claimAttempt(tx, deps.cipher, attempt, denied ? null : (code ?? null), deps.now())))
      return false;
    const payload = { attemptId: attempt.id, ...command.payload };
    await addCommand(tx, { tenantId: attempt.tenantId, id, type: command.type, payload, actor: 'factorial' });
    return true;
  });
  if (!claimed) return answers.gone;
  void deps.doorbell.ring(attempt.tenantId, signalOf[command.type], { commandId: id }); // never rejects
  if (!denied) return answers.received;
  return { status: 200, message: { source: 'factorial', outcome: 'denied', code: denialOf(error) } };
}

interface CallbackCommand {
  readonly type: CommandType;
  readonly payload: Readonly<Record<string, string>>;
}

function codeCommand({ kind }: KnownAttempt): CallbackCommand {
  return { type: kind === 'authorize' ? 'receive_code' : 'receive_reauthorization_code', payload: {} };
}

function denialCommand(error: string): CallbackCommand {
  return { type: 'receive_denial', payload: { error: isOAuthError(error) ? error : 'other' } };
}
