import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, badRequest, notFound } from '../api-error.ts';
import type { Company } from '../company.ts';
import { decide } from '../oauth/authorize.ts';
import type { Application, World } from '../world.ts';
import { companyOf, id, namesCompany, read } from './body.ts';

const application = {
  client_id: z.string(),
  secret: z.string().optional(),
  rotate_secret: z.boolean().optional(),
  name: z.string().optional(),
  redirect_uris: z.array(z.string()).optional(),
  /** Adds to the registered ones instead of replacing them. */
  add_redirect_uris: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
};

export function addOAuthControl(app: FastifyInstance, world: World): void {
  app.post('/control/applications', (request) => toWire(saveApplication(world, read(application, request))));

  app.delete('/control/applications/:clientId', (request) => {
    const { clientId } = request.params as { clientId: string };
    const found = world.applications.get(clientId);
    if (found === undefined) throw notFound();
    world.applications.delete(clientId);
    world.tokens.revokeAll({ clientId });
    if (world.switches.onRevoke === 'remove') removeSubscriptions([...world.companies.values()], clientId);
    return toWire(found);
  });

  app.post('/control/applications/:clientId/uninstall', (request) => {
    const { clientId } = request.params as { clientId: string };
    companyOf(world, request).uninstalled.add(clientId);
    return { client_id: clientId, installed: false };
  });

  app.post('/control/applications/:clientId/install', (request) => {
    const { clientId } = request.params as { clientId: string };
    companyOf(world, request).uninstalled.delete(clientId);
    return { client_id: clientId, installed: true };
  });

  app.get('/control/applications', () => [...world.applications.values()].map(toWire));

  app.post('/control/tokens/expire', (request) => {
    const { refresh = false } = read({ refresh: z.boolean().optional() }, request);
    return {
      expired: world.tokens.expireAccessTokens(),
      refresh_expired: refresh ? world.tokens.expireRefreshTokens() : 0,
    };
  });

  app.post('/control/tokens/revoke-all', (request) => {
    const { client_id } = read({ client_id: z.string().optional() }, request);
    const company = namesCompany(request) ? companyOf(world, request) : undefined;
    const revoked = world.tokens.revokeAll({ clientId: client_id, companyId: company?.id });
    if (world.switches.onRevoke === 'remove' && client_id !== undefined) {
      const companies = company === undefined ? [...world.companies.values()] : [company];
      removeSubscriptions(companies, client_id);
    }
    return { revoked };
  });

  app.post('/control/consent', (request) => {
    const body = read(
      {
        client_id: z.string(),
        redirect_uri: z.string(),
        response_type: z.string().optional(),
        state: z.string().optional(),
        scope: z.string().optional(),
        resource_owner_type: z.string().optional(),
        decision: z.enum(['approve', 'deny']).default('approve'),
        employee_id: id.optional(),
      },
      request,
    );
    const { decision, ...authorize } = body;
    const check = decide(world, { ...authorize, company_id: companyOf(world, request).id }, decision);
    if (check.outcome === 'page') throw new ApiError(check.status, [check.message]);
    if (check.outcome === 'consent') throw badRequest('nothing was decided');
    return { location: check.location };
  });
}

function saveApplication(world: World, input: z.infer<z.ZodObject<typeof application>>): Application {
  const known = world.applications.get(input.client_id);
  const redirectUris = input.redirect_uris ?? known?.redirectUris ?? [];
  const saved: Application = {
    clientId: input.client_id,
    secret: input.rotate_secret === true ? randomSecret() : (input.secret ?? known?.secret ?? randomSecret()),
    name: input.name ?? known?.name ?? input.client_id,
    redirectUris: [...new Set([...redirectUris, ...(input.add_redirect_uris ?? [])])],
    scopes: input.scopes ?? known?.scopes ?? ['employees', 'time_off', 'time_tracking', 'company_holidays'],
  };
  world.applications.set(saved.clientId, saved);
  // Changing the scopes of an application ends every token issued so far.
  const scopesChanged =
    known !== undefined && known.scopes.toSorted().join(' ') !== saved.scopes.toSorted().join(' ');
  if (scopesChanged) world.tokens.revokeAll({ clientId: saved.clientId });
  return saved;
}

function removeSubscriptions(companies: readonly Company[], clientId: string): void {
  for (const { subscriptions } of companies) {
    const own = subscriptions.all().filter((row) => row.client_id === clientId);
    for (const { id: subscriptionId } of own) subscriptions.remove(subscriptionId);
  }
}

function randomSecret(): string {
  return randomBytes(24).toString('hex');
}

function toWire({ clientId, secret, name, redirectUris, scopes }: Application): object {
  return { client_id: clientId, secret, name, redirect_uris: redirectUris, scopes };
}
