import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Card } from '../contracts/http/connection.ts';
import { redirectUriOf } from '../domain/authorization-url.ts';
import { decide, type CommandType, type ConnectionStatus } from '../domain/connection-machine.ts';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { readCard } from '../repositories/card.ts';
import { addCommand, lockCommands, outcomeOf, upcomingStatus } from '../repositories/commands.ts';
import { inTransaction, type Transaction } from '../repositories/database.ts';
import type { AppDeps } from './app-deps.ts';
import type { RingName } from './doorbell.ts';

/** The signal that tells the workflow of each kind of command. */
export const signalOf = {
  save_credentials: 'credentialsSaved',
  start_authorization: 'authorizationStarted',
  start_reauthorization: 'authorizationStarted',
  receive_code: 'oauthCallback',
  receive_reauthorization_code: 'oauthCallback',
  receive_denial: 'oauthCallback',
  replace_credentials: 'credentialsReplaced',
  disconnect: 'disconnect',
} as const satisfies Record<CommandType, RingName>;

/** How long an answer waits for the effect of its command (contract.md 1). */
const effectWaitMs = 2_000;
const pollMs = 40;

type Payload = Readonly<Record<string, string | number | boolean>>;

export interface Command<Result> {
  readonly type: CommandType;
  readonly actor: string;
  /** Checks and writes what the command needs, in its transaction. Throws to refuse. */
  readonly prepare: (
    tx: Transaction,
    status: ConnectionStatus,
  ) => Promise<{ payload: Payload; result: Result }>;
}

/**
 * Stores a wizard action together with what it needs, one at a time per tenant, then rings and waits a moment for its
 * effect. Without Temporal or a worker it is stored all the same, and carried out later.
 */
export async function giveCommand<Result>(
  deps: AppDeps,
  tenantId: string,
  command: Command<Result>,
): Promise<Result> {
  const id = randomUUID();
  const { type, actor, prepare } = command;
  const result = await inTransaction(deps.db, async (tx) => {
    await lockCommands(tx, tenantId);
    const prepared = await prepare(tx, await upcomingStatus(tx, tenantId));
    await addCommand(tx, { tenantId, id, type, payload: prepared.payload, actor });
    return prepared.result;
  });
  void deps.doorbell.ring(tenantId, signalOf[type], { commandId: id }); // never rejects; the relay rings again
  await waitFor(deps, async () => (await outcomeOf(deps.db, tenantId, id)) !== null);
  return result;
}

/** Polls until `happened`, for as long as an answer may wait. */
export async function waitFor(deps: AppDeps, happened: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + (deps.effectWaitMs ?? effectWaitMs);
  while (performance.now() < deadline && !(await happened())) await sleep(pollMs);
}

/** Throws the code that a refused command has over HTTP, with the reason of the state machine. */
export function requireAccepted(status: ConnectionStatus, type: CommandType): void {
  const verdict = decide(status, type);
  if (verdict.kind === 'refused') throw new DomainError(refusalCode(status, type), verdict.reason);
}

function refusalCode(status: ConnectionStatus, type: CommandType): ErrorCode {
  if (type !== 'save_credentials' && type !== 'start_authorization') return 'not_connected';
  return status === 'connected' || status === 'expired' ? 'already_connected' : 'credentials_missing';
}

/** The card as it is now. */
export async function cardOf(deps: AppDeps, tenantId: string): Promise<Card> {
  const card = await readCard(deps.db, tenantId, deps.now());
  return { ...card, redirectUri: redirectUriOf(deps.config.publicUrl) };
}
