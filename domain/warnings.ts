import { scopes } from './authorization-url.ts';
import type { ConnectionStatus } from './connection-machine.ts';
import { scopesMissing } from './permissions.ts';

/** What can be wrong with a connection, as its card says it: a cause and the one thing to do (contract.md 1). */
export const warningCodes = [
  'connection_expired',
  'credentials_invalid',
  'authorization_expired',
  'authorization_denied',
  'redirect_uri_mismatch',
  'other_company',
  'company_already_connected',
  'reauthorization_needed',
  'administrator_needed',
  'scopes_missing',
  'subscription_disabled',
  'subscription_conflict',
  'subscription_refused',
  'subscriptions_left_behind',
  'factorial_unreachable',
  'rate_limited',
  'wrong_cluster',
  'schema_drift',
  'sweep_unstable',
  'deletions_waiting',
  'command_refused',
] as const;
export type WarningCode = (typeof warningCodes)[number];

export interface WarningText {
  readonly message: string;
  readonly action: { readonly code: string; readonly label: string };
}

const connectAgain = { code: 'connect', label: 'Connect with Factorial' };
const reauthorize = { code: 'reauthorize', label: 'Reauthorize' };
const replaceCredentials = { code: 'replace_credentials', label: 'Replace credentials' };
const reconcile = { code: 'reconcile', label: 'Reconcile now' };
const wait = { code: 'wait', label: 'Nothing to do: it is tried again by itself' };
const support = { code: 'contact_support', label: 'Contact WorkMeter support at https://help.workmeter.com' };

/** The sentence and the action of each warning. Where a case can say more, the writer passes its own sentence. */
export const warningTexts: Record<WarningCode, WarningText> = {
  connection_expired: { message: 'The connection with Factorial has expired', action: reauthorize },
  credentials_invalid: {
    message: 'Factorial does not accept the Client ID or the Client secret.',
    action: replaceCredentials,
  },
  authorization_expired: { message: 'The authorization has expired', action: connectAgain },
  authorization_denied: { message: 'The authorization was denied in Factorial.', action: connectAgain },
  redirect_uri_mismatch: {
    message: 'The redirect URI registered in Factorial is not exactly the one shown here.',
    action: { code: 'compare_redirect_uri', label: 'Compare the redirect URI' },
  },
  other_company: {
    message: 'This authorization belongs to another Factorial company. Nothing was changed.',
    action: reauthorize,
  },
  company_already_connected: {
    message: 'This Factorial company is already connected to another WorkMeter account.',
    action: support,
  },
  reauthorization_needed: {
    message: 'The new Client ID must be authorized in Factorial.',
    action: reauthorize,
  },
  administrator_needed: {
    message: 'An administrator of Factorial must authorize the connection.',
    action: reauthorize,
  },
  scopes_missing: {
    message: scopesMissing(scopes),
    action: reauthorize,
  },
  subscription_disabled: {
    message: 'Factorial had switched off a webhook subscription. It was switched on again.',
    action: wait,
  },
  subscription_conflict: {
    message: 'Another system receives webhooks that WorkMeter needs. Those changes are polled instead.',
    action: support,
  },
  subscription_refused: {
    message: 'Factorial refused a webhook subscription. Those changes arrive at night.',
    action: reauthorize,
  },
  subscriptions_left_behind: {
    message: 'Webhook subscriptions could not be removed from Factorial.',
    action: support,
  },
  factorial_unreachable: { message: 'Factorial does not answer.', action: wait },
  rate_limited: { message: 'Factorial limits our requests.', action: wait },
  wrong_cluster: {
    message: 'Factorial answers without data: the account may be in another region.',
    action: { code: 'check_host', label: 'Check the Factorial URL' },
  },
  schema_drift: { message: 'Factorial sends data in an unexpected form.', action: support },
  sweep_unstable: {
    message: 'Factorial’s data kept changing while it was compared. Nothing was removed.',
    action: reconcile,
  },
  deletions_waiting: {
    message: 'Many records have disappeared in Factorial. Their removal waits for approval.',
    action: { code: 'decide_deletions', label: 'Review the deletions' },
  },
  command_refused: {
    message: 'The last action could not be carried out.',
    action: { code: 'retry', label: 'Try again' },
  },
};

/**
 * What to do about a warning. Where there is a connection, authorizing it anew is what connects. An authorization that Factorial
 * did not answer, be it the last thing that happened (`endedAuthorization`) or all that there can be, nobody tries again but the admin.
 */
export function actionOf(
  code: WarningCode,
  status: ConnectionStatus,
  endedAuthorization: boolean,
): WarningText['action'] {
  const { action } = warningTexts[code];
  const isThere = status === 'connected' || status === 'expired';
  const goesOn = (isThere || status === 'authorizing') && !endedAuthorization;
  const isUnanswered = code === 'factorial_unreachable' && !goesOn;
  if (action !== connectAgain && !isUnanswered) return action;
  return isThere ? reauthorize : connectAgain;
}
