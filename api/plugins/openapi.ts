import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Transform = typeof jsonSchemaTransform;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route that answers text and no JSON: its media type, and what each status says. */
    text?: { readonly type: string; readonly answers: Readonly<Record<number, string>> };
  }
}

/** Describes every route that is registered after it: OpenAPI 3.1 at /openapi.json. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Factorial → WorkMeter',
        version: '1.0.0',
        description: 'Keeps WorkMeter in step with a customer’s Factorial HR account.',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: describeRoute,
    transformObject: jsonSchemaTransformObject,
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { public: true } }, () => app.swagger());
}

/** Adds what zod's schemas do not say: who must show a token, that errors are problem details, and what is no JSON. */
const describeRoute: Transform = (document) => {
  const { schema, url } = jsonSchemaTransform(document);
  const { config } = document.route;
  const responses = Object.entries((schema.response ?? {}) as Record<string, object>).map(
    ([status, response]): [string, object] => [
      status,
      Number(status) < 400
        ? response
        : { description: 'Problem', content: { 'application/problem+json': { schema: response } } },
    ],
  );
  // Whatever takes a body may find it too large, or of another kind.
  const problem = responses.find(([status]) => Number(status) >= 400)?.[1];
  if (schema.body !== undefined && problem !== undefined)
    for (const status of ['413', '415'])
      if (!responses.some(([known]) => known === status)) responses.push([status, problem]);
  const { type = '', answers = {} } = config?.text ?? {};
  for (const [status, description] of Object.entries(answers))
    responses.push([status, { description, content: { [type]: { schema: { type: 'string' } } } }]);
  return {
    url,
    schema: {
      ...schema,
      ...(responses.length === 0 ? {} : { response: Object.fromEntries(responses) }),
      ...(config?.public === true ? { security: [] } : { security: [{ bearer: [] }] }),
    },
  };
};
