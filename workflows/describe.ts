import type { ConnectionState, DutyName } from '../contracts/temporal/connection-state.ts';
import { nextDue } from './connection-state.ts';

/** Words of the duties for summaries on timers and activities. */
export const dutyWords: Record<DutyName, string> = {
  commands: 'carry out commands',
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
    `| | |`,
    `| --- | --- |`,
    `| Waits for | ${waitsFor} |`,
    `| Next | ${next.name === null ? '–' : `${dutyWords[next.name]} at ${at(next.atMs)}`} |`,
    `| Reconciliation running | ${state.reconciliationId ?? '–'} |`,
    `| Last verified | ${at(state.lastVerifiedAt)} |`,
    `| Open failures | ${state.openFailures} |`,
    `| Oldest pending delivery | ${at(state.oldestPendingAt)} |`,
    `| Trouble | ${state.troubleCodes.join(', ') || 'none'} |`,
    `| Run | ${state.runs} |`,
    '',
    'Safe: all of it is rebuilt from the database, so that terminating loses nothing. The supervisor starts it again within a minute.',
  ].join('\n');
}

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
