import type { WarningCode } from './warnings.ts';

/** What each OAuth error means that Factorial may send the browser back with (RFC 6749, 4.1.2.1), as the card says it. */
const denials = {
  access_denied: 'authorization_denied',
  invalid_request: 'authorization_denied',
  unsupported_response_type: 'authorization_denied',
  invalid_scope: 'scopes_missing',
  unauthorized_client: 'credentials_invalid',
  server_error: 'factorial_unreachable',
  temporarily_unavailable: 'factorial_unreachable',
} as const satisfies Record<string, WarningCode>;

export type DenialWarning = (typeof denials)[keyof typeof denials];
export type OAuthError = keyof typeof denials;

/** The errors that are known: of what else a stranger may send no word is kept. */
export const isOAuthError = (error: unknown): error is OAuthError =>
  typeof error === 'string' && Object.hasOwn(denials, error);

export const denialOf = (error: unknown): DenialWarning =>
  isOAuthError(error) ? denials[error] : 'authorization_denied';
