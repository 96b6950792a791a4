import { z } from 'zod';
import { Instant, listOf } from './common.ts';
import { reconciliationStatuses } from './connection.ts';
import type { ResourceKind } from '../../domain/resources.ts';

/** One value for each kind of `domain/resources.ts`. */
const byKind = <Value extends z.ZodType>(value: Value) =>
  z.object({
    employees: value,
    absences: value,
    absence_types: value,
    holidays: value,
    planned_minutes: value,
  } satisfies Record<ResourceKind, Value>);

/** `total` is null until Factorial has told it. */
export const Counts = byKind(z.object({ read: z.int(), total: z.int().nullable() }));
export const Drift = byKind(z.object({ created: z.int(), updated: z.int(), deleted: z.int() }));

export const Reconciliation = z
  .object({
    id: z.string(),
    status: z.enum(reconciliationStatuses),
    trigger: z.enum(['first', 'nightly', 'manual', 'gap']),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    verified: z.boolean(),
    counts: Counts,
    drift: Drift,
    /** Deletions that wait for an admin's decision. */
    braked: z.array(
      z.object({
        kind: z.string(),
        count: z.int(),
        of: z.int(),
        items: z.array(z.object({ id: z.string(), label: z.string() })),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof Reconciliation>;

export const ReconciliationList = listOf(Reconciliation);
export const ReconciliationParams = z.object({ id: z.string() });
export const Approval = z.object({ decision: z.enum(['approve', 'reject'], 'must be approve or reject') });
