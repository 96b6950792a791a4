import { randomUUID } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { CommandItem, Fenced } from '../contracts/temporal/connection.ts';
import type { CommandType, ConnectionStatus } from '../domain/connection-machine.ts';
import type { ConnectionSnapshot } from '../domain/connection-snapshot.ts';
import { denialOf } from '../domain/denials.ts';
import { DomainError, isDomainError } from '../domain/errors.ts';
import { backOffMs, refreshDueAt } from '../domain/token-life.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { refreshTokens } from '../factorial/oauth.ts';
import { closeAttempt } from '../repositories/attempts-settle.ts';
import { settle, undoneCommands } from '../repositories/connections.ts';
import { readApplicationOf } from '../repositories/applications.ts';
import { noteTold } from '../repositories/settings.ts';
import { readSnapshot } from '../repositories/snapshot.ts';
import {
  commitRefresh,
  noteRefreshFailure,
  noteRefusal,
  noteTried,
  readTokenLife,
  readTokens,
  releaseRefreshLease,
  takeRefreshLease,
} from '../repositories/tokens.ts';
import { noteWarnings } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withFactorial } from './factorial-access.ts';

/** Commands taken at once; more are taken in the next round. */
const commandsAtOnce = 20;
/** Longer than the exchange with its time-out of 10 s: a slow one keeps its lease. */
const leaseMs = 30_000;
/** Two refusals this far apart prove a token dead that cannot be refreshed (rule 9). */
const proofMs = 20_000;

export interface SettleInput extends Fenced {
  /** Null for an event that no command caused. */
  readonly commandId: string | null;
  readonly to: ConnectionStatus;
  readonly refused: string | null;
  readonly credentialVersion: number | null;
  readonly warnings: readonly WarningCode[];
  /** An attempt that ends with this event, and how. */
  readonly attempt: { readonly id: string; readonly outcome: string } | null;
}

export type TokenOutcome =
  /** The pair works, or is a new one; it is renewed next at `refreshDueAt` (ms since the epoch), null = never. */
  | { readonly outcome: 'valid'; readonly tokenVersion: number; readonly refreshDueAt: number | null }
  | { readonly outcome: 'dead'; readonly code: 'connection_expired' | 'credentials_invalid' }
  | { readonly outcome: 'later'; readonly dueAt: number };

export interface TokenInput extends Fenced {
  /** The version that ran out or was refused; a newer one in the database ends the matter. */
  readonly tokenVersion: number;
  /** Whether Factorial refused it (401), or its time has merely come. */
  readonly refused: boolean;
}

