import type { ConnectionStatus } from './connection-machine.ts';
import { stableHash } from './stable-hash.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A refresh token lives a week (factorial-api.md 7); two days are left to act. */
const oldRefreshTokenMs = 5 * dayMs;

/** What of a token pair decides its fate. */
export interface TokenLife {
  readonly obtainedAt: Date;
  /** Null: does not expire (company token). */
  readonly expiresAt: Date | null;
  readonly hasRefreshToken: boolean;
  /** Since when every try to refresh has failed; null when the last one worked. */
  readonly refreshFailingSince: Date | null;
}

export type TokenStatus = 'correct' | 'refresh_recommended' | 'invalid_or_expired';

/**
 * When a pair is refreshed (ms since the epoch): before it runs out by 10 % of its life (at least 5 minutes, at most half
 * of it), less a stable jitter; at least daily, so that an idle tenant's refresh token never gets old.
 * Null: it cannot be refreshed.
 */
export function refreshDueAt(tenantId: string, life: TokenLife): number | null {
  if (!life.hasRefreshToken) return null;
  const obtainedAt = life.obtainedAt.getTime();
  if (life.expiresAt === null) return obtainedAt + dayMs;
  const lifeMs = Math.max(0, life.expiresAt.getTime() - obtainedAt);
  const marginMs = Math.min(Math.max(lifeMs / 10, 5 * minuteMs), lifeMs / 2);
  const jitterMs = (stableHash(tenantId) % 1_000) * (Math.min(lifeMs / 20, 2 * minuteMs) / 1_000);
  return Math.round(Math.min(obtainedAt + lifeMs - marginMs - jitterMs, obtainedAt + dayMs));
}

/** What the card says of the token; null while not connected. Source: design.md 6. */
export function tokenStatus(
  status: ConnectionStatus,
  life: TokenLife | null,
  nowMs: number,
): TokenStatus | null {
  if (status === 'expired') return 'invalid_or_expired';
  if (status !== 'connected' || life === null) return null;
  return isRefreshRecommended(life, nowMs) ? 'refresh_recommended' : 'correct';
}

function isRefreshRecommended(
  { obtainedAt, expiresAt, hasRefreshToken, refreshFailingSince }: TokenLife,
  nowMs: number,
): boolean {
  if (hasRefreshToken && nowMs - obtainedAt.getTime() > oldRefreshTokenMs) return true;
  if (expiresAt === null) return false;
  if (nowMs >= expiresAt.getTime()) return true;
  // A failing refresh matters once half of the token's life is over: before that there is time for many tries.
  return refreshFailingSince !== null && nowMs >= (obtainedAt.getTime() + expiresAt.getTime()) / 2;
}

/** The wait before the n-th next try of something that Factorial does not answer: doubled from 5 s up to an hour. */
export function backOffMs(failures: number): number {
  return Math.min(5_000 * 2 ** Math.min(Math.max(failures - 1, 0), 20), 3_600_000);
}
