import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { z } from 'zod';

/** A night of a small tenant, as it was recorded: `npm run histories:record`. */
const night = new URL('../histories/night-reconciliation-2.json', import.meta.url);

const historySchema = z.object({ events: z.array(z.object({ eventType: z.string() })) });

/** What is paid for, by the kind of the event that it leaves. A child costs two: its start, and that it is one. */
const prices: Readonly<Record<string, number>> = {
  EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: 2,
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 1,
  EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: 1,
  EVENT_TYPE_TIMER_STARTED: 1,
  EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: 1,
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 1,
};
/** The connection workflow queues the night and starts it: one activity. */
const opening = 1;

it('costs at most fifteen actions where nothing is in the way', () => {
  const { events } = historySchema.parse(JSON.parse(readFileSync(night, 'utf8')));

  const actions = events.reduce((sum, { eventType }) => sum + (prices[eventType] ?? 0), opening);

  expect(events.at(-1)?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED');
  expect(actions).toBeLessThanOrEqual(15);
});
