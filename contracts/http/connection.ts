import { z } from 'zod';
import { connectionStatuses } from '../../domain/connection-machine.ts';
import { Instant } from './common.ts';
import { isStorable, storableText } from './text.ts';

export const tokenOwners = ['company', 'user'] as const;
export const subscriptionStates = ['active', 'disabled', 'conflict', 'refused', 'missing'] as const;
export const reconciliationStatuses = [
  'queued',
  'running',
  'awaiting_approval',
  'completed',
  'failed',
] as const;

export const Warning = z
  .object({
    code: z.string(),
    message: z.string(),
    since: Instant,
    action: z.object({ code: z.string(), label: z.string() }),
  })
  .meta({ id: 'Warning' });

/** All that the settings screen shows of a tenant's connection. */
export const Card = z
  .object({
    status: z.enum(connectionStatuses),
    paused: z.boolean(),
    redirectUri: z.string(),
    apiHost: z.string(),
    connectedAt: Instant.nullable(),
    tokenOwner: z.enum(tokenOwners).nullable(),
    tokenStatus: z.enum(['correct', 'refresh_recommended', 'invalid_or_expired']).nullable(),
    tokenExpiresAt: Instant.nullable(),
    errors7d: z.int(),
    company: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    warning: Warning.nullable(),
    warnings: z.array(Warning),
    lastReconciliation: z
      .object({
        id: z.string(),
        status: z.enum(reconciliationStatuses),
        finishedAt: Instant.nullable(),
        verified: z.boolean(),
      })
      .nullable(),
    parked: z.object({ absences: z.int(), types: z.int(), employees: z.int() }),
    unlinked: z.object({ employees: z.int(), profiles: z.int() }),
    subscriptions: z.array(z.object({ type: z.string(), state: z.enum(subscriptionStates) })),
    progress: z.object({ phase: z.string().nullable(), done: z.int(), total: z.int() }).nullable(),
  })
  .meta({ id: 'Card' });
export type Card = z.infer<typeof Card>;

const clientText = (name: string) =>
  z
    .string(`must be the ${name} that Factorial shows`)
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'must have at most 500 characters')
    .refine(isStorable, storableText);

export const Credentials = z.object({
  clientId: clientText('Client ID'),
  clientSecret: clientText('Client secret'),
});

export const AuthorizationBody = z
  .object({
    apiHost: z.string().max(300).optional(),
    tokenOwner: z.enum(tokenOwners).optional(),
    confirmCompanyChange: z.boolean().optional(),
  })
  .nullish();

/** A body that says nothing: `{}`, or none at all. */
export const NoBody = z.object({}).nullish();

export const Authorization = z
  .object({ authorizationUrl: z.url(), expiresAt: Instant })
  .meta({ id: 'Authorization' });
