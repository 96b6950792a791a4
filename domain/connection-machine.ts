/**
 * The life of a connection as a pure table: (status, event) → new status and effects, or a refusal with its reason.
 * The workflow turns signals and timers into events and effects into activities; it decides nothing itself.
 * Source: design.md 6.
 */
export const connectionStatuses = [
  'not_connected',
  'pending',
  'authorizing',
  'connected',
  'expired',
  'disconnected',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** What a wizard action asks for, as stored in `connection_commands.type`. */
export const commandTypes = [
  'save_credentials',
  'start_authorization',
  'start_reauthorization',
  'receive_code',
  'receive_reauthorization_code',
  'receive_denial',
  'replace_credentials',
  'disconnect',
] as const;
export type CommandType = (typeof commandTypes)[number];

export const connectionEvents = [
  ...commandTypes,
  'attempt_expired',
  'exchange_succeeded',
  'exchange_failed',
  'token_dead',
] as const;
export type ConnectionEvent = (typeof connectionEvents)[number];

export const effects = [
  'exchange_code',
  'check_credentials',
  'ensure_subscriptions',
  'reconcile_first',
  'reconcile_gap',
  'tear_down',
  'warn_expired',
] as const;
export type Effect = (typeof effects)[number];

export type Verdict =
  | { readonly kind: 'accepted'; readonly to: ConnectionStatus; readonly effects: readonly Effect[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** Why an event is refused. The web has each in its languages. */
export const refusals = {
  alreadyConnected: 'Factorial is already connected. Disconnect first to start a new connection.',
  notConnected: 'Factorial is not connected.',
  credentialsMissing: 'Save the Client ID and the Client secret first.',
  nothingAuthorizes: 'No authorization is under way. Click Connect with Factorial again.',
} as const;
const { alreadyConnected, notConnected, credentialsMissing, nothingAuthorizes } = refusals;

const go = (to: ConnectionStatus, ...does: Effect[]): Verdict => ({ kind: 'accepted', to, effects: does });
const no = (reason: string): Verdict => ({ kind: 'refused', reason });

const table: Record<ConnectionStatus, Record<ConnectionEvent, Verdict>> = {
  not_connected: {
    save_credentials: go('pending'),
    start_authorization: no(credentialsMissing),
    start_reauthorization: no(notConnected),
    receive_code: no(nothingAuthorizes),
    receive_reauthorization_code: no(notConnected),
    receive_denial: go('not_connected'),
    replace_credentials: no(notConnected),
    disconnect: no(notConnected),
    attempt_expired: go('not_connected'),
    exchange_succeeded: no(nothingAuthorizes),
    exchange_failed: go('not_connected'),
    token_dead: go('not_connected'),
  },
  pending: {
    save_credentials: go('pending'),
    start_authorization: go('authorizing'),
    start_reauthorization: no(notConnected),
    receive_code: no(nothingAuthorizes),
    receive_reauthorization_code: no(notConnected),
    receive_denial: go('pending'),
    replace_credentials: no(notConnected),
    disconnect: go('disconnected', 'tear_down'),
    attempt_expired: go('pending'),
    exchange_succeeded: no(nothingAuthorizes),
    exchange_failed: go('pending'),
    token_dead: go('pending'),
  },
  authorizing: {
    save_credentials: go('pending'),
    start_authorization: go('authorizing'),
    start_reauthorization: no(notConnected),
    receive_code: go('authorizing', 'exchange_code'),
    receive_reauthorization_code: no(notConnected),
    receive_denial: go('pending'),
    replace_credentials: no(notConnected),
    disconnect: go('disconnected', 'tear_down'),
    attempt_expired: go('pending'),
    exchange_succeeded: go('connected', 'ensure_subscriptions', 'reconcile_first'),
    exchange_failed: go('pending'),
    token_dead: go('authorizing'),
  },
  connected: {
    save_credentials: no(alreadyConnected),
    start_authorization: no(alreadyConnected),
    start_reauthorization: go('connected'),
    receive_code: no(alreadyConnected),
    receive_reauthorization_code: go('connected', 'exchange_code'),
    receive_denial: go('connected'),
    replace_credentials: go('connected', 'check_credentials'),
    disconnect: go('disconnected', 'tear_down'),
    attempt_expired: go('connected'),
    exchange_succeeded: go('connected', 'ensure_subscriptions', 'reconcile_gap'),
    exchange_failed: go('connected'),
    token_dead: go('expired', 'warn_expired'),
  },
  expired: {
    save_credentials: no(alreadyConnected),
    start_authorization: no(alreadyConnected),
    start_reauthorization: go('expired'),
    receive_code: no(alreadyConnected),
    receive_reauthorization_code: go('expired', 'exchange_code'),
    receive_denial: go('expired'),
    replace_credentials: go('expired', 'check_credentials'),
    disconnect: go('disconnected', 'tear_down'),
    attempt_expired: go('expired'),
    exchange_succeeded: go('connected', 'ensure_subscriptions', 'reconcile_gap'),
    exchange_failed: go('expired'),
    token_dead: go('expired', 'warn_expired'),
  },
  disconnected: {
    save_credentials: go('pending'),
    start_authorization: no(credentialsMissing),
    start_reauthorization: no(notConnected),
    receive_code: no(nothingAuthorizes),
    receive_reauthorization_code: no(notConnected),
    receive_denial: go('disconnected'),
    replace_credentials: no(notConnected),
    disconnect: no(notConnected),
    attempt_expired: go('disconnected'),
    exchange_succeeded: no(nothingAuthorizes),
    exchange_failed: go('disconnected'),
    token_dead: go('disconnected'),
  },
};

/** What an event does to a connection in `status`. A refusal changes nothing and is shown on the card. */
export function decide(status: ConnectionStatus, event: ConnectionEvent): Verdict {
  return table[status][event];
}

/** Whether Factorial may be asked in this status. */
export const isConnected = (status: ConnectionStatus): boolean => status === 'connected';
