import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OwnId } from '../../contracts/http/common.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Claims, Role, TokenVerifier } from '../token-verifier.ts';

/** Who asks, and for which tenant: an operator's `?tenant=` is already resolved. */
export interface RequestAuth {
  readonly subject: string;
  readonly tenantId: string;
  readonly roles: readonly Role[];
  readonly features: readonly string[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route but the public ones. */
    auth: RequestAuth;
  }
  interface FastifyContextConfig {
    /** Roles that may call the route. A route that names none and is not public is denied to everybody. */
    access?: readonly Role[];
    /** No token is asked for: the route proves its caller itself, or tells nothing. */
    public?: boolean;
  }
}

const featureOfIntegration = 'time@work';
const integrationPath = '/api/integrations/factorial';

/** Asks for a token before anything is read of a request, and says whose data the request may touch. */
export function registerAuth(app: FastifyInstance, verifier: TokenVerifier): void {
  app.decorateRequest('auth');
  app.addHook('onRequest', (request, _reply, done) => {
    // A public route is asked for thousands of times a second: it waits for nothing.
    if (request.is404 || request.routeOptions.config.public === true) return done();
    return authenticate(request);
  });

  async function authenticate(request: FastifyRequest): Promise<void> {
    const claims = await verifier.verify(bearerToken(request));
    if (isIntegration(request) && !claims.features.includes(featureOfIntegration)) {
      throw new DomainError('feature_missing', 'Contact your WorkMeter account manager.');
    }
    const allowed = request.routeOptions.config.access ?? [];
    if (!claims.roles.some((role) => allowed.includes(role))) {
      throw new DomainError('forbidden', 'Your role does not allow this.');
    }
    const { sub: subject, roles, features } = claims;
    request.auth = { subject, tenantId: tenantOf(claims, request), roles, features };
  }
}

function bearerToken(request: FastifyRequest): string {
  const [, token] = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined)
    throw new DomainError('unauthenticated', 'Send a token: Authorization: Bearer <JWT>.');
  return token;
}

function isIntegration(request: FastifyRequest): boolean {
  const { url = '' } = request.routeOptions;
  return url === integrationPath || url.startsWith(`${integrationPath}/`);
}

function tenantOf(claims: Claims, request: FastifyRequest): string {
  const { tenant: asked } = request.query as { tenant?: unknown }; // a parsed query is always an object
  if (asked === undefined || asked === claims.tenant) return claims.tenant;
  if (!claims.roles.includes('operator'))
    throw new DomainError('forbidden', 'Only an operator may name another tenant.');
  const tenant = OwnId.safeParse(asked);
  if (!tenant.success) throw new DomainError('invalid_request', 'query.tenant: must be the id of one tenant');
  return tenant.data;
}
