import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { AddCommand, Report } from '../command.ts';
import { sections } from '../command.ts';
import type { OperatorAnswer } from '../../contracts/temporal/operator.ts';
import type { ReplayAsk } from '../../domain/operator-verbs.ts';
import { countFailuresByTenant, type TenantFailures } from '../../repositories/operations-read.ts';
import { requireReplay } from '../../repositories/replays.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../table.ts';
import { parseSince } from '../times.ts';
import { askOperator } from '../verbs.ts';
import { toAsk, verbOptions, type VerbOptions } from './verbs.ts';

interface ReplayOptions extends VerbOptions {
  readonly tenant?: string;
  readonly code?: string;
  readonly resource?: string;
  readonly since?: Date;
  readonly id?: string[];
  readonly yes?: boolean;
  readonly wait: boolean;
}

/** The rows of the replays are looked at so often while they run. */
const everyMs = 500;

/** `replay`: tries failures again, of one tenant or of all; first shows which. */
export const addReplay: AddCommand = (program, run, io) => {
  const command = program
    .command('replay')
    .description('tries failed syncs again: shows which, and with --yes does it and waits for the result')
    .option('--tenant <tenant>', 'of one tenant; of all unless told')
    .option('--code <code>', 'with this code, e.g. schema_drift')
    .option('--resource <resource>', 'of this kind, e.g. absences')
    .addOption(
      new Option('--since <when>', 'last seen since 36h, 7d, a date or an instant').argParser(
        (text: string) => parseSince(text, io.now()),
      ),
    )
    .addOption(new Option('--id <failure...>', 'these failures').argParser(addFailureId))
    .option('--yes', 'do it')
    .option('--no-wait', 'do not wait for the end');
  for (const option of verbOptions()) command.addOption(option);
  command.action((options: ReplayOptions) => {
    const { code, resource, since, id } = options;
    if ([code, resource, since, id].every((filter) => filter === undefined))
      command.error(
        'error: say which failures: --code, --resource, --since or --id (ops failures lists them)',
      );
    return run(options, (session) => replay(session, options));
  });
};

function addFailureId(text: string, before: readonly string[] = []): string[] {
  if (!z.uuid().safeParse(text).success)
    throw new InvalidArgumentError('Give ids as npm run ops -- failures shows them.');
  return [...before, text];
}

async function replay(session: Session, options: ReplayOptions): Promise<Report> {
  const { tenant, code, resource, since, id } = options;
  const filter = { tenantId: tenant, code, resource, since, ids: id };
  const tenants = await countFailuresByTenant(session.db(), filter);
  if (tenants.length === 0) return { data: [], text: 'No open failure is so.' };
  const doIt = options.yes === true && options.dryRun !== true;
  const answers = await askEach(session, tenants, {
    ...toAsk({ ...options, dryRun: !doIt }),
    ...(code === undefined ? {} : { code }),
    ...(resource === undefined ? {} : { resource }),
    ...(since === undefined ? {} : { since: since.toISOString() }),
    ...(id === undefined ? {} : { failureIds: id }),
  });
  if (!doIt) return preview(answers);
  return await report(session, answers, options.wait);
}

interface Asked {
  readonly tenantId: string;
  readonly answer: OperatorAnswer | null;
  /** Why it was refused; null otherwise. */
  readonly refused: string | null;
}

/** One tenant after the other: what one refuses does not hold up the next. */
async function askEach(
  session: Session,
  tenants: readonly TenantFailures[],
  ask: ReplayAsk,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const { client } = session.temporal();
  for (const { tenantId } of tenants) {
    try {
      asked.push({
        tenantId,
        answer: await askOperator(client, tenantId, { verb: 'replay', ask }),
        refused: null,
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      asked.push({ tenantId, answer: null, refused: error.message });
    }
  }
  return asked;
}

function preview(answers: readonly Asked[]): Report {
  const table = renderTable(
    ['tenant', 'failures', 'would'],
    answers.map(({ tenantId, answer, refused }) => [
      tenantId,
      answer?.counts['failures'] ?? null,
      answer?.message ?? refused,
    ]),
  );
  return { data: answers, text: sections(table, 'Nothing was done. With --yes it is.') };
}

/** Waits for the replays that were started, and tells how they ended. */
async function report(session: Session, answers: readonly Asked[], wait: boolean): Promise<Report> {
  const rows = [];
  for (const { tenantId, answer, refused } of answers) {
    const id = answer?.id ?? null;
    const ended = id === null ? null : await follow(session, tenantId, id, wait);
    rows.push({
      tenantId,
      id,
      refused,
      status: ended?.status ?? null,
      count: ended?.count ?? 0,
      succeeded: ended?.succeeded ?? 0,
      failed: ended?.failed ?? 0,
    });
  }
  const table = renderTable(
    ['tenant', 'replay', 'status', 'of', 'succeeded', 'failed', 'refused'],
    rows.map((row) => [row.tenantId, row.id, row.status, row.count, row.succeeded, row.failed, row.refused]),
  );
  const ok = rows.every(
    ({ status, failed, refused }) => refused === null && failed === 0 && (!wait || status === 'completed'),
  );
  return { data: rows, text: sections(table, ok ? '' : 'What failed again: npm run ops -- failures'), ok };
}

async function follow(session: Session, tenantId: string, id: string, wait: boolean) {
  for (let told = -1; ;) {
    const row = await requireReplay(session.db(), tenantId, id);
    const { done } = row;
    if (!wait || row.finishedAt !== null) return row;
    if (done !== told) session.io.err(`${tenantId}: ${done} of ${row.count} …`);
    told = done;
    await pause(everyMs);
  }
}
