import type { AddCommand, JsonOption } from '../command.ts';
import { jsonOption, requireTenantOverview, sections } from '../command.ts';
import { wantedSubscriptionTypes } from '../../domain/subscription-types.ts';
import { listSubscriptions } from '../../repositories/operations-read.ts';
import { renderTable } from '../table.ts';
import { ago } from '../times.ts';

/** What a person does about a state. */
const advice: Readonly<Record<string, string>> = {
  conflict: 'another system receives them: see docs/runbook.md, subscription_conflict',
  refused: 'Factorial refuses them: see docs/runbook.md, subscription_refused',
  disabled: 'put right by the next check: npm run ops -- reconcile <tenant>',
  missing: 'made by the next check: npm run ops -- reconcile <tenant>',
};

/** `subscriptions <tenant>`: the webhooks that Factorial should send, and whether it does. */
export const addSubscriptions: AddCommand = (program, run) => {
  program
    .command('subscriptions')
    .description('webhook subscriptions of a tenant, as last checked; exit 1 where one is not active')
    .argument('<tenant>')
    .addOption(jsonOption())
    .action((tenantId: string, options: JsonOption) =>
      run(options, async (session) => {
        const nowMs = session.io.now();
        const { status } = await requireTenantOverview(session.db(), tenantId, nowMs);
        const known = new Map(
          (await listSubscriptions(session.db(), tenantId)).map((one) => [one.type, one]),
        );
        const none = { state: 'missing', factorialId: null, checkedAt: null, lastDeliveryAt: null };
        const items = wantedSubscriptionTypes.map((type) => ({ ...none, ...known.get(type), type }));
        if (status !== 'connected' && status !== 'expired')
          return { data: items, text: `The connection is ${status}: it has no subscriptions.` };
        const table = renderTable(
          ['type', 'state', 'at Factorial', 'checked', 'last delivery'],
          items.map((one) => [
            one.type,
            one.state,
            one.factorialId,
            ago(one.checkedAt, nowMs),
            ago(one.lastDeliveryAt, nowMs),
          ]),
        );
        const states = [...new Set(items.map(({ state }) => state))].filter((state) => state !== 'active');
        const todo = states.map((state) => `${state}: ${advice[state] ?? 'see docs/runbook.md'}`);
        return { data: items, text: sections(table, todo.join('\n')), ok: states.length === 0 };
      }),
    );
};
