import { Argument, InvalidArgumentError } from 'commander';
import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, requireTenantOverview, sections } from '../command.ts';
import { isCivilDate, type CivilDate } from '../../domain/civil-date.ts';
import { DomainError } from '../../domain/errors.ts';
import { explainDay, type ExplanationRow } from '../../repositories/explanation-read.ts';
import { renderPairs, renderTable } from '../table.ts';
import { ago } from '../times.ts';

/** `explain <tenant> <employee> <date>`: why a day is as it is. */
export const addExplain: AddCommand = (program, run) => {
  program
    .command('explain')
    .description('why a day of an employee is as it is: plan, claims, what was ignored, edits by hand')
    .argument('<tenant>')
    .argument('<employee>', 'its id in WorkMeter')
    .addArgument(new Argument('<date>', 'YYYY-MM-DD').argParser(parseDate))
    .addOption(jsonOption())
    .action((tenantId: string, employeeId: string, date: CivilDate, options: JsonOption) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        await requireTenantOverview(session.db(), tenantId, nowMs);
        const explanation = await explainDay(session.db(), tenantId, employeeId, date, nowMs);
        if (explanation === null)
          throw new DomainError('not_found', `Tenant «${tenantId}» has no employee «${employeeId}».`);
        return { data: explanation, text: toText(explanation, nowMs) };
      }),
    );
};

function parseDate(text: string): CivilDate {
  if (!isCivilDate(text)) throw new InvalidArgumentError('Give a date as YYYY-MM-DD.');
  return text;
}

function toText(
  { day, date, planned, claims, ignored, manualEdit, factorial }: ExplanationRow,
  nowMs: number,
): string {
  if (day === null) return `${date}: not employed, so there is no day.`;
  const head = renderPairs([
    ['date', date],
    ['expected', `${day.expectedMinutes} min, ${day.dayType.name} (${day.source})`],
    [
      'planned',
      `${planned.minutes} min, from ${planned.origin}${planned.readAt === null ? '' : `, read ${ago(planned.readAt, nowMs)} ago`}`,
    ],
    [
      'by hand',
      manualEdit === null
        ? null
        : `${manualEdit.expectedMinutes} min as ${manualEdit.dayTypeId}, by ${manualEdit.by}, ${ago(manualEdit.at, nowMs)} ago`,
    ],
    [
      'without the edit',
      manualEdit === null || factorial === null
        ? null
        : `${factorial.expectedMinutes} min, ${factorial.dayType.name}`,
    ],
  ]);
  const claimed = renderTable(
    ['claims', 'id', 'share', 'minutes', 'day type', 'mapping', 'read', 'came by', 'workflow run'],
    claims.map((one) => [
      one.kind,
      one.factorialId,
      one.share,
      one.minutes,
      one.dayType.name,
      one.mappingVersion,
      ago(one.readAt, nowMs),
      one.via === null ? null : `${one.via.type} ${one.via.id}`,
      one.workflowId === null ? null : `${one.workflowId} ${one.runId ?? ''}`,
    ]),
  );
  const lost = renderTable(
    ['ignored', 'because'],
    ignored.map((one) => [one.factorialId, one.reason]),
  );
  return sections(head, claimed || 'Nothing claims this day.', lost);
}
