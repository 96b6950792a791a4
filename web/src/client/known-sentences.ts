/**
 * Sentences of the API that have no code of their own, by our keys of them, so that they can be read in every language.
 * A sentence that is not among them is shown as it came.
 */

export type NextStepKey = 'nextReconciliation' | 'nextNight' | 'replay' | 'nextAudit';
export type RefusalKey = 'alreadyConnected' | 'notConnected' | 'credentialsMissing' | 'nothingAuthorizes';

/** What comes next for a failure. */
export const nextStepKeys: ReadonlyMap<string, NextStepKey> = new Map([
  ['It is read again by the next reconciliation.', 'nextReconciliation'],
  ['It is read again by the nightly reconciliation and by every further webhook about it.', 'nextNight'],
  ['It is being tried again.', 'replay'],
  [
    'It is looked at again within the hour. An engineer finds out why: docs/runbook.md, invariant_broken.',
    'nextAudit',
  ],
]);

/** Why a command was refused. */
export const refusalKeys: ReadonlyMap<string, RefusalKey> = new Map([
  ['Factorial is already connected. Disconnect first to start a new connection.', 'alreadyConnected'],
  ['Factorial is not connected.', 'notConnected'],
  ['Save the Client ID and the Client secret first.', 'credentialsMissing'],
  ['No authorization is under way. Click Connect with Factorial again.', 'nothingAuthorizes'],
]);
