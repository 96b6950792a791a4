import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { tellSubscription } from '../actions/subscriptions.ts';
import { ApiError, invalid, notFound } from '../api-error.ts';
import { present } from '../fields.ts';
import type { SubscriptionRow } from '../rows.ts';
import { subscriptionFields } from '../shapes/subscription.ts';
import { toApiVersion, type ApiVersion } from '../versions.ts';
import { isWebhookType, scopeOfWebhookType } from '../webhook-types.ts';
import type { World } from '../world.ts';
import { authorOf, openCall, sendJson, type Call } from './call.ts';
import { addList, addRead, API_PREFIX } from './routes.ts';

const PATH = 'api_public/webhook_subscriptions';

const bodySchema = z.object({
  subscription_type: z.string().optional(),
  target_url: z.string().optional(),
  company_id: z.union([z.string(), z.number().transform(String)]).optional(),
  name: z.string().nullable().optional(),
  challenge: z.string().nullable().optional(),
  enabled: z.boolean().optional(),
  api_version: z.string().optional(),
});
type Body = z.infer<typeof bodySchema>;

export function addWebhookSubscriptions(app: FastifyInstance, world: World): void {
  const resource = {
    path: PATH,
    scope: null,
    present: (call: Call, row: SubscriptionRow) => present(row, subscriptionFields, call.version),
  };
  addList<SubscriptionRow>(app, world, {
    ...resource,
    params: ['id', 'company_id', 'type', 'enabled'],
    filter: ({ company, query }) => {
      const id = query.text('id');
      const companyId = query.text('company_id');
      const type = query.text('type');
      const enabled = query.flag('enabled');
      return company.subscriptions
        .all()
        .filter(
          (row) =>
            (id === undefined || row.id === id) &&
            (companyId === undefined || row.company_id === companyId) &&
            (type === undefined || row.type === type) &&
            (enabled === undefined || row.enabled === enabled),
        );
    },
  });
  addRead<SubscriptionRow>(app, world, {
    ...resource,
    find: ({ company }, id) => company.subscriptions.get(id),
  });

  app.post(`${API_PREFIX}/${PATH}`, (request, reply) => {
    const call = openCall(world, request, null);
    const { row, isNew } = create(call, readBody(request.body));
    const status = isNew || world.switches.duplicateSubscription === 'overwrite' ? 201 : 200;
    return sendJson(reply, resource.present(call, row), call, status);
  });

  app.put(`${API_PREFIX}/${PATH}/:id`, (request, reply) => {
    const call = openCall(world, request, null);
    const row = requireSubscription(call, request.params);
    change(call, row, readBody(request.body));
    return sendJson(reply, resource.present(call, row), call);
  });

  app.delete(`${API_PREFIX}/${PATH}/:id`, (request, reply) => {
    const call = openCall(world, request, null);
    const row = requireSubscription(call, request.params);
    call.company.subscriptions.remove(row.id);
    tellSubscription(world, call.company, row, 'delete', { author: authorOf(call) });
    if (world.switches.deleteStatus === 204) return reply.code(204).send();
    return sendJson(reply, resource.present(call, row), call);
  });
}

function requireSubscription({ company, permitted }: Call, params: unknown): SubscriptionRow {
  const row = permitted ? company.subscriptions.get((params as { id: string }).id) : undefined;
  if (row === undefined) throw notFound();
  return row;
}

function readBody(body: unknown): Body {
  const parsed = bodySchema.safeParse(body ?? {});
  if (!parsed.success) throw new ApiError(422, z.flattenError(parsed.error).fieldErrors);
  return parsed.data;
}

function create(call: Call, body: Body): { row: SubscriptionRow; isNew: boolean } {
  const { company, token, world } = call;
  if (body.company_id === undefined) throw invalid('company_id', 'is missing');
  if (!call.permitted || body.company_id !== company.id) throw invalid('company_id', 'is invalid');
  const type = checkType(call, body.subscription_type);
  const targetUrl = checkTarget(body.target_url);
  const apiVersion = checkApiVersion(body.api_version ?? call.version);

  const twin = findTwin(call, type);
  if (twin !== undefined && world.switches.duplicateSubscription === 'reject422')
    throw invalid('subscription_type', 'has already been taken');
  if (twin !== undefined) return { row: change(call, twin, body), isNew: false };

  const row = company.subscriptions.add({
    id: world.nextId('subscription'),
    company_id: company.id,
    client_id: token.clientId,
    type,
    target_url: targetUrl,
    name: body.name ?? null,
    challenge: body.challenge ?? null,
    enabled: body.enabled ?? true,
    api_version: apiVersion,
  });
  tellSubscription(world, company, row, 'create', { author: authorOf(call) });
  return { row, isNew: true };
}

function change(call: Call, row: SubscriptionRow, body: Body): SubscriptionRow {
  const { company, world } = call;
  const type = body.subscription_type === undefined ? row.type : checkType(call, body.subscription_type);
  const twin = findTwin(call, type);
  if (twin !== undefined && twin.id !== row.id) throw invalid('subscription_type', 'has already been taken');
  company.subscriptions.update(row, {
    type,
    ...(body.target_url === undefined ? {} : { target_url: checkTarget(body.target_url) }),
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.challenge === undefined ? {} : { challenge: body.challenge }),
    ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
    ...(body.api_version === undefined ? {} : { api_version: checkApiVersion(body.api_version) }),
  });
  tellSubscription(world, company, row, 'update', { author: authorOf(call) });
  return row;
}

function findTwin({ company, token, world }: Call, type: string): SubscriptionRow | undefined {
  return company.subscriptions
    .all()
    .find(
      (row) =>
        row.type === type &&
        (world.switches.subscriptionScope === 'company' || row.client_id === token.clientId),
    );
}

function checkType({ token, version, world }: Call, type: string | undefined): string {
  if (type === undefined) throw invalid('subscription_type', 'is missing');
  if (!isWebhookType(type, version)) throw invalid('subscription_type', 'is not included in the list');
  const scope = scopeOfWebhookType(type);
  const { webhookScopeCheck } = world.switches;
  if (webhookScopeCheck !== 'none' && scope !== null && !token.scopes.includes(scope)) {
    throw new ApiError(
      webhookScopeCheck,
      webhookScopeCheck === 403
        ? [`The token lacks the scope ${scope}`]
        : { subscription_type: ['is not permitted'] },
    );
  }
  return type;
}

function checkTarget(url: string | undefined): string {
  if (url === undefined) throw invalid('target_url', 'is missing');
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw invalid('target_url', 'is invalid');
  return url;
}

function checkApiVersion(text: string): ApiVersion {
  const version = toApiVersion(text);
  if (version === undefined) throw invalid('api_version', 'is not included in the list');
  return version;
}
