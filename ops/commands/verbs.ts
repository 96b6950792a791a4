import { Argument, Option } from 'commander';
import type { AddCommand, JsonOption, Report, Run } from '../command.ts';
import { jsonOption, requireTenantOverview } from '../command.ts';
import {
  deletionDecisions,
  syncableResources,
  type Ask,
  type OperatorRequest,
  type SyncableResource,
} from '../../domain/operator-verbs.ts';
import { resourceKinds, type ResourceKind } from '../../domain/resources.ts';
import type { OperatorAnswer } from '../../contracts/temporal/operator.ts';
import { renderPairs } from '../table.ts';
import { askOperator } from '../verbs.ts';

export interface VerbOptions extends JsonOption {
  readonly dryRun?: boolean;
  readonly actor: string;
  readonly reason?: string;
}

/** What every verb takes. It stands in the history and in the audit row: no names in the reason. */
export const verbOptions = (): Option[] => [
  new Option('--dry-run', 'only say what would happen'),
  new Option('--actor <who>', 'who asks, for the audit').default('ops'),
  new Option('--reason <text>', 'why, for the audit'),
  jsonOption(),
];

export const toAsk = ({ dryRun, actor, reason }: VerbOptions): Ask => ({
  actor,
  ...(dryRun === true ? { dryRun } : {}),
  ...(reason === undefined ? {} : { reason }),
});

/** The operators' verbs: each asks the tenant's workflow, prints its answer, and leaves an audit row. */
export const addVerbs: AddCommand = (program, run) => {
  const verb = (name: string, description: string) => {
    const command = program.command(name).description(description).argument('<tenant>');
    for (const option of verbOptions()) command.addOption(option);
    return command;
  };

  verb('pause', 'asks nothing of Factorial for a tenant until resume; deliveries are kept').action(
    (tenantId: string, options: VerbOptions) =>
      carryOut(run, options, tenantId, { verb: 'pause', ask: toAsk(options) }),
  );
  verb('resume', 'ends a pause and catches up').action((tenantId: string, options: VerbOptions) =>
    carryOut(run, options, tenantId, { verb: 'resume', ask: toAsk(options) }),
  );
  verb('reconcile', 'compares everything of a tenant with Factorial').action(
    (tenantId: string, options: VerbOptions) =>
      carryOut(run, options, tenantId, { verb: 'reconcile', ask: toAsk(options) }),
  );
  verb('sync', 'reads one resource of a tenant again')
    .addArgument(new Argument('<resource>').choices(syncableResources))
    .argument('<id>', 'its id in Factorial')
    .action((tenantId: string, resource: SyncableResource, factorialId: string, options: VerbOptions) => {
      const ask = { ...toAsk(options), resource, factorialId };
      return carryOut(run, options, tenantId, { verb: 'syncResource', ask });
    });
  verb('resync', 'reads all of a kind of a tenant anew')
    .addArgument(new Argument('<resource>').choices(resourceKinds))
    .action((tenantId: string, resource: ResourceKind, options: VerbOptions) =>
      carryOut(run, options, tenantId, { verb: 'resyncStream', ask: { ...toAsk(options), resource } }),
    );
  verb('decide', 'approves or rejects deletions that a reconciliation holds back')
    .argument('<reconciliation>', 'its id: npm run ops -- show <tenant>')
    .addArgument(new Argument('<decision>').choices(deletionDecisions))
    .addOption(new Option('--kind <kind...>', 'only of these kinds').choices(resourceKinds))
    .action(
      (
        tenantId: string,
        reconciliationId: string,
        decision: (typeof deletionDecisions)[number],
        { kind, ...options }: VerbOptions & { kind?: ResourceKind[] },
      ) => {
        const kinds = kind === undefined ? {} : { kinds: kind };
        const ask = { ...toAsk(options), reconciliationId, decision, ...kinds };
        return carryOut(run, options, tenantId, { verb: 'decideDeletions', ask });
      },
    );
};

async function carryOut(
  run: Run,
  options: JsonOption,
  tenantId: string,
  request: OperatorRequest,
): Promise<void> {
  await run(options, async (session) => {
    await requireTenantOverview(session.db(), tenantId, session.io.now());
    return toReport(await askOperator(session.temporal().client, tenantId, request));
  });
}

function toReport(answer: OperatorAnswer): Report {
  const { message, outcome, counts, id, actionId } = answer;
  const text = renderPairs([
    [outcome === 'would' ? 'would' : 'done', message],
    ...Object.entries(counts).map(([name, count]) => [name, count] as const),
    ...(id === null ? [] : [['id', id] as const]),
    ['audit', actionId],
  ]);
  return { data: answer, text };
}
