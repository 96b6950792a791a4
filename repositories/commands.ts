import {
  commandTypes,
  decide,
  type CommandType,
  type ConnectionStatus,
} from '../domain/connection-machine.ts';
import type { Executor, Transaction } from './database.ts';
import { ensureTenant } from './tenants.ts';

export interface NewCommand {
  readonly tenantId: string;
  /** A new UUID: writing the same command twice leaves one. */
  readonly id: string;
  readonly type: CommandType;
  /** Ids and codes only, never a secret. */
  readonly payload: Readonly<Record<string, string | number | boolean>>;
  /** Subject of the token that asked. */
  readonly actor: string;
}

/** Stores a wizard action. Write it in the transaction that writes what it needs. Safe to repeat by its id. */
export async function addCommand(
  tx: Transaction,
  { tenantId, id, type, payload, actor }: NewCommand,
): Promise<void> {
  await tx.connectionCommand.createMany({
    data: [{ tenantId, id, type, payload, actor }],
    skipDuplicates: true,
  });
}

/** Lets one wizard action of a tenant be decided and written at a time, until the commit. Creates the tenant. */
export async function lockCommands(tx: Transaction, tenantId: string): Promise<void> {
  await ensureTenant(tx, tenantId);
  await tx.$queryRaw`SELECT id FROM tenants WHERE id = ${tenantId} FOR NO KEY UPDATE`;
}

/**
 * The status that the connection will have once its stored commands are carried out. While no worker runs, the next
 * action must be judged by what was asked before it, not by what has come of it.
 */
export async function upcomingStatus(db: Executor, tenantId: string): Promise<ConnectionStatus> {
  const connection = await db.connection.findUnique({ where: { tenantId }, select: { status: true } });
  const commands = await db.connectionCommand.findMany({
    where: { tenantId, outcome: null },
    orderBy: { number: 'asc' },
    select: { type: true },
  });
  let status = (connection?.status ?? 'not_connected') as ConnectionStatus;
  for (const { type } of commands) {
    if (!isCommandType(type)) continue;
    const verdict = decide(status, type);
    if (verdict.kind === 'accepted') status = verdict.to;
  }
  return status;
}

/** What became of a command: null while it is undone. */
export async function outcomeOf(db: Executor, tenantId: string, id: string): Promise<string | null> {
  const command = await db.connectionCommand.findUnique({
    where: { tenantId_id: { tenantId, id } },
    select: { outcome: true },
  });
  return command?.outcome ?? null;
}

const isCommandType = (type: string): type is CommandType => commandTypes.some((known) => known === type);
