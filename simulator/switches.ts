import { z } from 'zod';

/** Headers of a 429. */
export const RATE_LIMIT_STYLES = ['retryAfterSeconds', 'retryAfterDate', 'rateLimit', 'none'] as const;

/**
 * What is unknown or contradictory about the real API, as switches: the first value is the default.
 * The names and numbers are those of the API reference, section 14.
 */
export const switchesSchema = z.strictObject({
  /** 1 body of a single resource */
  singleEnvelope: z.enum(['bare', 'data']).default('bare'),
  /** section 2: `other`: every token counts as one of the other environment: accepted, and shown nothing */
  environment: z.enum(['own', 'other']).default('own'),
  /** 2 second subscription of a type: refused, or the first one is changed and answered with 201 or with 200 */
  duplicateSubscription: z.enum(['reject422', 'overwrite', 'overwrite200']).default('reject422'),
  /** 3 whom a subscription type is unique for */
  subscriptionScope: z.enum(['company', 'application']).default('company'),
  /** 4 when a refresh kills the old pair */
  refreshRevocation: z.enum(['onFirstUse', 'immediate']).default('onFirstUse'),
  /** 5 status of token endpoint errors; `invalid_client` is always 401 */
  tokenErrorStatus: z.union([z.literal(400), z.literal(401)]).default(400),
  /** 6 seconds */
  accessTokenTtl: z.number().int().positive().default(3600),
  /** 7 seconds, counted anew at each refresh; null: for ever */
  refreshTokenTtl: z.number().int().positive().nullable().default(604_800),
  /** 8 token response of a company token */
  companyTokenShape: z.enum(['bare', 'nulls', 'full']).default('bare'),
  /** section 7: newer access tokens may be signed and longer than 1 KB */
  tokenFormat: z.enum(['hex', 'jwt']).default('hex'),
  /** 10 */
  error401Body: z.enum(['errorsNull', 'oauth', 'empty']).default('errorsNull'),
  /** 11 */
  missingScope: z.union([z.literal(403), z.literal(404), z.literal('empty')]).default(403),
  /** 12 headers of a 429 */
  rateLimitHeaders: z.enum(RATE_LIMIT_STYLES).default('retryAfterSeconds'),
  /** 13 GET requests per minute and token; `shared`: they count towards the limit of POST */
  getLimit: z.union([z.enum(['off', 'shared']), z.number().int().positive()]).default('off'),
  /** POST requests per minute and token */
  postLimit: z.union([z.literal('off'), z.number().int().positive()]).default(200),
  /** 14 */
  badCursor: z.union([z.literal(400), z.literal('ignore')]).default(400),
  /** 15 end_cursor on the last page */
  lastCursor: z.enum(['set', 'absent', 'null']).default('set'),
  /** 16 */
  bulkDeletePayload: z.enum(['perLeave', 'array', 'ids']).default('perLeave'),
  /** 17 */
  deletePayload: z.enum(['full', 'nullDeletedAt', 'idOnly']).default('full'),
  /** 18 */
  deletedLeaveGet: z.union([z.literal(404), z.literal(200)]).default(404),
  /** 19 and 20: an approval that happens on creation or in an edit */
  autoApproveEvents: z.enum(['plain', 'withApprove']).default('plain'),
  /** 21 what tells of an approved leave that is rejected afterwards */
  rejectAfterApprovalEvent: z.enum(['reject', 'update']).default('reject'),
  /** 22 what tells of a new employee */
  hireEvent: z.enum(['create_with_contract', 'update', 'none']).default('create_with_contract'),
  /** 23 */
  terminationDayEvent: z.enum(['none', 'update']).default('none'),
  /** 24 before a future terminated_on: active and terminating, or inactive at once */
  terminatingFlags: z.enum(['activeUntilDay', 'inactiveAtOnce']).default('activeUntilDay'),
  /** 25 whether `terminated_on` itself is still a day of work and access */
  lastWorkingDay: z.enum(['inclusive', 'exclusive']).default('inclusive'),
  /** 26 which answers count as received */
  acceptStatus: z.enum(['2xx', '200']).default('2xx'),
  /** 27 the waits between attempts are divided by this */
  retryClockFactor: z.number().positive().default(1),
  /** 28 deliveries that wait are taken in random order */
  shuffle: z.boolean().default(false),
  /** 28 share of deliveries that are sent twice */
  duplicateRate: z.number().min(0).max(1).default(0),
  /** 28 wait before the first attempt */
  delayMs: z.number().int().min(0).default(0),
  /** 28 attempts under way at a time for one subscription */
  parallelDeliveries: z.number().int().positive().default(1),
  /** how long the receiver has for its answer (real time) */
  attemptTimeoutMs: z.number().int().positive().default(10_000),
  /** 32 */
  unknownParam: z.union([z.literal('ignore'), z.literal(400)]).default('ignore'),
  /** 33 */
  requiredParams: z.enum(['lenient', 'strict']).default('lenient'),
  /** 35 */
  startTimeFormat: z.enum(['HH:MM', 'timestamp']).default('HH:MM'),
  /** 36 */
  durationAttributes: z.enum(['object', 'json']).default('object'),
  /** 37 of pending leaves and of leaves by the hour */
  daysTaken: z.enum(['calendar', 'zero']).default('calendar'),
  /** 38 holidays of a deleted location */
  locationDelete: z.enum(['holidaysVanish', 'holidaysStay']).default('holidaysVanish'),
  /** 39 */
  holidayEdit: z.enum(['sameId', 'newId']).default('sameId'),
  /** 40 subscriptions of a deleted application */
  onRevoke: z.enum(['keep', 'remove']).default('keep'),
  /** 41 */
  webhookScopeCheck: z.union([z.literal('none'), z.literal(403), z.literal(422)]).default('none'),
  /** 42 `scope` in the token response */
  tokenResponseScope: z.enum(['present', 'absent']).default('present'),
  /** section 13: e-mails are null in the delivery that reports a new employee */
  nullEmailsOnCreate: z.boolean().default(true),
  /** section 13: reading one employee answers 404 for valid ids */
  employeeById: z.union([z.literal(200), z.literal(404)]).default(200),
  /** section 13: meta.limit is null on reads filtered by employee_ids[] */
  filteredMetaLimit: z.enum(['number', 'null']).default('number'),
  /** section 13: the body of a list without rows */
  emptyList: z.enum(['data', 'errorsNull']).default('data'),
  /** section 5: how a 422 names what is wrong: by field, or as a list of sentences */
  validationErrors: z.enum(['byField', 'list']).default('byField'),
  /** section 3: answer to a DELETE; with 204 it has no body */
  deleteStatus: z.union([z.literal(200), z.literal(204)]).default(200),
  /** `expected_minutes` of a day for which nothing is planned; `absent`: there is no row */
  unplannedDays: z.enum(['null', 'zero', 'absent']).default('null'),
  /** an automatic disable is told to api_public/webhook_subscription/update */
  disableEvent: z.enum(['none', 'update']).default('none'),
  authorHeaders: z.enum(['sent', 'omitted']).default('sent'),
  /** revoking with wrong client credentials: 200 without effect, or 403 */
  revokeWrongClient: z.union([z.literal(200), z.literal(403)]).default(200),
});

export type Switches = z.infer<typeof switchesSchema>;

export function defaultSwitches(): Switches {
  return switchesSchema.parse({});
}
