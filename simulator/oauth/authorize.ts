import type { Company } from '../company.ts';
import { firstCompany, type Application, type World } from '../world.ts';

export interface AuthorizeRequest {
  client_id?: string | undefined;
  redirect_uri?: string | undefined;
  response_type?: string | undefined;
  state?: string | undefined;
  scope?: string | undefined;
  resource_owner_type?: string | undefined;
  /** Not part of the real request: which company, and for a user token which person, is logged in. */
  company_id?: string | undefined;
  employee_id?: string | undefined;
}

export type AuthorizeCheck =
  | { outcome: 'consent'; application: Application; redirectUri: string; scopes: string[] }
  /** Not to be trusted with a redirect: the browser stays on an error page. */
  | { outcome: 'page'; status: 400 | 401; message: string }
  | { outcome: 'redirect'; location: string };

export const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

export function checkAuthorize(world: World, request: AuthorizeRequest): AuthorizeCheck {
  const application = world.applications.get(request.client_id ?? '');
  if (application === undefined) {
    return { outcome: 'page', status: 401, message: 'Client authentication failed due to unknown client.' };
  }
  const redirectUri = request.redirect_uri ?? '';
  if (!application.redirectUris.includes(redirectUri)) {
    return {
      outcome: 'page',
      status: 400,
      message: 'The requested redirect uri is malformed or does not match the client redirect URI.',
    };
  }

  const refuse = (error: string, description: string): AuthorizeCheck => ({
    outcome: 'redirect',
    location: toLocation(redirectUri, { error, error_description: description, state: request.state }),
  });
  if (request.response_type !== undefined && request.response_type !== 'code') {
    return refuse(
      'unsupported_response_type',
      'The authorization server does not support this response type.',
    );
  }
  const scopes = request.scope?.split(/\s+/).filter((scope) => scope !== '') ?? [];
  if (scopes.some((scope) => !application.scopes.includes(scope))) {
    return refuse('invalid_scope', 'The requested scope is invalid, unknown, or malformed.');
  }
  return {
    outcome: 'consent',
    application,
    redirectUri,
    scopes: scopes.length > 0 ? scopes : [...application.scopes],
  };
}

/** Where the browser goes after the decision: to the product with a code, or with `access_denied`. */
export function decide(
  world: World,
  request: AuthorizeRequest,
  decision: 'approve' | 'deny',
): AuthorizeCheck {
  const check = checkAuthorize(world, request);
  if (check.outcome !== 'consent') return check;
  const { application, redirectUri, scopes } = check;
  if (decision === 'deny') {
    const error = {
      error: 'access_denied',
      error_description: 'The resource owner or authorization server denied the request.',
    };
    return { outcome: 'redirect', location: toLocation(redirectUri, { ...error, state: request.state }) };
  }

  const company = world.companies.get(request.company_id ?? '') ?? firstCompany(world);
  const employeeId =
    request.resource_owner_type === 'company' ? null : whoConsents(company, request.employee_id);
  const code = world.tokens.createCode(
    { clientId: application.clientId, owner: { companyId: company.id, employeeId }, scopes },
    redirectUri,
  );
  return { outcome: 'redirect', location: toLocation(redirectUri, { code, state: request.state }) };
}

function whoConsents(company: Company, employeeId: string | undefined): string {
  const employee = company.employees.get(employeeId ?? '') ?? company.employees.all()[0];
  if (employee === undefined) throw new Error('a user token needs an employee');
  return employee.id;
}

function toLocation(redirectUri: string, params: Record<string, string | undefined>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.toString();
}
