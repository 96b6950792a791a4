import type { Executor } from './database.ts';

export interface NewActivityEntry {
  readonly kind: 'delivery' | 'sync' | 'reconciliation' | 'connection' | 'person';
  /** A sentence without names. */
  readonly summary: string;
  readonly count?: number;
  readonly outcome: string;
}

/** Adds a line to the activity tab. */
export async function logActivity(db: Executor, tenantId: string, entry: NewActivityEntry): Promise<void> {
  await db.activityEntry.create({
    data: {
      tenantId,
      kind: entry.kind,
      summary: entry.summary,
      count: entry.count ?? 1,
      outcome: entry.outcome,
    },
  });
}
