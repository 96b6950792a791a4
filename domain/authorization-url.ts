/** What WorkMeter asks for. Changing them in Factorial invalidates every token of the application. */
export const scopes = ['employees', 'time_off', 'time_tracking', 'company_holidays'] as const;

/** Below `PUBLIC_URL`: where Factorial sends the browser back to; registered letter by letter in Factorial. */
const callbackPath = '/api/Integration/factorial/Callback';

export const redirectUriOf = (publicUrl: string): string => `${publicUrl}${callbackPath}`;

export interface AuthorizationRequest {
  /** An origin that `parseApiHost` has approved. */
  readonly apiHost: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly tokenOwner: 'company' | 'user';
}

/** Where the admin's browser is sent to consent; spaces are `%20`. Source: contract.md 1. */
export function authorizationUrl({
  apiHost,
  clientId,
  redirectUri,
  state,
  tokenOwner,
}: AuthorizationRequest): string {
  const query = [
    ['client_id', clientId],
    ['redirect_uri', redirectUri],
    ['response_type', 'code'],
    ['state', state],
    ['scope', scopes.join(' ')],
    ...(tokenOwner === 'company' ? [['resource_owner_type', 'company']] : []),
  ];
  return `${apiHost}/oauth/authorize?${query.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
