import type { OperatorVerb } from './operator-verbs.ts';

/**
 * What the activity tab tells of, by kind and outcome, and its sentence, which names nobody. The web has each in its
 * languages and finds it by these two.
 */
export const activitySentences = {
  delivery: {
    applied: 'Changes in Factorial arrived by webhook.',
    unchanged: 'Webhooks told what was known already.',
    parked: 'Absences arrived by webhook that wait for a mapping or a link.',
    failed: 'Changes that arrived by webhook could not be applied.',
    gone: 'Webhooks told of what does not exist in Factorial any more.',
    unreadable: 'Webhooks could not be read.',
  },
  sync: { created: 'New employees were created from Factorial.' },
  reconciliation: {
    completed: 'Everything was compared with Factorial.',
    awaiting_approval: 'Everything was compared with Factorial; deletions wait for approval.',
    failed: 'A reconciliation could not be finished.',
  },
  connection: {
    not_connected: 'Factorial is not connected.',
    pending: 'The connection waits for its authorization.',
    authorizing: 'The connection is being authorized.',
    connected: 'Factorial is connected.',
    reauthorized: 'WorkMeter was authorized again in Factorial.',
    expired: 'The connection with Factorial has expired.',
    disconnected: 'Factorial was disconnected.',
  },
  person: {
    changed: 'The settings were changed.',
    mapped: 'An absence type was mapped to a day type.',
    ignored: 'The absences of a type are ignored.',
    to_be_mapped: 'An absence type is to be mapped again.',
    linked: 'Employees were linked.',
    unlinked: 'The link of an employee was removed.',
  },
} as const;

export type ActivityKind = keyof typeof activitySentences;

/** One thing to tell of. */
export type ActivityTold = {
  readonly [Kind in ActivityKind]: {
    readonly kind: Kind;
    readonly outcome: keyof (typeof activitySentences)[Kind];
  };
}[ActivityKind];

/** What an operator did, and what came of it. The web finds the verb in it. */
export function operatorSentence(verb: OperatorVerb, outcome: OperatorOutcome, result: string): string {
  return `An operator’s ${verb}${outcome === 'done' ? '' : ` (${outcome})`}: ${result}`;
}

export type OperatorOutcome = (typeof operatorOutcomes)[number];

/** How what an operator did ends. */
export const operatorOutcomes = ['done', 'refused', 'failed'] as const;
