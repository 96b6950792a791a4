import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import { WebhookHeaders, WebhookParams, WebhookStored } from '../../contracts/http/webhooks.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Cipher } from '../../repositories/cipher.ts';
import { isDatabaseAway } from '../../repositories/database-away.ts';
import { storeDeliveries, type NewInboxRow, type StoredDeliveries } from '../../repositories/inbox-ingest.ts';
import type { AppDeps } from '../app-deps.ts';
import { createGroupCommit } from '../group-commit.ts';
import { createRateLimit, type RateLimit } from '../rate-limit.ts';
import { createSubscriptionKeys, type KnownSubscription } from '../subscription-keys.ts';
import { readDelivery, type DeliveredResource } from '../webhook-ids.ts';

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
    subscription: KnownSubscription | null;
  }
}

/** Takes deliveries: checks them, stores what must be read again, and only then says 200 (rule 2). */
export function webhookRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  const keys = createSubscriptionKeys(deps.db);
  const inbox = createGroupCommit<NewInboxRow, StoredDeliveries>({
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

  /** Fails with `not_found` for a key that is unknown, of another topic, or retired. */
  function requireLive(subscription: KnownSubscription | null, topic: string): KnownSubscription {
    if (subscription === null || subscription.topic !== topic || isGone(subscription, deps.now())) {
      throw new DomainError('not_found', 'There is nothing at this address.');
    }
    return subscription;
  }

  /** What must hold before anything of the body is read. What fails authentication counts against its address. */
  function admit(request: FastifyRequest, found: KnownSubscription | null): void {
    const { topic } = request.params as { topic: string }; // the path of this plugin's one route
    try {
      const subscription = requireLive(found, topic);
      if (!isChallengeRight(request, subscription))
        throw new DomainError('unauthenticated', 'The header x-factorial-wh-challenge is wrong or missing.');
      request.subscription = subscription;
    } catch (error) {
      takeTurn(refused, request.ip);
      throw error;
    }
    takeTurn(accepted, request.subscription.id);
    if (!jsonType.test(request.headers['content-type'] ?? ''))
      throw new DomainError('unsupported_media_type', 'Send the delivery as application/json.');
    if (inbox.waiting >= maxWaiting)
      throw new DomainError('too_many_requests', 'Too many deliveries at once. Try again.');
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

    app.addHook('onRequest', (request, _reply, done) => {
      const { key } = request.params as { key: string };
      const found = keys.find(key);
      // Nearly always remembered: then a promise would be the dearest part.
      if (found instanceof Promise) return found.then((subscription) => admit(request, subscription));
      admit(request, found);
      return done();
    });

    app.addHook('onResponse', (_request, { statusCode }, done) => {
      if (statusCode >= 400) deps.metrics.deliveries.inc({ outcome: `refused_${statusCode}` });
      done();
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
        // The schemas are for readers: a path is texts, the hook judges the header, and there are two answers.
        validatorCompiler: () => (value: unknown) => ({ value }),
        serializerCompiler: () => JSON.stringify,
      },
      async (request) => {
        const { subscription } = request;
        if (subscription === null || subscription.retiredAt !== null) return drop();
        const rows = toRows(deps.cipher, subscription, request.body);
        const { retired, arrivedFor } = await inbox.add(rows);
        if (retired.has(subscription.id)) {
          keys.forget(request.params.key); // it was remembered from just before
          requireLive(await keys.find(request.params.key), request.params.topic);
          return drop();
        }
        deps.metrics.deliveries.inc({ outcome: 'stored' });
        deps.metrics.inboxRows.inc(rows.length);
        if (arrivedFor.has(subscription.tenantId)) deps.relay.notify(subscription.tenantId);
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
function isGone({ retiredAt, dropUntil }: KnownSubscription, nowMs: number): boolean {
  return retiredAt !== null && (dropUntil === null || dropUntil.getTime() <= nowMs);
}

/** Compares hashes, in constant time: neither the length nor a common beginning can be measured. */
function isChallengeRight(request: FastifyRequest, { challengeDigest }: KnownSubscription): boolean {
  const header = request.headers['x-factorial-wh-challenge'];
  return typeof header === 'string' && timingSafeEqual(challengeDigest, hash('sha256', header, 'buffer'));
}

/** Throws `invalid_request` for a body that is no JSON. */
function toRows(
  cipher: Cipher,
  { tenantId, id: subscriptionId, type: topic }: KnownSubscription,
  body: unknown,
): NewInboxRow[] {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const content = readDelivery(bytes);
  if (content === null) throw new DomainError('invalid_request', 'body: must be valid JSON');
  const bodyHash = hash('sha256', bytes, 'hex');
  const toRow = (resource: DeliveredResource | null, bodyEnc: string | null = null): NewInboxRow => ({
    tenantId,
    subscriptionId,
    topic,
    resourceId: resource?.id ?? null,
    updatedAtFloor: resource?.updatedAt ?? null,
    bodyHash,
    bodyEnc,
  });
  const rows = content.resources.map((resource) => toRow(resource));
  if (!content.hasUnreadable) return rows;
  const bodyEnc = cipher.encrypt(bytes.toString('utf8'), { tenantId, column: 'inbox.body' });
  return [...rows, toRow(null, bodyEnc)];
}
