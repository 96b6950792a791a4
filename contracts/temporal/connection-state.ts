import type { ConnectionStatus } from '../../domain/connection-machine.ts';
import type { AttemptView } from '../../domain/connection-snapshot.ts';
import type { TokenStatus } from '../../domain/token-life.ts';
import type { TraceParent } from './traces.ts';

/** What a connection workflow sees to. In order of precedence: of several that are due, the first runs first. */
export const dutyNames = [
  'commands',
  'operator',
  'teardown',
  'attempt',
  'token',
  'nightly',
  'reconcile',
  'watch',
  'subscriptions',
  'holidays',
  'facts',
  'inbox',
] as const;
export type DutyName = (typeof dutyNames)[number];

/**
 * The whole state of a connection workflow: plain JSON, carried through continue-as-new. Fields only get added;
 * `restore` fills in what an older run did not know. All of it can be rebuilt from the database.
 */
export interface ConnectionState {
  /** False until the database was looked into, and again after something moved under our hands. */
  known: boolean;
  status: ConnectionStatus;
  generation: number;
  paused: boolean;
  /** Version of the token pair, null without one. */
  tokenVersion: number | null;
  tokenStatus: TokenStatus | null;
  /** The newest version that a 401 was met with. */
  refusedTokenVersion: number | null;
  /** A refresh that was not answered is tried again no sooner than this (ms), whoever asks; null = at any time. */
  tokenNotBefore: number | null;
  /** New client credentials wait to be tried out by a refresh. */
  credentialsReplaced: boolean;
  /** The authorization under way; null without one. */
  attempt: AttemptView | null;
  /** Since when a disconnected tenant's traces are being removed (ms). */
  tearingDownSince: number | null;
  /** When each duty is due (ms since the epoch); null = not. A signal makes its duty due now. */
  due: Record<DutyName, number | null>;
  /** Tries in a row that failed, for the wait before the next. */
  failures: Partial<Record<DutyName, number>>;
  /** Why each of those waits: the code of its last failure. */
  troubles: Partial<Record<DutyName, string>>;
  /** Deliveries rung for since the last drain began, by topic: for the reader of the history. */
  counts: Record<string, number>;
  /** Traces that came with the signals which made a duty due; none where nobody traces. */
  traces: Partial<Record<DutyName, readonly TraceParent[]>>;
  /** The reconciliation that runs, null when none does. */
  reconciliationId: string | null;
  /** Another is to be asked for when its duty is due, with this trigger; null = none. */
  reconcileAs: 'first' | 'gap' | null;
  timeZone: string;
  nightlyHour: number;
  holidayPollMinutes: number;
  troubleCodes: string[];
  openFailures: number;
  oldestPendingAt: number | null;
  lastVerifiedAt: number | null;
  /** What the search attributes say by now. */
  shown: string;
  /** Runs so far, for the reader. */
  runs: number;
}
