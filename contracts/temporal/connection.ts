import { defineSignal } from '@temporalio/workflow';
import type { CommandType, ConnectionStatus } from '../../domain/connection-machine.ts';
import type { TokenStatus } from '../../domain/token-life.ts';
import type { ConnectionState } from './connection-state.ts';

/** Input of `connectionWorkflow`: whose connection, and after the first run the whole state. */
export interface ConnectionInput {
  readonly tenantId: string;
  readonly state?: ConnectionState;
}

/** Says "undone commands are in the table"; the id is for the reader of the history. */
export interface CommandRing {
  readonly commandId: string;
}

/** Says "the inbox has rows that are not done", so many of each topic. Harmless when repeated or late. */
export interface WebhookRing {
  readonly counts: Readonly<Record<string, number>>;
}

/** Says "employees are marked for recomputing", so many. */
export interface FactsRing {
  readonly marked: number;
}

export interface ReconcileNowRing {
  readonly reconciliationId: string;
}

export interface TokenRefusedRing {
  readonly tokenVersion: number;
}

export interface ReconciliationFinishedRing {
  readonly reconciliationId: string;
  readonly outcome: 'completed' | 'awaiting_approval' | 'failed';
}

export const credentialsSavedSignal = defineSignal<[CommandRing]>('credentialsSaved');
export const authorizationStartedSignal = defineSignal<[CommandRing]>('authorizationStarted');
export const oauthCallbackSignal = defineSignal<[CommandRing]>('oauthCallback');
export const credentialsReplacedSignal = defineSignal<[CommandRing]>('credentialsReplaced');
export const disconnectSignal = defineSignal<[CommandRing]>('disconnect');
export const webhooksReceivedSignal = defineSignal<[WebhookRing]>('webhooksReceived');
export const linksChangedSignal = defineSignal<[FactsRing]>('linksChanged');
export const mappingsChangedSignal = defineSignal<[FactsRing]>('mappingsChanged');
export const factsChangedSignal = defineSignal<[FactsRing]>('factsChanged');
export const reconcileNowSignal = defineSignal<[ReconcileNowRing]>('reconcileNow');
export const tokenRefusedSignal = defineSignal<[TokenRefusedRing]>('tokenRefused');
export const reconciliationFinishedSignal = defineSignal<[ReconciliationFinishedRing]>('reconciliationFinished');

/** A connection as the database has it: what a workflow's state is rebuilt from. */
export interface ConnectionSnapshot {
  readonly status: ConnectionStatus;
  readonly generation: number;
  readonly paused: boolean;
  readonly tokenVersion: number | null;
  readonly tokenStatus: TokenStatus | null;
  /** ms since the epoch; null = no refresh. */
  readonly refreshDueAt: number | null;
  /** When the authorization under way runs out; null without one. */
  readonly attemptExpiresAt: number | null;
  /** An attempt whose code waits to be exchanged; null without one. */
  readonly receivedAttemptId: string | null;
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
  readonly troubleCodes: readonly string[];
  readonly openFailures: number;
  readonly oldestPendingAt: number | null;
  readonly lastVerifiedAt: number | null;
}

/** A command as the workflow works it off: ids and words only. */
export interface CommandItem {
  readonly id: string;
  readonly type: CommandType;
  readonly attemptId: string | null;
  readonly credentialVersion: number | null;
}

/** Activities that ask Factorial in the name of one generation (rule 12). */
export interface Fenced {
  readonly tenantId: string;
  readonly generation: number;
  /** The workflow's clock, ms since the epoch (rule 17). */
  readonly nowMs: number;
}
