import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AddCommand, JsonOption, Report } from '../command.ts';
import { jsonOption, limitOption, sections } from '../command.ts';
import { DomainError } from '../../domain/errors.ts';
import { workflowCode } from '../../platform/workflow-code.ts';
import type { ReplayResult } from '../history/replay.ts';

interface ReplayOptions extends JsonOption {
  readonly run?: string;
  readonly limit: number;
}

interface ReplayedRun {
  readonly runId: string;
  readonly type: string;
  readonly events: number;
  readonly result: ReplayResult;
}

/** `history replay <workflowId>`: would this code go on where production is? */
export const addHistory: AddCommand = (program, run, io) => {
  program
    .command('history')
    .description('histories of workflows')
    .command('replay')
    .description(
      'replays a workflow’s runs against the local code, and says where they part; exit 1 where they do',
    )
    .argument('<workflowId>', 'e.g. factorial-connection/acme')
    .option('--run <runId>', 'only this run; the latest ones unless told')
    .addOption(limitOption(5, 100))
    .addOption(jsonOption())
    .action((workflowId: string, options: ReplayOptions) =>
      run(options, async (session) => {
        const { client } = session.temporal();
        // The worker's package is large, and no other command needs it.
        const { replayHistory } = await import('../history/replay.ts');
        const code = io.workflowCode ?? workflowCode();
        const replayed: ReplayedRun[] = [];
        for (const { runId, type } of await runsOf(client, workflowId, options)) {
          session.io.err(`replaying ${workflowId} ${runId} …`);
          const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
          const events = history.events?.length ?? 0;
          replayed.push({ runId, type, events, result: await replayHistory(code, history) });
        }
        return toReport(workflowId, replayed);
      }),
    );
};

/** The latest runs first. */
async function runsOf(
  client: Client,
  workflowId: string,
  { run, limit }: ReplayOptions,
): Promise<{ runId: string; type: string }[]> {
  try {
    const { runId, type } = await client.workflow.getHandle(workflowId, run).describe();
    if (run !== undefined) return [{ runId, type }];
    const runs: { runId: string; type: string }[] = [{ runId, type }];
    const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
    for await (const listed of client.workflow.list({ query })) {
      if (runs.length >= limit) break;
      if (listed.runId !== runId) runs.push({ runId: listed.runId, type: listed.type });
    }
    return runs;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new DomainError(
      'not_found',
      `Temporal has no ${run === undefined ? 'workflow' : 'such run of'} «${workflowId}». Ids: factorial-connection/<tenant>, factorial-reconciliation/<tenant>/<night or id>.`,
    );
  }
}

function toReport(workflowId: string, runs: readonly ReplayedRun[]): Report {
  const ok = runs.every(({ result }) => result.outcome === 'follows');
  const lines = runs.map(
    (one) => `${mark(one.result)} ${one.type} ${one.runId}, ${one.events} events: ${words(one.result)}`,
  );
  const verdict = ok
    ? 'This code goes on where they are.'
    : 'Workers with this code would block these workflows. Keep the old way behind patched(…) for runs that have gone it, or roll back: docs/runbook.md, "A workflow’s task fails".';
  return { data: { workflowId, runs }, text: sections(lines.join('\n'), verdict), ok };
}

const mark = ({ outcome }: ReplayResult): string => (outcome === 'follows' ? '✓' : '✗');

function words(result: ReplayResult): string {
  switch (result.outcome) {
    case 'follows':
      return 'follows';
    case 'fails':
      return `the code fails: ${result.message}`;
    case 'diverges': {
      const { event, historyHas, codeWants, message } = result.divergence;
      return [
        `diverges at event ${event?.id ?? '–'}`,
        `    history has: ${historyHas}`,
        `    code wants:  ${codeWants}`,
        `    ${message}`,
      ].join('\n');
    }
  }
}
