import type { Company } from './company.ts';
import { toJsonText } from './fields.ts';
import type { Author } from './rows.ts';
import type { ApiVersion } from './versions.ts';
import { WEBHOOK_TYPES } from './webhook-types.ts';
import type { World } from './world.ts';

/** How a change is told: by whom it was made, or not at all. */
export interface Telling {
  silent?: boolean | undefined;
  author?: Author | undefined;
}

/**
 * Queues a delivery for every enabled subscription of this type. The body is written now, in the subscription's
 * version: a delivery that is retried tells what was true when the event happened.
 */
export function publish(
  world: World,
  company: Company,
  event: { type: string; ids: string[]; payload: (version: ApiVersion) => unknown },
  telling: Telling = {},
): void {
  if (!WEBHOOK_TYPES.has(event.type)) throw new Error(`no such subscription type: ${event.type}`);
  if (telling.silent === true) return;

  const author = telling.author ?? defaultAuthor(company);
  for (const subscription of company.subscriptions.all()) {
    if (subscription.type !== event.type || !subscription.enabled) continue;
    const body = toJsonText(event.payload(subscription.api_version), subscription.api_version);
    world.deliveries.enqueue(company, subscription, { type: event.type, ids: event.ids, body, author });
  }
}

function defaultAuthor(company: Company): Author {
  const admin = company.employees.all()[0];
  return admin === undefined ? { id: company.id, type: 'company' } : { id: admin.id, type: 'employee' };
}
