import { dutyNames, type ConnectionState, type DutyName } from '../contracts/temporal/connection-state.ts';
import type { ReplayProgress } from '../contracts/temporal/replay.ts';
import { nextDue, restWhilePaused } from './connection-state.ts';

/** Words of the duties for summaries on timers and activities. */
export const dutyWords: Record<DutyName, string> = {
  commands: 'carry out commands',
  operator: 'answer an operator',
  teardown: 'remove our traces from Factorial',
  attempt: 'conclude the authorization',
  token: 'refresh token',
  nightly: 'nightly reconciliation',
  reconcile: 'start a reconciliation',
  watch: 'look after the reconciliation',
  subscriptions: 'check webhook subscriptions',
  holidays: 'poll holidays',
  facts: 'read plans and compute days',
  inbox: 'sync deliveries',
};

const at = (ms: number | null): string => (ms === null ? '–' : new Date(ms).toISOString());

/** What an operator sees of a connection in the Web UI, in Markdown: ids, counts and codes only. */
export function describeState(state: ConnectionState): string {
  const next = nextDue(state);
  const waitsFor = next.name === null ? 'signals' : `${dutyWords[next.name]}, or signals`;
  return [
    `**${state.status}**${state.paused ? ' (paused)' : ''} · generation ${state.generation} · token ${state.tokenStatus ?? '–'}`,
    '',
    ...table([
      ['Waits for', waitsFor],
      ['Next', next.name === null ? '–' : `${dutyWords[next.name]} at ${at(next.atMs)}`],
      ...retriesOf(state),
      ['Reconciliation running', state.reconciliationId ?? '–'],
      ['Last verified', at(state.lastVerifiedAt)],
      ['Open failures', String(state.openFailures)],
      ['Oldest pending delivery', at(state.oldestPendingAt)],
      ['Trouble', state.troubleCodes.join(', ') || 'none'],
      ['Run', String(state.runs)],
    ]),
    '',
    `Safe: ${safeVerbs(state)} Terminating loses nothing: it is rebuilt from the database within a minute.`,
  ].join('\n');
}

/** Each duty that waits after failures: why, how often, and its next try. */
const retriesOf = ({ due, failures, troubles, paused }: ConnectionState): [string, string][] =>
  dutyNames.flatMap((name): [string, string][] => {
    const times = failures[name];
    if (times === undefined) return [];
    const next = paused && restWhilePaused.includes(name) ? 'after the pause' : at(due[name]);
    return [
      [`Trying again: ${dutyWords[name]}`, `${troubles[name] ?? '–'}, ${times} times; next try ${next}`],
    ];
  });

/** What a person may do now without breaking anything. */
function safeVerbs({ status, paused }: ConnectionState): string {
  if (status === 'expired') return 'the customer’s admin reauthorizes; what was missed is caught up then.';
  if (status !== 'connected') return 'nothing needs doing; the customer’s admin connects in the wizard.';
  if (paused) return '`resume` goes on and catches up; `decideDeletions` waits for it.';
  return '`syncResource`, `resyncStream`, `replay`, `reconcile`, `decideDeletions`, `pause`, each with `dryRun` first.';
}

/** Where something stands that runs beside the connection workflow. */
interface Standing {
  readonly waits: number;
  /** Why it waits, and until when (ms); not while it works. */
  readonly trouble?: string;
  readonly nextAt?: number;
}

/** What an operator sees of a reconciliation. */
export function describeReconciliation({
  step,
  reconciliationId,
  ...standing
}: Standing & { readonly step: string; readonly reconciliationId: string }): string {
  return [
    `**${standing.trouble === undefined ? step : `${step}, waits after ${standing.trouble}`}**`,
    '',
    ...table([['Reconciliation', reconciliationId], ...rowsOf(standing)]),
    '',
    'Safe: terminating it. The supervisor starts it again within a minute, at the page it was on.',
  ].join('\n');
}

/** What an operator sees of a replay. */
export function describeReplay({
  replayId,
  progress,
  ...standing
}: Standing & { readonly replayId: string; readonly progress: ReplayProgress | null }): string {
  return [
    `**${standing.trouble === undefined ? 'trying failures again' : `waits after ${standing.trouble}`}**`,
    '',
    ...table([
      ['Replay', replayId],
      ['Done', progress === null ? '–' : `${progress.done} of ${progress.count}`],
      ['Succeeded', `${progress?.succeeded ?? '–'}`],
      ['Failed again', `${progress?.failed ?? '–'}`],
      ...rowsOf(standing),
    ]),
    '',
    'Safe: cancelling it. What had no turn is skipped, and can be replayed again. Terminated, it is started again within a minute.',
  ].join('\n');
}

const rowsOf = ({ waits, nextAt }: Standing): [string, string][] => [
  ['Waits for', nextAt === undefined ? 'its activity' : 'its next try, or the end of a pause'],
  ['Next try', at(nextAt ?? null)],
  ['Waited so far', `${waits} times`],
];

const table = (rows: readonly (readonly [string, string])[]): string[] => [
  '| | |',
  '| --- | --- |',
  ...rows.map(([name, value]) => `| ${name} | ${value} |`),
];

/** "sync 37 leaves, 2 employees": what the deliveries that were rung for are about. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const byResource = new Map<string, number>();
  for (const [topic, count] of Object.entries(counts)) {
    const resource = topic.split('/')[1] ?? topic;
    byResource.set(resource, (byResource.get(resource) ?? 0) + count);
  }
  const parts = [...byResource].map(
    ([resource, count]) => `${count} ${resource.replaceAll('_', ' ')}${count === 1 ? '' : 's'}`,
  );
  return parts.length === 0 ? 'sync what waits' : `sync ${parts.join(', ')}`;
}
