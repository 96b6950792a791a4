import type { Company } from '../company.ts';
import { publish, type Telling } from '../events.ts';
import { present } from '../fields.ts';
import type { SubscriptionRow } from '../rows.ts';
import { subscriptionFields } from '../shapes/subscription.ts';
import type { World } from '../world.ts';

type Action = 'create' | 'update' | 'delete';

export function tellSubscription(
  world: World,
  company: Company,
  row: SubscriptionRow,
  action: Action,
  telling: Telling,
): void {
  publish(
    world,
    company,
    {
      type: `api_public/webhook_subscription/${action}`,
      ids: [row.id],
      payload: (version) => present(row, subscriptionFields, version),
    },
    telling,
  );
}

export function tellAutomaticDisable(world: World, company: Company, row: SubscriptionRow): void {
  if (world.switches.disableEvent === 'none') return;
  tellSubscription(world, company, row, 'update', { author: { id: company.id, type: 'company' } });
}
