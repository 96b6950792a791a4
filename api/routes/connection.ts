import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import {
  Authorization,
  AuthorizationBody,
  Card,
  Credentials,
  NoBody,
} from '../../contracts/http/connection.ts';
import type { AppDeps } from '../app-deps.ts';
import { startAuthorization, startReauthorization } from '../authorizations.ts';
import { cardOf, giveCommand, requireAccepted } from '../commands.ts';
import { saveCredentials } from '../../repositories/credentials.ts';
import { voidOpenAttempts } from '../../repositories/attempts.ts';

const base = '/api/integrations/factorial';
const config = { access: ['admin', 'operator'] as const };

/** The wizard's actions and the card that shows what came of them. */
export function connectionRoutes(deps: AppDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      base,
      { config, schema: { summary: 'The card', response: { 200: Card, ...problems() } } },
      async (request) => cardOf(deps, request.auth.tenantId),
    );

    const saves = { config, schema: { body: Credentials, response: { 202: Card, ...problems(409) } } };
    for (const [method, url, type] of [
      ['PUT', `${base}/credentials`, 'save_credentials'],
      ['POST', `${base}/credentials/replace`, 'replace_credentials'],
    ] as const) {
      app.route({
        method,
        url,
        ...saves,
        handler: async (request, reply) => {
          const { tenantId, subject: actor } = request.auth;
          await giveCommand(deps, tenantId, {
            type,
            actor,
            prepare: async (tx, status) => {
              requireAccepted(status, type);
              const version = await saveCredentials(tx, deps.cipher, tenantId, request.body);
              await voidOpenAttempts(tx, tenantId, deps.now()); // they were made with other credentials
              return { payload: { credentialVersion: version }, result: undefined };
            },
          });
          return await reply.code(202).send(await cardOf(deps, tenantId));
        },
      });
    }

    app.post(
      `${base}/authorization`,
      {
        config,
        schema: { body: AuthorizationBody, response: { 201: Authorization, ...problems(409, 422) } },
      },
      async (request, reply) =>
        reply.code(201).send(await startAuthorization(deps, request.auth, request.body ?? {})),
    );

    app.post(
      `${base}/reauthorization`,
      { config, schema: { body: NoBody, response: { 201: Authorization, ...problems(409) } } },
      async (request, reply) => reply.code(201).send(await startReauthorization(deps, request.auth)),
    );

    app.post(
      `${base}/disconnect`,
      { config, schema: { body: NoBody, response: { 202: Card, ...problems(409) } } },
      async (request, reply) => {
        const { tenantId, subject: actor } = request.auth;
        await giveCommand(deps, tenantId, {
          type: 'disconnect',
          actor,
          prepare: async (tx, status) => {
            requireAccepted(status, 'disconnect');
            await voidOpenAttempts(tx, tenantId, deps.now());
            return { payload: {}, result: undefined };
          },
        });
        return await reply.code(202).send(await cardOf(deps, tenantId));
      },
    );
  };
}
