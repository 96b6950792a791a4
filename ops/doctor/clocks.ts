import { ok, wrong, type Finding } from './finding.ts';

/** What a clock showed: some moment from `earliest` to `latest` of ours, ms since the epoch. */
export interface ClockReading {
  readonly of: string;
  readonly shownMs: { readonly earliest: number; readonly latest: number };
  /** Ours while it was read. */
  readonly oursMs: { readonly from: number; readonly to: number };
}

/** Leases last 30 s and tokens are renewed minutes ahead: less than this does no harm. */
const boundMs = 5_000;

/** Whether a clock can be as far from ours as may do harm. What is uncertain counts for it. */
export function judgeClock({ of, shownMs, oursMs }: ClockReading): Finding {
  const ahead = shownMs.earliest - oursMs.to;
  const behind = oursMs.from - shownMs.latest;
  const apartMs = Math.max(ahead, behind, 0);
  if (apartMs <= boundMs) return ok('clocks', `${of} and this host agree within ${boundMs / 1_000} s`);
  const word = ahead > behind ? 'ahead of' : 'behind';
  return wrong(
    'clocks',
    `${of} is ${Math.round(apartMs / 1_000)} s ${word} this host`,
    'Synchronise both clocks (NTP). Tokens, leases and nights are timed by them.',
  );
}
