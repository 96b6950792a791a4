import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { orNull, text } from './fields.ts';
import { parseJson } from './lossless.ts';
import { requireRow } from './rows.ts';
import { errorForStatus } from './status-errors.ts';
import { exchange, unreachable, type Answer } from './transport.ts';

export type TokenOwner = 'company' | 'user';

/** Secrets: never in a log, a history or an error. */
export interface TokenPair {
  readonly accessToken: string;
  /** Null for company tokens of most servers: they never expire. */
  readonly refreshToken: string | null;
  readonly expiresInSeconds: number | null;
  /** Names separated by spaces; not every server sends them. */
  readonly scope: string | null;
}

export interface OAuthApplication {
  /** An origin that `parseApiHost` has approved: OAuth lives on the host of the API. */
  readonly apiHost: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Limit of one exchange; 10 s by default. */
  readonly timeoutMs?: number;
}

/**
 * Exchanges the code of a callback for tokens. One use: never repeat it after a lost answer.
 * Throws `invalid_grant` (used, late), `redirect_uri_mismatch` where the server says so, `invalid_client`, `factorial_rejected`,
 * `rate_limited`, `factorial_unreachable`, `schema_drift`.
 * Source: Factorial OAuth guide, POST /oauth/token; errors are told apart by `error`, as the status is 400 or 401 by server version.
 */
export async function exchangeCode(
  input: OAuthApplication & { readonly redirectUri: string; readonly code: string },
  signal: AbortSignal,
): Promise<TokenPair> {
  const form = { grant_type: 'authorization_code', code: input.code, redirect_uri: input.redirectUri };
  const answer = await post(input, '/oauth/token', form, signal);
  return toTokenPair(answer, { redirectUriSent: true });
}

/**
 * Exchanges a refresh token for a new pair. The old refresh token dies at once or at the first use of the new access token:
 * store the new pair before using it. Errors as `exchangeCode`, without `redirect_uri_mismatch`.
 */
export async function refreshTokens(
  input: OAuthApplication & { readonly refreshToken: string },
  signal: AbortSignal,
): Promise<TokenPair> {
  const form = { grant_type: 'refresh_token', refresh_token: input.refreshToken };
  const answer = await post(input, '/oauth/token', form, signal);
  return toTokenPair(answer, { redirectUriSent: false });
}

/** Revokes an access or a refresh token, and with it the pair. Safe to repeat: an unknown token is a success. */
export async function revokeToken(
  input: OAuthApplication & { readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  const answer = await post(input, '/oauth/revoke', { token: input.token }, signal);
  if (!isSuccess(answer)) throw oauthError(answer, { redirectUriSent: false });
}

function post(
  application: OAuthApplication,
  path: string,
  fields: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  const form = new URLSearchParams({
    ...fields,
    client_id: application.clientId,
    client_secret: application.clientSecret,
  });
  const { timeoutMs } = application;
  const url = application.apiHost + path;
  return exchange(
    { method: 'POST', url, form, readErrorBody: true, ...(timeoutMs !== undefined && { timeoutMs }) },
    signal,
  );
}

// Goes into a header, so no line break and nothing outside ASCII.
const token = z.string().regex(/^[\x21-\x7e]+$/);
const seconds = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .pipe(z.number().nonnegative().max(8.64e12));

// The tokens are checked, the rest is forgiven: refusing a pair for an odd timestamp would lose a rotated refresh token for good.
const tokenSchema = z
  .object({
    access_token: token,
    refresh_token: orNull(z.union([z.literal('').transform(() => null), token])),
    expires_in: orNull(seconds).catch(null),
    scope: text.catch(null),
  })
  .transform((body): TokenPair => ({
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    // A life of 0 s would be renewed without end: how long the token lives is not known then, until it is refused.
    expiresInSeconds: body.expires_in === 0 ? null : body.expires_in,
    scope: body.scope,
  }));

function toTokenPair(answer: Answer, request: { redirectUriSent: boolean }): TokenPair {
  if (!isSuccess(answer)) throw oauthError(answer, request);
  const body = jsonOrUndefined(answer.text);
  if (body === undefined) throw unreachable('its answer is not complete JSON', answer.status);
  return requireRow('tokens', tokenSchema, body);
}

const errorSchema = z.object({ error: z.string(), error_description: z.string().catch('') });

function oauthError(answer: Answer, { redirectUriSent }: { redirectUriSent: boolean }): DomainError {
  const { status } = answer;
  if (status < 400 || status >= 500 || [408, 425, 429].includes(status))
    return errorForStatus(answer, 'tokens');
  const { error, error_description: description } =
    errorSchema.safeParse(jsonOrUndefined(answer.text)).data ?? {};
  const aboutRedirect =
    error === 'invalid_redirect_uri' || (error === 'invalid_grant' && namesRedirectUri(description ?? ''));
  if (redirectUriSent && aboutRedirect) {
    return new DomainError(
      'redirect_uri_mismatch',
      'The redirect URI registered in Factorial is not the one shown here.',
      { status },
    );
  }
  if (error === 'invalid_grant') {
    return new DomainError(
      'invalid_grant',
      'Factorial no longer accepts this authorization; authorize again.',
      { status },
    );
  }
  if (error === 'invalid_client' || error === 'unauthorized_client') {
    return new DomainError(
      'invalid_client',
      'Factorial does not accept the client id or the client secret.',
      { status },
    );
  }
  return new DomainError('factorial_rejected', `Factorial rejects the token request (status ${status}).`, {
    status,
  });
}

/** Doorkeeper's standard text for every invalid grant mentions "the redirection URI": that says nothing about ours, and is not matched. */
function namesRedirectUri(description: string): boolean {
  return /redirect[ _]?ur[il]/i.test(description);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
