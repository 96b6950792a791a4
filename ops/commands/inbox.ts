import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, limitOption, requireTenantOverview, sections } from '../command.ts';
import { readInbox } from '../../repositories/operations-read.ts';
import { renderTable } from '../table.ts';
import { ago } from '../times.ts';

/** `inbox <tenant>`: which deliveries wait, since when, and what came of the rest. */
export const addInbox: AddCommand = (program, run) => {
  program
    .command('inbox')
    .description('deliveries of a tenant: what waits and since when, and what came of the last 24 hours')
    .argument('<tenant>')
    .addOption(limitOption(20))
    .addOption(jsonOption())
    .action((tenantId: string, options: JsonOption & { limit: number }) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        const { status, paused } = await requireTenantOverview(session.db(), tenantId, nowMs);
        const inbox = await readInbox(session.db(), tenantId, options.limit);
        const waiting = renderTable(
          ['waiting', 'rows', 'copies', 'not rung for', 'postponed', 'oldest'],
          inbox.waiting.map((one) => [
            one.topic,
            one.rows,
            one.copies,
            one.notRelayed,
            one.postponed,
            ago(one.oldestAt, nowMs),
          ]),
        );
        const oldest = renderTable(
          ['delivery', 'topic', 'id', 'received', 'rung for', 'tries', 'due'],
          inbox.oldest.map((one) => [
            String(one.id),
            one.topic,
            one.resourceId,
            ago(one.receivedAt, nowMs),
            one.isRungFor ? 'yes' : 'no',
            one.tries,
            one.dueAt?.toISOString() ?? null,
          ]),
        );
        const outcomes = renderTable(
          ['outcome, last 24 h', 'rows', 'last'],
          inbox.outcomes.map((one) => [one.outcome, one.rows, ago(one.lastAt, nowMs)]),
        );
        const held = paused || status !== 'connected';
        const why =
          held && inbox.waiting.length > 0
            ? `They are kept while the connection is ${paused ? 'paused' : status}.`
            : '';
        return {
          data: { ...inbox, oldest: inbox.oldest.map((one) => ({ ...one, id: String(one.id) })) },
          text: sections(waiting || 'Nothing waits.', why, oldest, outcomes),
        };
      }),
    );
};
