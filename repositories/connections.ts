import type { ConnectionStatus } from '../domain/connection-machine.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { logActivity } from './activity-log.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import { requireGeneration } from './fence.ts';
import { clearWarnings, raiseWarning } from './warnings.ts';

/** A connection as its workflow needs it. */
export interface ConnectionRow {
  readonly status: ConnectionStatus;
  readonly generation: number;
  readonly paused: boolean;
  readonly apiHost: string | null;
  /** `company` or `user`; a person's token may see less than everything. */
  readonly tokenOwner: string | null;
  readonly companyId: string | null;
  /** Work schedules were polled up to this `updated_at`; null = never. */
  readonly schedulesPolledTo: Date | null;
}

const notYet: ConnectionRow = {
  status: 'not_connected',
  generation: 0,
  paused: false,
  apiHost: null,
  tokenOwner: null,
  companyId: null,
  schedulesPolledTo: null,
};

export async function readConnectionRow(db: Executor, tenantId: string): Promise<ConnectionRow> {
  const row = await db.connection.findUnique({ where: { tenantId } });
  return row === null ? notYet : { ...row, status: row.status as ConnectionStatus };
}

/** Notes up to which `updated_at` work schedules were polled. The caller holds the fence. */
export async function noteSchedulesPolled(tx: Transaction, tenantId: string, to: Date): Promise<void> {
  await tx.connection.update({ where: { tenantId }, data: { schedulesPolledTo: to } });
}

export interface UndoneCommand {
  readonly id: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** Commands that wait, oldest first. */
export async function undoneCommands(
  db: Executor,
  tenantId: string,
  limit: number,
): Promise<UndoneCommand[]> {
  const rows = await db.connectionCommand.findMany({
    where: { tenantId, outcome: null },
    orderBy: { number: 'asc' },
    take: limit,
    select: { id: true, type: true, payload: true },
  });
  return rows.map((row) => ({ ...row, payload: row.payload as Record<string, unknown> }));
}

/** What a command did to the connection. */
export interface Settlement {
  readonly commandId: string | null;
  readonly generation: number;
  readonly to: ConnectionStatus;
  /** Null: accepted. */
  readonly refused: string | null;
  readonly credentialVersion?: number;
  readonly warnings?: readonly WarningCode[];
}

/** Warnings that a new wizard action makes out of date. */
const actionWarnings: readonly WarningCode[] = [
  'command_refused',
  'authorization_denied',
  'authorization_expired',
  'redirect_uri_mismatch',
  'credentials_invalid',
  'other_company',
  'company_already_connected',
  'factorial_unreachable',
  'rate_limited',
];

/**
 * Writes the verdict on a command: the connection's new status and the command's outcome, together. Safe to repeat.
 * A disconnect raises the generation here, so that from its commit on nothing is written for the old one (rule 12).
 * Answers the generation that holds from now on. Fails with `fenced`.
 */
export async function settle(
  db: Database,
  tenantId: string,
  settlement: Settlement,
  at: Date,
): Promise<number> {
  const { commandId, to, refused } = settlement;
  return inTransaction(db, async (tx) => {
    const before = await readConnectionRow(tx, tenantId);
    if (commandId !== null && (await isDone(tx, tenantId, commandId))) return before.generation;
    await requireGeneration(tx, tenantId, settlement.generation);
    const disconnects = to === 'disconnected' && before.status !== 'disconnected';
    const generation = disconnects ? before.generation + 1 : before.generation;
    if (refused === null) {
      const data = {
        status: to,
        generation,
        updatedAt: at,
        ...(disconnects ? { disconnectedAt: at, paused: false } : {}),
        ...(settlement.credentialVersion === undefined
          ? {}
          : { credentialVersion: settlement.credentialVersion }),
      };
      await tx.connection.upsert({ where: { tenantId }, create: { tenantId, ...data }, update: data });
      await clearWarnings(tx, tenantId, disconnects ? undefined : actionWarnings);
      if (before.status === 'expired' && to === 'connected')
        await clearWarnings(tx, tenantId, ['connection_expired', 'credentials_invalid']);
      if (disconnects) await closeInbox(tx, tenantId, at);
      if (to !== before.status) {
        await logActivity(tx, tenantId, {
          kind: 'connection',
          outcome: to,
        });
      }
    } else {
      await raiseWarning(tx, tenantId, 'command_refused', at, refused);
    }
    for (const code of settlement.warnings ?? []) await raiseWarning(tx, tenantId, code, at);
    if (commandId !== null) {
      await tx.connectionCommand.update({
        where: { tenantId_id: { tenantId, id: commandId } },
        data: { outcome: refused === null ? 'done' : 'refused', reason: refused, doneAt: at },
      });
    }
    return generation;
  });
}

async function isDone(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
  const command = await tx.connectionCommand.findUnique({
    where: { tenantId_id: { tenantId, id } },
    select: { outcome: true },
  });
  return command?.outcome != null;
}

async function closeInbox(tx: Transaction, tenantId: string, at: Date): Promise<void> {
  await tx.inboxRow.updateMany({
    where: { tenantId, outcome: null },
    data: { outcome: 'disconnected', outcomeAt: at },
  });
}
