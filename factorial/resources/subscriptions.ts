import { z } from 'zod';
import { flag, id, requiredId, requiredText, text } from '../fields.ts';

/** A webhook subscription. `challenge` comes back in clear: a secret, never to be logged. */
export interface SubscriptionRecord {
  readonly id: string;
  /** E.g. `timeoff/leave/approve`; called `subscription_type` in requests. */
  readonly type: string;
  readonly targetUrl: string;
  readonly companyId: string | null;
  /** Set to false by Factorial when its retries are exhausted; counts as false where it is missing. */
  readonly enabled: boolean;
  readonly apiVersion: string | null;
  readonly challenge: string | null;
}

/** Source: Factorial API 2026-10-01, /api_public/webhook_subscriptions. */
export const subscriptionSchema = z
  .object({
    id: requiredId,
    type: requiredText,
    target_url: requiredText,
    company_id: id,
    enabled: flag,
    api_version: text,
    challenge: text,
  })
  .transform((row): SubscriptionRecord => ({
    id: row.id,
    type: row.type,
    targetUrl: row.target_url,
    companyId: row.company_id,
    enabled: row.enabled ?? false,
    apiVersion: row.api_version,
    challenge: row.challenge,
  }));

/** What a subscription is created or changed with; absent fields keep what Factorial has. */
export interface SubscriptionChange {
  readonly type?: string;
  readonly targetUrl?: string;
  readonly challenge?: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly apiVersion?: string;
}

export type NewSubscription = SubscriptionChange &
  Required<Pick<SubscriptionChange, 'type' | 'targetUrl' | 'challenge' | 'apiVersion'>> & {
    readonly companyId: string;
  };

/** The request's words for the fields that are given. */
export function toSubscriptionBody(
  change: SubscriptionChange & { companyId?: string },
): Record<string, unknown> {
  const body = {
    subscription_type: change.type,
    target_url: change.targetUrl,
    company_id: change.companyId,
    name: change.name,
    challenge: change.challenge,
    enabled: change.enabled,
    api_version: change.apiVersion,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
