import { z } from 'zod';
import { Instant, Limit } from './common.ts';

/** One entry of the change feed. A day's id is `<employeeId>/<date>`. */
export const Change = z
  .object({
    sequence: z.string(),
    entity: z.enum(['employee', 'calendar_day', 'day_type']),
    id: z.string(),
    operation: z.enum(['upsert', 'delete']),
    data: z.unknown(),
    at: Instant,
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof Change>;

/** `next` is what to ask for `after` next time. */
export const ChangeList = z.object({ items: z.array(Change), next: z.string() });

const afterText = 'must be the next of an earlier answer';
const maxSequence = 2n ** 63n - 1n;

export const ChangeQuery = z.object({
  limit: Limit,
  after: z
    .string(afterText)
    .regex(/^\d{1,19}$/, { error: afterText, abort: true })
    .refine((after) => BigInt(after) <= maxSequence, afterText)
    .optional(),
});
