import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import { Tenant, TenantInput } from '../../contracts/http/tenant.ts';
import { putTenant, readTenant } from '../../repositories/settings.ts';
import type { AppDeps } from '../app-deps.ts';

/** The account itself: its name, its zone, its language. */
export function tenantRoutes({ db, doorbell }: Pick<AppDeps, 'db' | 'doorbell'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator', 'service'] } as const;

    app.get('/api/tenant', { config, schema: { response: { 200: Tenant, ...problems() } } }, (request) =>
      readTenant(db, request.auth.tenantId),
    );

    app.put(
      '/api/tenant',
      { config, schema: { body: TenantInput, response: { 200: Tenant, ...problems() } } },
      async (request) => {
        const { tenantId } = request.auth;
        const { tenant, changed, marked } = await putTenant(db, tenantId, request.body);
        if (changed) void doorbell.ring(tenantId, 'factsChanged', { marked, settings: true });
        return tenant;
      },
    );
  };
}
