import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Application, World } from '../world.ts';
import {
  checkAuthorize,
  decide,
  OUT_OF_BAND,
  type AuthorizeCheck,
  type AuthorizeRequest,
} from './authorize.ts';
import { codePage, consentPage, errorPage } from './pages.ts';
import type { TokenPair } from './tokens.ts';

type Params = Record<string, string | undefined>;

export function addOAuth(app: FastifyInstance, world: World): void {
  app.get('/oauth/authorize', (request, reply) => {
    const params = toAuthorizeRequest(paramsOf(request));
    // The specification gives it no default.
    const check = checkAuthorize(world, { ...params, response_type: params.response_type ?? '' });
    if (check.outcome !== 'consent') return answer(reply, check);
    return reply
      .type('text/html; charset=utf-8')
      .send(consentPage(check, params, [...world.companies.values()]));
  });

  app.post('/oauth/authorize', (request, reply) => {
    const params = paramsOf(request);
    return answer(
      reply,
      decide(world, toAuthorizeRequest(params), params['decision'] === 'approve' ? 'approve' : 'deny'),
    );
  });

  app.post('/oauth/token', (request, reply) => {
    const params = { ...paramsOf(request), ...basicCredentials(request) };
    const application = authenticateClient(world, params);
    if (application === null) {
      return refuse(
        reply,
        401,
        'invalid_client',
        'Client authentication failed due to unknown client or wrong secret.',
      );
    }
    const result = grantToken(world, application, params);
    if ('error' in result)
      return refuse(reply, world.switches.tokenErrorStatus, result.error, result.description);
    return reply.header('cache-control', 'no-store').send(toTokenResponse(world, result));
  });

  app.post('/oauth/revoke', (request, reply) => {
    const params = { ...paramsOf(request), ...basicCredentials(request) };
    const application = authenticateClient(world, params);
    if (application === null && world.switches.revokeWrongClient === 403) {
      return refuse(reply, 403, 'unauthorized_client', 'You are not authorized to revoke this token');
    }
    if (application !== null) world.tokens.revoke(params['token'] ?? '', application.clientId);
    return reply.send({});
  });
}

function answer(reply: FastifyReply, check: AuthorizeCheck): FastifyReply {
  if (check.outcome === 'page')
    return reply.code(check.status).type('text/html; charset=utf-8').send(errorPage(check.message));
  if (check.outcome === 'consent') throw new Error('nothing was decided');
  const code = check.location.startsWith(OUT_OF_BAND)
    ? new URL(check.location).searchParams.get('code')
    : null;
  if (code !== null) return reply.type('text/html; charset=utf-8').send(codePage(code));
  return reply.redirect(check.location, 302);
}

function refuse(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .send({ error, error_description: description });
}

/** Form body and query string are both accepted; the body wins. */
function paramsOf(request: FastifyRequest): Params {
  return { ...(request.query as Params), ...(request.body as Params | undefined) };
}

function toAuthorizeRequest(params: Params): AuthorizeRequest {
  const names = [
    'client_id',
    'redirect_uri',
    'response_type',
    'state',
    'scope',
    'resource_owner_type',
    'company_id',
    'employee_id',
  ];
  return Object.fromEntries(
    names.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])),
  );
}

function basicCredentials(request: FastifyRequest): Params {
  const encoded = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return {};
  const [clientId, secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return { client_id: clientId, client_secret: secret };
}

function authenticateClient(world: World, params: Params): Application | null {
  const application = world.applications.get(params['client_id'] ?? '');
  return application !== undefined && application.secret === params['client_secret'] ? application : null;
}

type Refusal = { error: string; description: string };

function grantToken(world: World, { clientId }: Application, params: Params): TokenPair | Refusal {
  const { grant_type: grantType, code, redirect_uri: redirectUri, refresh_token: refreshToken } = params;
  const missing = (name: string): Refusal => ({
    error: 'invalid_request',
    description: `Missing required parameter: ${name}.`,
  });
  switch (grantType) {
    case undefined:
      return missing('grant_type');
    case 'authorization_code':
      if (code === undefined) return missing('code');
      if (redirectUri === undefined) return missing('redirect_uri');
      return world.tokens.exchangeCode({ code, clientId, redirectUri }) ?? INVALID_GRANT;
    case 'refresh_token':
      if (refreshToken === undefined) return missing('refresh_token');
      return world.tokens.refresh({ refreshToken, clientId }) ?? INVALID_GRANT;
    default:
      return {
        error: 'unsupported_grant_type',
        description: 'The authorization grant type is not supported by the authorization server.',
      };
  }
}

const INVALID_GRANT: Refusal = {
  error: 'invalid_grant',
  description:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
};

function toTokenResponse({ switches }: World, pair: TokenPair): object {
  const lasting =
    pair.expiresInSeconds === null
      ? switches.companyTokenShape === 'nulls'
        ? { expires_in: null, refresh_token: null }
        : {}
      : { expires_in: pair.expiresInSeconds, refresh_token: pair.refreshToken };
  return {
    access_token: pair.accessToken,
    token_type: 'Bearer',
    ...lasting,
    ...(switches.tokenResponseScope === 'present' ? { scope: pair.scopes.join(' ') } : {}),
    created_at: Math.floor(pair.createdMs / 1000),
  };
}
