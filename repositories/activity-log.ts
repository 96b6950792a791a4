import { activitySentences, type ActivityTold, type operatorOutcomes } from '../domain/activity.ts';
import type { Executor } from './database.ts';

export type NewActivityEntry = (
  | ActivityTold
  // What an operator did has a sentence of its own, which names nobody either.
  | {
      readonly kind: 'person';
      readonly outcome: (typeof operatorOutcomes)[number];
      readonly summary: string;
    }
) & { readonly count?: number };

/** Adds a line to the activity tab. */
export async function logActivity(db: Executor, tenantId: string, entry: NewActivityEntry): Promise<void> {
  const { kind, outcome, count = 1 } = entry;
  const summary = 'summary' in entry ? entry.summary : sentenceOf(entry);
  await db.activityEntry.create({ data: { tenantId, kind, summary, count, outcome } });
}

function sentenceOf({ kind, outcome }: ActivityTold): string {
  const sentences: Readonly<Record<string, string>> = activitySentences[kind];
  return sentences[outcome] ?? '';
}
