import { z } from 'zod';
import { Instant, InstantInput, listOf } from './common.ts';
import { Failure } from './failures.ts';
import { FilterText } from './text.ts';

/** Failures named one by one; more are asked for by their code, resource or time. */
const mostIds = 1_000;

/** Which failures to try again; all that are given must hold. Only open ones are taken. */
export const ReplayFilter = z.strictObject({
  code: FilterText.optional(),
  resource: FilterText.optional(),
  /** Last seen at or after this instant. */
  since: InstantInput.optional(),
  ids: z.array(z.uuid('must be the id of a failure')).min(1).max(mostIds).optional(),
});

export const ReplayBody = z.strictObject({
  filter: ReplayFilter,
  /** Only answers what would be tried again. */
  dryRun: z.boolean().default(false),
});

/** What a replay would take: how many, and the latest few. */
export const ReplayPreview = z
  .object({ count: z.int(), sample: z.array(Failure) })
  .meta({ id: 'ReplayPreview' });

/** A replay that was asked for, with how many failures it took. */
export const ReplayAccepted = z.object({ id: z.string(), count: z.int() }).meta({ id: 'ReplayAccepted' });

export const replayStatuses = ['queued', 'running', 'completed', 'cancelled', 'stopped', 'failed'] as const;

export const Replay = z
  .object({
    id: z.string(),
    /** `stopped`: too many failed again, or Factorial could not be asked. `failed`: the connection ended meanwhile. */
    status: z.enum(replayStatuses),
    count: z.int(),
    done: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
  })
  .meta({ id: 'Replay' });
export type Replay = z.infer<typeof Replay>;

/** One failure of a replay; `outcome` is null until its turn. */
export const ReplayItem = z
  .object({
    failureId: z.string(),
    outcome: z.enum(['succeeded', 'failed', 'skipped']).nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'ReplayItem' });
export type ReplayItem = z.infer<typeof ReplayItem>;

export const ReplayItemList = listOf(ReplayItem);

export const ReplayParams = z.object({ id: z.string() });
