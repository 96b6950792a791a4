import { z } from 'zod';
import { Instant, InstantInput, ListQuery, listOf } from './common.ts';
import { FilterText } from './text.ts';

/** A resource that could not be synced, with its reason and its next step. */
export const Failure = z
  .object({
    id: z.string(),
    code: z.string(),
    message: z.string(),
    resource: z.string(),
    factorialId: z.string(),
    firstAt: Instant,
    lastAt: Instant,
    tries: z.int(),
    status: z.enum(['open', 'retrying', 'resolved']),
    nextTryAt: Instant.nullable(),
    nextStep: z.string().nullable(),
    deliveryId: z.string().nullable(),
    reconciliationId: z.string().nullable(),
    workflowId: z.string().nullable(),
    runId: z.string().nullable(),
  })
  .meta({ id: 'Failure' });
export type Failure = z.infer<typeof Failure>;

export const FailureList = listOf(Failure);

export const FailureQuery = ListQuery.extend({
  code: FilterText.optional(),
  resource: FilterText.optional(),
  /** Only those last seen at or after this instant. */
  since: InstantInput.optional(),
});
