import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, requireTenantOverview, sections } from '../command.ts';
import { readCard, type ConnectionCard } from '../../repositories/card.ts';
import type { TenantOverview } from '../../repositories/operations-read.ts';
import { renderPairs, renderTable } from '../table.ts';
import { ago, instant } from '../times.ts';
import { describeConnectionWorkflow, type WorkflowView } from '../workflow-view.ts';

/** `show <tenant>`: everything at a glance, with what its workflow does now. */
export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .description('a tenant: card, warnings with what to do, and what its workflow waits for')
    .argument('<tenant>')
    .addOption(jsonOption())
    .action((tenantId: string, options: JsonOption) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        const overview = await requireTenantOverview(session.db(), tenantId, nowMs);
        const card = await readCard(session.db(), tenantId, nowMs);
        const workflow = await describeConnectionWorkflow(session.temporal().client, tenantId);
        return {
          data: { tenantId, card, overview, workflow },
          text: toText(overview, card, workflow, nowMs),
        };
      }),
    );
};

function toText(
  overview: TenantOverview,
  card: ConnectionCard,
  workflow: WorkflowView,
  nowMs: number,
): string {
  const { lastReconciliation: last, parked, unlinked, subscriptions, progress } = card;
  const active = subscriptions.filter(({ state }) => state === 'active').length;
  const head = renderPairs([
    ['tenant', overview.tenantId],
    ['status', card.paused ? `${card.status}, paused` : card.status],
    ['company', card.company?.id ?? null],
    ['API host', card.apiHost],
    ['connected', instant(toDate(card.connectedAt), nowMs)],
    ['token', card.tokenStatus === null ? null : `${card.tokenStatus} (${card.tokenOwner ?? 'unknown'})`],
    ['token expires', card.tokenExpiresAt],
    ['last verified', instant(overview.lastVerifiedAt, nowMs)],
    [
      'reconciliation',
      last === null ? null : `${last.status}${last.verified ? ', verified' : ''} ${last.id}`,
    ],
    ['progress', progress === null ? null : `${progress.phase ?? ''} ${progress.done} of ${progress.total}`],
    ['open failures', overview.openFailures],
    ['errors in 7 d', card.errors7d],
    [
      'pending',
      overview.pending === 0
        ? 0
        : `${overview.pending}, the oldest ${ago(overview.oldestPendingAt, nowMs) ?? ''} old`,
    ],
    ['parked', `${parked.absences} absences of ${parked.types} types and ${parked.employees} employees`],
    ['unlinked', `${unlinked.employees} employees, ${unlinked.profiles} profiles`],
    ['subscriptions', `${active} of ${subscriptions.length} active`],
  ]);
  const warnings = renderTable(
    ['warning', 'since', 'message', 'to do'],
    card.warnings.map((one) => [one.code, ago(toDate(one.since), nowMs), one.message, one.action.label]),
  );
  return sections(head, warnings || 'No warnings.', workflowText(workflow, nowMs));
}

function workflowText(workflow: WorkflowView, nowMs: number): string {
  const { id, status, runId, historyLength, startedAt, details, pendingActivities } = workflow;
  if (status === 'unreachable') return `Workflow ${id}: Temporal does not answer.`;
  if (status === 'missing')
    return `Workflow ${id}: there is none. It is started by the supervisor, or by: npm run ops -- repair`;
  const lines = [
    `Workflow ${id}: ${status}, run ${runId ?? ''}, ${historyLength ?? 0} events, since ${ago(toDate(startedAt), nowMs) ?? ''}`,
    ...pendingActivities.map(
      ({ name, attempt, failure }) =>
        `  ${name}: try ${attempt}${failure === null ? '' : `, last ${failure}`}`,
    ),
  ];
  return sections(lines.join('\n'), details ?? 'No worker answered what it waits for.');
}

const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));
