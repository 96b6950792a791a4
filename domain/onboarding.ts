import type { CivilDate } from './civil-date.ts';

export interface OnboardingProfile {
  readonly emailKey: string | null;
  readonly terminatedOn: CivilDate | null;
  readonly linked: boolean;
  /** Found by the first synchronisation: matched by people, never onboarded. */
  readonly baseline: boolean;
  /** A reconciliation that began after it was first seen has seen it too. */
  readonly livedThroughReconciliation: boolean;
}

/**
 * Whether a profile becomes a new, linked employee by itself (design.md 5): it appeared after the connection was made, has
 * an e-mail or has lived through a reconciliation (a fresh one may still lack its e-mail), is not terminated, and nobody
 * in WorkMeter has its e-mail.
 */
export function isOnboarded(profile: OnboardingProfile, emailIsTaken: boolean, today: CivilDate): boolean {
  if (profile.linked || profile.baseline || emailIsTaken) return false;
  if (profile.terminatedOn !== null && profile.terminatedOn < today) return false;
  return profile.emailKey !== null || profile.livedThroughReconciliation;
}

/** A stable id of the employee that a profile becomes, in the form that WorkMeter's ids have. */
export function onboardedEmployeeId(profileId: string): string {
  return `factorial-${profileId}`.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 60);
}

/** Longer than any address (RFC 5321, 4.5.3.1): what is, names nobody, and would not fit into an index. */
const longestEmail = 320;

/** E-mails are compared trimmed and in lower case. */
export function toEmailKey(email: string | null): string | null {
  const key = email?.trim().toLowerCase() ?? '';
  return key === '' || key.length > longestEmail ? null : key;
}
