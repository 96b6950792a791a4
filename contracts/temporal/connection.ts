import { defineSignal } from '@temporalio/workflow';
import type { DenialWarning } from '../../domain/denials.ts';
import type { CommandType } from '../../domain/connection-machine.ts';
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
  /** The tenant's time zone or settings changed: the night is planned anew. */
  readonly settings?: true;
}

export interface ReconcileNowRing {
  readonly reconciliationId: string;
}

export interface TokenRefusedRing {
  readonly tokenVersion: number;
}

export interface ReconciliationFinishedRing {
  readonly reconciliationId: string;
  /** Of the connection that it was for: a late one says nothing of the next connection. */
  readonly generation: number;
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
export const reconciliationFinishedSignal =
  defineSignal<[ReconciliationFinishedRing]>('reconciliationFinished');

/** A command as the workflow works it off: ids and words only. */
export interface CommandItem {
  readonly id: string;
  readonly type: CommandType;
  readonly attemptId: string | null;
  readonly credentialVersion: number | null;
  /** What the card says of an authorization that Factorial sent an error for. */
  readonly denial: DenialWarning | null;
}

/** Activities that ask Factorial in the name of one generation (rule 12). */
export interface Fenced {
  readonly tenantId: string;
  readonly generation: number;
  /** The workflow's clock, ms since the epoch (rule 17). */
  readonly nowMs: number;
}