export function createConnectionActivities(deps: ActivityDependencies) {
  const { db, cipher, settings } = deps;

  return {
    /** Reads what a workflow's state is rebuilt from, and notes that it knows the settings. Safe to repeat. */
    async readConnection({
      tenantId,
      nowMs,
    }: {
      tenantId: string;
      nowMs: number;
    }): Promise<ConnectionSnapshot> {
      await noteTold(db, tenantId); // before it reads: a change in between is told again
      return readSnapshot(db, tenantId, nowMs, settings);
    },

    /** Lists commands that are not done, oldest first. Changes nothing: `settleCommand` ends each. */
    async takeCommands({ tenantId }: { tenantId: string }): Promise<CommandItem[]> {
      const commands = await undoneCommands(db, tenantId, commandsAtOnce);
      return commands.map(({ id, type, payload }) => ({
        id,
        type: type as CommandType,
        attemptId: typeof payload['attemptId'] === 'string' ? payload['attemptId'] : null,
        credentialVersion:
          typeof payload['credentialVersion'] === 'number' ? payload['credentialVersion'] : null,
        denial: type === 'receive_denial' ? denialOf(payload['error']) : null,
      }));
    },

    /**
     * Writes the verdict on a command or an event: status, warning, the command's outcome. Answers the generation from now on.
     * Safe to repeat by the command's id.
     */
    async settleCommand(input: SettleInput): Promise<{ generation: number }> {
      const { tenantId, commandId, to, refused, generation, warnings, credentialVersion, attempt, nowMs } =
        input;
      const at = new Date(nowMs);
      const settlement = {
        commandId,
        generation,
        to,
        refused,
        warnings,
        ...(credentialVersion === null ? {} : { credentialVersion }),
      };
      const now = await settle(db, tenantId, settlement, at);
      if (attempt !== null) await closeAttempt(db, tenantId, attempt.id, attempt.outcome, at);
      return { generation: now };
    },

    /** Shows a passing trouble on the card, or takes it off. */
    async noteTrouble({
      tenantId,
      generation,
      nowMs,
      code,
      over,
    }: Fenced & { code: WarningCode; over: boolean }): Promise<void> {
      await noteWarnings(db, tenantId, generation, { [code]: !over }, new Date(nowMs));
    },

    /**
     * Renews the token pair, or finds out whether a refused token is dead. Only the connection workflow calls it (rule 9).
     * Safe to repeat: a lease keeps a second refresher out, and a pair is committed over the version it came from, before use.
     * After a crash between Factorial's answer and the commit the old refresh token is tried once more, which Factorial
     * allows until the new access token is first used (unless it revokes at once: then the connection expires).
     */
    async renewToken(input: TokenInput): Promise<TokenOutcome> {
      const { tenantId, generation, tokenVersion, refused, nowMs } = input;
      const tokens = await readTokens(db, cipher, tenantId);
      if (tokens === null || tokens.generation !== generation)
        return { outcome: 'dead', code: 'connection_expired' };
      if (tokens.version > tokenVersion) return valid(tenantId);
      const application = await readApplicationOf(db, cipher, tenantId, tokens.credentialVersion);
      const replaced = { reauthorization_needed: application.isReplaced };
      if (application.isReplaced || tokens.refreshToken === null)
        await noteWarnings(db, tenantId, generation, replaced, new Date(nowMs));
      const noteOutcome = () => noteTried(db, tenantId, tokenVersion, application);
      if (tokens.refreshToken === null) {
        // Only a renewal tries a new secret out; a token without refresh shows it at the next authorization.
        await noteOutcome();
        return refused ? proveDead(input) : valid(tenantId);
      }
      // One for each try: two workers may well have the same process id, each in its container.
      const owner = randomUUID();
      if (!(await takeRefreshLease(db, tenantId, tokenVersion, owner, leaseMs)))
        return { outcome: 'later', dueAt: nowMs + leaseMs };
      try {
        const pair = await refreshTokens(
          { ...application, refreshToken: tokens.refreshToken },
          cancellationSignal(),
        );
        const credentialVersion = application.version;
        await commitRefresh(db, cipher, tenantId, tokens, { ...pair, credentialVersion }, new Date());
        await noteWarnings(
          db,
          tenantId,
          generation,
          { factorial_unreachable: false, credentials_invalid: false, ...replaced },
          new Date(nowMs),
        );
        return await valid(tenantId);
      } catch (error) {
        // An exchange that has ended holds up nobody; after a crash the lease runs out.
        if (isDomainError(error)) await releaseRefreshLease(db, tenantId, owner);
        if (isDomainError(error, 'invalid_grant') || isDomainError(error, 'invalid_client'))
          await noteOutcome();
        if (isDomainError(error, 'invalid_grant'))
          return (
            (await committedMeanwhile(tenantId, tokenVersion)) ?? {
              outcome: 'dead',
              code: 'connection_expired',
            }
          );
        if (isDomainError(error, 'invalid_client')) return { outcome: 'dead', code: 'credentials_invalid' };
        if (!isDomainError(error) || error.code === 'fenced') throw error;
        const failures = await noteRefreshFailure(db, tenantId, tokenVersion, new Date(nowMs));
        if (error.code !== 'factorial_unreachable' && error.code !== 'rate_limited') throw error;
        await noteWarnings(db, tenantId, generation, { factorial_unreachable: true }, new Date(nowMs));
        return {
          outcome: 'later',
          dueAt: nowMs + Math.max(backOffMs(failures), error.details.retryAfterMs ?? 0),
        };
      }
    },
  };

  /** A loser of the race finds the winner's pair. */
  async function committedMeanwhile(tenantId: string, tokenVersion: number): Promise<TokenOutcome | null> {
    const tokens = await readTokens(db, cipher, tenantId);
    return tokens !== null && tokens.version > tokenVersion ? valid(tenantId) : null;
  }

  async function valid(tenantId: string): Promise<TokenOutcome> {
    const life = await readTokenLife(db, tenantId);
    if (life === null) throw new DomainError('fenced', 'The connection has no token any more.');
    return { outcome: 'valid', tokenVersion: life.version, refreshDueAt: refreshDueAt(tenantId, life) };
  }

  /** For a token without refresh: two refusals of the credentials endpoint, at least 20 s apart. */
  async function proveDead({ tenantId, generation, tokenVersion, nowMs }: TokenInput): Promise<TokenOutcome> {
    try {
      await withFactorial(deps, { tenantId, generation, purpose: 'token' }, (client, signal) =>
        client.getCredentials(signal),
      );
      await noteRefusal(db, tenantId, tokenVersion, null);
      return await valid(tenantId);
    } catch (error) {
      if (
        isDomainError(error, 'factorial_unreachable') ||
        isDomainError(error, 'rate_limited') ||
        isDomainError(error, 'budget_exhausted')
      ) {
        return { outcome: 'later', dueAt: nowMs + Math.max(proofMs, error.details.retryAfterMs ?? 0) };
      }
      if (!isDomainError(error, 'token_refused')) throw error;
      const refusedAt = (await readTokens(db, cipher, tenantId))?.refusedAt ?? null;
      if (refusedAt !== null && nowMs - refusedAt.getTime() >= proofMs)
        return { outcome: 'dead', code: 'connection_expired' };
      if (refusedAt === null) await noteRefusal(db, tenantId, tokenVersion, new Date(nowMs));
      return { outcome: 'later', dueAt: (refusedAt?.getTime() ?? nowMs) + proofMs + 1_000 };
    }
  }
}
