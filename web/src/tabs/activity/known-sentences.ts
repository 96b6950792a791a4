import type { activity } from '../../texts/en/activity.ts';

type SentenceKey = keyof typeof activity.sentences;

/** Sentences that the API says about what happened, and our key for each: so they can be read in every language. */
const keys: Readonly<Record<string, SentenceKey>> = {
  'The settings were changed.': 'settingsChanged',
  'An absence type was mapped to a day type.': 'typeMapped',
  'The absences of a type are ignored.': 'typeIgnored',
  'An absence type is to be mapped again.': 'typeToBeMapped',
  'Factorial is connected.': 'connected',
  'The connection is now pending.': 'nowPending',
  'The connection is now authorizing.': 'nowAuthorizing',
  'The connection is now connected.': 'nowConnected',
  'The connection is now expired.': 'nowExpired',
  'The connection is now disconnected.': 'nowDisconnected',
  'The link of an employee was removed.': 'unlinked',
  'Employees were linked.': 'linked',
  'New employees were created from Factorial.': 'employeesCreated',
  'A reconciliation could not be finished.': 'reconciliationFailed',
  'Everything was compared with Factorial.': 'reconciled',
  'Changes in Factorial arrived by webhook.': 'deliveriesApplied',
  'Webhooks told what was known already.': 'deliveriesUnchanged',
  'Absences arrived by webhook that wait for a mapping or a link.': 'deliveriesParked',
  'Changes that arrived by webhook could not be applied.': 'deliveriesFailed',
  'Webhooks told of what does not exist in Factorial any more.': 'deliveriesGone',
  'Webhooks could not be read.': 'deliveriesUnreadable',
  'It is read again by the next reconciliation.': 'nextReconciliation',
  'It is read again by the nightly reconciliation and by every further webhook about it.': 'nextNight',
};

/** The key of a sentence; null where it is a new one, to be shown as it came. */
export function keyOfSentence(sentence: string): SentenceKey | null {
  return Object.hasOwn(keys, sentence) ? (keys[sentence] ?? null) : null;
}
