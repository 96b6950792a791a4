/**
 * Sentences of the API that have no code of their own, by our keys of them, so that they can be read in every language.
 * A sentence that is not among them is shown as it came.
 */

export type NextStepKey = 'nextReconciliation' | 'nextAnswer' | 'nextNight' | 'replay' | 'nextAudit';
export type RefusalKey = 'alreadyConnected' | 'notConnected' | 'credentialsMissing' | 'nothingAuthorizes';

/** What comes next for a failure. */
export const nextStepKeys: ReadonlyMap<string, NextStepKey> = new Map([
  ['It is read again by the next reconciliation.', 'nextReconciliation'],
  [
    'It is asked for again by itself; the delivery that tells of it is kept until Factorial answers.',
    'nextAnswer',
  ],
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

/** The permissions that a sentence names: Factorial calls them so in every language. */
export const permissionsIn = (sentence: string): readonly string[] =>
  permissionNames.filter((name) => sentence.includes(name));
export const permissionNames = ['Employees', 'Time off', 'Time tracking', 'Company holidays'];

/** What operators may have done. */
export const operatorVerbs = [
  'pause',
  'resume',
  'syncResource',
  'resyncStream',
  'replay',
  'reconcile',
  'decideDeletions',
] as const;

/** What an operator did, by the sentence of the activity; null for a new one. */
export function verbOf(sentence: string): (typeof operatorVerbs)[number] | null {
  const [, name] = /^An operator’s (\w+)/.exec(sentence) ?? [];
  return operatorVerbs.find((verb) => verb === name) ?? null;
}
