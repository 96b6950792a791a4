/** Rules of a sweep: when a complete listing proves that something is gone (rule 6 of design.md 4). */

export interface SweepFacts {
  /** Whose token listed: a user's token never proves absence. */
  readonly tokenOwner: 'company' | 'user';
  /** Owner and company before and after the sweep, from the credentials endpoint. */
  readonly sameOwner: boolean;
  /** Distinct ids that were listed, bad rows included. */
  readonly listed: number;
  /** What Factorial said at the first and at the last page; null where it did not say. */
  readonly totalAtStart: number | null;
  readonly totalAtEnd: number | null;
}

export type SweepVerdict = 'proves' | 'unstable' | 'proves_nothing';

/** Whether what a sweep did not list may be taken as missing, to be asked for one by one. */
export function judgeSweep({
  tokenOwner,
  sameOwner,
  listed,
  totalAtStart,
  totalAtEnd,
}: SweepFacts): SweepVerdict {
  if (totalAtEnd === null) return 'proves_nothing';
  if (totalAtStart !== totalAtEnd || listed !== totalAtEnd) return 'unstable';
  if (tokenOwner !== 'company' || !sameOwner || totalAtEnd === 0) return 'proves_nothing';
  return 'proves';
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
