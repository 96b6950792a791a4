import type { ConnectionStatus } from './connection-machine.ts';
import type { TokenStatus } from './token-life.ts';

/** An authorization under way. */
export interface AttemptView {
  readonly id: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
  /** Its code has come and waits to be exchanged. */
  readonly received: boolean;
}

/** A connection as the database has it: what a workflow's state is rebuilt from. */
export interface ConnectionSnapshot {
  readonly status: ConnectionStatus;
  readonly generation: number;
  readonly paused: boolean;
  readonly tokenVersion: number | null;
  readonly tokenStatus: TokenStatus | null;
  /** Credentials were replaced, and what comes of them is not known yet. */
  readonly credentialsUntried: boolean;
  /** ms since the epoch; null = no refresh. */
  readonly refreshDueAt: number | null;
  /** The authorization under way; null without one. */
  readonly attempt: AttemptView | null;
  readonly undoneCommands: number;
  readonly undoneDeliveries: number;
  /** Employees marked for recomputing, and linked profiles whose plan must be read. */
  readonly marked: number;
  readonly runningReconciliation: { readonly id: string; readonly key: string } | null;
  readonly queuedReconciliations: number;
  readonly unretiredSubscriptions: number;
  readonly timeZone: string;
  readonly nightlyHour: number;
  readonly holidayPollMinutes: number;
  /** Warnings of the card, and codes of failures that are not resolved. */
  readonly troubleCodes: readonly string[];
  readonly openFailures: number;
  readonly oldestPendingAt: number | null;
  readonly lastVerifiedAt: number | null;
}
