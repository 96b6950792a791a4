import { z } from 'zod';

/** `key` is secret; `topic` is the subscription type with `.` for `/`. */
export const WebhookParams = z.object({ key: z.string(), topic: z.string() });

/** The header that repeats the secret of the subscription; a request without it is answered with 401. */
export const WebhookHeaders = z.object({ 'x-factorial-wh-challenge': z.string().optional() });

export const WebhookStored = z.object({ stored: z.literal(true) });
