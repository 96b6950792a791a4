import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** The API's description to browse, at /docs. Apart from the app, because only the process that listens needs its files. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook('onRoute', openToAll);
    await docs.register(swaggerUi, { routePrefix: '/docs' });
  });
}

function openToAll(route: RouteOptions): void {
  route.config = { ...route.config, public: true };
}
