import { Option } from 'commander';
import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, limitOption, sections } from '../command.ts';
import { listFailuresAcross } from '../../repositories/operations-read.ts';
import { renderTable } from '../table.ts';
import { ago, parseSince } from '../times.ts';

interface FailuresOptions extends JsonOption {
  readonly tenant?: string;
  readonly code?: string;
  readonly resource?: string;
  readonly since?: Date;
  readonly resolved?: boolean;
  readonly limit: number;
}

/** `failures`: what could not be synced, of one tenant or of all. */
export const addFailures: AddCommand = (program, run, io) => {
  program
    .command('failures')
    .description('resources that could not be synced: why, since when, what comes next')
    .option('--tenant <tenant>', 'of one tenant')
    .option('--code <code>', 'with this code, e.g. schema_drift')
    .option('--resource <resource>', 'of this kind, e.g. absences')
    .addOption(
      new Option('--since <when>', 'last seen since 36h, 7d, a date or an instant').argParser(
        (text: string) => parseSince(text, io.now()),
      ),
    )
    .option('--resolved', 'those that are resolved too')
    .addOption(limitOption(50))
    .addOption(jsonOption())
    .action(({ since, resolved = false, limit, tenant, ...options }: FailuresOptions) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        const { code, resource } = options;
        const filter = {
          tenantId: tenant,
          code,
          resource,
          since,
          resolved,
        };
        const { count, failures } = await listFailuresAcross(session.db(), filter, limit);
        if (count === 0)
          return { data: { count, failures }, text: 'No failures. Everything that was read is in step.' };
        const titles = ['tenant', 'resource', 'id', 'code', 'tries', 'first', 'last', 'status', 'failure'];
        const table = renderTable(
          titles,
          failures.map((one) => [
            one.tenantId,
            one.resource,
            one.factorialId,
            one.code,
            one.tries,
            ago(one.firstAt, nowMs),
            ago(one.lastAt, nowMs),
            one.status,
            one.id,
          ]),
        );
        const more =
          count > failures.length ? `The latest ${failures.length} of ${count}; --limit shows more.` : '';
        const reasons = [
          ...new Set(
            failures.map(
              ({ code: reason, message, nextStep }) =>
                `${reason}: ${message}${nextStep === null ? '' : ` → ${nextStep}`}`,
            ),
          ),
        ].slice(0, 10);
        return { data: { count, failures }, text: sections(table, more, reasons.join('\n')) };
      }),
    );
};
