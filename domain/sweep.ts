/** Rules of a sweep: when a complete listing proves that something is gone (rule 6 of design.md 4). */

export interface SweepFacts {
  /** Whose token listed: a user's token never proves absence. */
  readonly tokenOwner: 'company' | 'user';
  /** Owner and company before and after the sweep, from the credentials endpoint. */
  readonly sameOwner: boolean;
  /** Distinct ids that were listed, bad rows included. */
  readonly listed: number;
  /** What Factorial said at the last page; null where it did not say. */
  readonly total: number | null;
  /** Whether it said the same on every page. */
  readonly isSteady: boolean;
}

export type SweepVerdict = 'proves' | 'unstable' | 'proves_nothing';

/** Whether what a sweep did not list may be taken as missing, to be asked for one by one. */
export function judgeSweep({ tokenOwner, sameOwner, listed, total, isSteady }: SweepFacts): SweepVerdict {
  if (total === null) return 'proves_nothing';
  if (!isSteady || listed !== total) return 'unstable';
  if (tokenOwner !== 'company' || !sameOwner || total === 0) return 'proves_nothing';
  return 'proves';
}

/** What an answer to a request for named ids has to show before silence about one of them means anything. */
export interface NamedAnswer {
  /** Ids of the rows that came, also of those that could not be read. */
  readonly ids: readonly string[];
  /** Rows of which not even the id could be read: each may be any of those asked for. */
  readonly nameless: number;
  /** Size of the whole answer as Factorial counts it; null where it does not say. */
  readonly total: number | null;
  readonly hasMore: boolean;
}

/** Which of the ids asked for a complete answer left out; none where the answer may have been cut. */
export function unanswered(
  asked: readonly string[],
  { ids, nameless, total, hasMore }: NamedAnswer,
): string[] {
  const answered = new Set(ids);
  if (hasMore || nameless > 0 || (total !== null && total !== answered.size)) return [];
  return asked.filter((id) => !answered.has(id));
}

export interface BrakeSettings {
  readonly percent: number;
  readonly count: number;
}

/** Whether so many deletions shown only by absence wait for a person: over both bounds, or all there is. */
export function isBraked(missing: number, of: number, { percent, count }: BrakeSettings): boolean {
  if (missing === 0) return false;
  return missing >= of || (missing > count && missing * 100 > of * percent);
}
