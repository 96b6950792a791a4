import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import { WebhookHeaders, WebhookParams, WebhookStored } from '../../contracts/http/webhooks.ts';
import { DomainError } from '../../domain/errors.ts';
import { toTopic } from '../../domain/subscription-types.ts';
import { hashSecret, type Cipher } from '../../repositories/cipher.ts';
import { isDatabaseAway } from '../../repositories/database-away.ts';
import { storeDeliveries, type NewInboxRow } from '../../repositories/inbox-ingest.ts';
import type { SubscriptionKey } from '../../repositories/subscription-keys.ts';
import type { AppDeps } from '../app-deps.ts';
import { createGroupCommit } from '../group-commit.ts';
import { createRateLimit, type RateLimit } from '../rate-limit.ts';
import { createSubscriptionKeys } from '../subscription-keys.ts';
import { readDelivery } from '../webhook-ids.ts';

const maxBodyBytes = 1024 * 1024;
const maxRowsPerCommit = 2_000;
/** Beyond this we only make Factorial wait: it tries again later. */
const maxWaiting = 5_000;
/** Of one subscription: more than a whole process stores in a second, so that only what never ends is slowed down. */
const perKey = { perSecond: 5_000, burst: 25_000 };
/** Of one address, and only what fails authentication: nobody guesses keys for a living. */
const failedPerAddress = { perSecond: 10, burst: 600 };

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the webhook route: whose delivery it is. */
    subscription: SubscriptionKey | null;
  }
}

/** Takes deliveries: checks them, stores what must be read again, and only then says 200 (rule 2). */
export function webhookRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  const keys = createSubscriptionKeys(deps.db);
  const inbox = createGroupCommit<NewInboxRow, ReadonlySet<string>>({
    write: async (rows) => storeDeliveries(deps.db, rows),
    isAway: isDatabaseAway,
    maxRows: maxRowsPerCommit,
  });
  const accepted = createRateLimit(deps.webhookLimits?.perKey ?? perKey);
  const refused = createRateLimit(deps.webhookLimits?.failedPerAddress ?? failedPerAddress);

  const drop = (): { stored: true } => {
    deps.metrics.deliveries.inc({ outcome: 'dropped' });
    return { stored: true };
  };

  /** Throws `not_found` for a key that is unknown, of another topic, or retired. */
  async function requireSubscription(key: string, topic: string): Promise<SubscriptionKey> {
    const subscription = await keys.find(key);
    if (subscription === null || toTopic(subscription.type) !== topic || isGone(subscription, deps.now())) {
      throw new DomainError('not_found', 'There is nothing at this address.');
    }
    return subscription;
  }

  /** Whose delivery it is. What fails counts against its address; what is right never does. */
  async function authenticate(request: FastifyRequest): Promise<SubscriptionKey> {
    const { key, topic } = request.params as { key: string; topic: string }; // the path of this plugin's one route
    try {
      const subscription = await requireSubscription(key, topic);
      if (isChallengeRight(request, subscription)) return subscription;
      throw new DomainError('unauthenticated', 'The header x-factorial-wh-challenge is wrong or missing.');
    } catch (error) {
      if (error instanceof DomainError) takeTurn(refused, request.ip);
      throw error;
    }
  }

  return async (app) => {
    app.decorateRequest('subscription', null);
    // The body stays bytes: it is hashed as it came, and a number in it must keep its digits.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      jsonType,
      { parseAs: 'buffer', bodyLimit: maxBodyBytes },
      (_request, body, done) => {
        done(null, body);
      },
    );

    app.addHook('onRequest', async (request) => {
      const subscription = await authenticate(request);
      takeTurn(accepted, subscription.id);
      if (!jsonType.test(request.headers['content-type'] ?? '')) {
        throw new DomainError('unsupported_media_type', 'Send the delivery as application/json.');
      }
      if (inbox.waiting >= maxWaiting)
        throw new DomainError('too_many_requests', 'Too many deliveries at once. Try again.');
      request.subscription = subscription;
    });

    app.addHook('onResponse', async (_request, { statusCode }) => {
      if (statusCode >= 400) deps.metrics.deliveries.inc({ outcome: `refused_${statusCode}` });
    });

    app.post(
      '/webhooks/factorial/:key/:topic',
      {
        config: { public: true },
        schema: {
          params: WebhookParams,
          headers: WebhookHeaders,
          response: { 200: WebhookStored, ...problems(413, 415, 429) },
        },
      },
      async (request) => {
        const { subscription } = request;
        if (subscription === null || subscription.retiredAt !== null) return drop();
        const rows = toRows(deps.cipher, subscription, request.body);
        const retired = await inbox.add(rows);
        if (retired.has(subscription.id)) {
          keys.forget(request.params.key); // it was remembered from just before
          await requireSubscription(request.params.key, request.params.topic);
          return drop();
        }
        deps.metrics.deliveries.inc({ outcome: 'stored' });
        deps.metrics.inboxRows.inc(rows.length);
        deps.relay.notify(subscription.tenantId);
        return { stored: true } as const;
      },
    );
  };
}

/** Fails with `too_many_requests` and the time to wait. */
function takeTurn(limit: RateLimit, key: string): void {
  const retryAfterMs = limit.take(key);
  if (retryAfterMs > 0)
    throw new DomainError('too_many_requests', 'Too many requests at once. Try again later.', {
      retryAfterMs,
    });
}

const jsonType = /^application\/(?:[a-z0-9.+-]+\+)?json(?:\s*;|\s*$)/i;

/** Retired, unless its removal at Factorial is not confirmed: such deliveries are answered and dropped for a while. */
function isGone({ retiredAt, dropUntil }: SubscriptionKey, nowMs: number): boolean {
  return retiredAt !== null && (dropUntil === null || dropUntil.getTime() <= nowMs);
}

/** Compares hashes, in constant time: neither the length nor a common beginning can be measured. */
function isChallengeRight(request: FastifyRequest, { challengeHash }: SubscriptionKey): boolean {
  const header = request.headers['x-factorial-wh-challenge'];
  if (typeof header !== 'string') return false;
  const expected = Buffer.from(challengeHash, 'hex');
  const given = Buffer.from(hashSecret(header), 'hex');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** Throws `invalid_request` for a body that is no JSON. */
function toRows(
  cipher: Cipher,
  { tenantId, id: subscriptionId, type: topic }: SubscriptionKey,
  body: unknown,
): NewInboxRow[] {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  const content = readDelivery(bytes);
  if (content === null) throw new DomainError('invalid_request', 'body: must be valid JSON');
  const common = {
    tenantId,
    subscriptionId,
    topic,
    bodyHash: createHash('sha256').update(bytes).digest('hex'),
  };
  const rows: NewInboxRow[] = content.resources.map(({ id, updatedAt }) => ({
    ...common,
    resourceId: id,
    updatedAtFloor: updatedAt,
    bodyEnc: null,
  }));
  if (!content.hasUnreadable) return rows;
  const bodyEnc = cipher.encrypt(Buffer.from(bytes).toString('utf8'), { tenantId, column: 'inbox.body' });
  return [...rows, { ...common, resourceId: null, updatedAtFloor: null, bodyEnc }];
}
