import type { Reconciliation } from '../../client/types.ts';

/** What a reconciliation compares, in the order in which it does. */
export const kinds = ['employees', 'absence_types', 'absences', 'holidays', 'planned_minutes'] as const;
export type Kind = (typeof kinds)[number];

export interface KindDrift {
  readonly kind: Kind;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

/** The kinds in which something was different. */
export function driftOf({ drift }: Pick<Reconciliation, 'drift'>): KindDrift[] {
  return kinds
    .map((kind) => ({ kind, ...drift[kind] }))
    .filter(({ created, updated, deleted }) => created + updated + deleted > 0);
}

export interface Progress {
  readonly read: number;
  /** Null until Factorial has told how many there are. */
  readonly total: number | null;
  /** 0 to 100; null without a total. */
  readonly percent: number | null;
}

/** How far the reading of one kind is. */
export function progressOf({ read, total }: { read: number; total: number | null }): Progress {
  if (total === null) return { read, total, percent: null };
  return { read, total, percent: total === 0 ? 100 : Math.min(100, Math.floor((100 * read) / total)) };
}
