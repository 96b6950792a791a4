import { z } from 'zod';
import { Instant, ListQuery, listOf } from './common.ts';

/** One line of the activity tab. */
export const ActivityEntry = z
  .object({
    id: z.string(),
    at: Instant,
    kind: z.enum(['delivery', 'sync', 'reconciliation', 'connection', 'person']),
    summary: z.string(),
    count: z.int(),
    outcome: z.string(),
  })
  .meta({ id: 'ActivityEntry' });
export type ActivityEntry = z.infer<typeof ActivityEntry>;

export const ActivityList = listOf(ActivityEntry);

/** `after`: only entries newer than the one with this id, so that a screen can ask for what is new. */
export const ActivityQuery = ListQuery.extend({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the id of an entry')
    .optional(),
});
