import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { z } from 'zod';
import { OwnId } from '../contracts/http/common.ts';
import { isStorable } from '../contracts/http/text.ts';
import { DomainError } from '../domain/errors.ts';
import type { AuthConfig } from '../platform/config.ts';

export const roles = ['admin', 'operator', 'service'] as const;
export type Role = (typeof roles)[number];

const isRole = (name: string): name is Role => roles.some((role) => role === name);

/** What a token must say of its bearer (contract.md 1). Roles that we do not know count for nothing. */
const claimsSchema = z.object({
  sub: z.string().min(1).refine(isStorable),
  tenant: OwnId,
  roles: z.array(z.string()).transform((names) => names.filter(isRole)),
  features: z.array(z.string()).default([]),
  exp: z.number(),
});
export type Claims = z.infer<typeof claimsSchema>;

export interface TokenVerifier {
  /** Throws `unauthenticated` for a token that proves nothing, `unavailable` where the issuer's keys cannot be read. */
  verify(token: string): Promise<Claims>;
}

/** Verifies bearer tokens. The configuration fixes the algorithms; what a token's header asks for changes nothing. */
export function createTokenVerifier(auth: AuthConfig, now: () => number = Date.now): TokenVerifier {
  const { key, algorithms } = keyOf(auth);
  const options: JWTVerifyOptions = {
    algorithms,
    ...(auth.issuer === undefined ? {} : { issuer: auth.issuer }),
    ...(auth.audience === undefined ? {} : { audience: auth.audience }),
  };
  return {
    async verify(token) {
      const payload = await readPayload(token, key, { ...options, currentDate: new Date(now()) });
      const claims = claimsSchema.safeParse(payload);
      if (claims.success) return claims.data;
      const field = claims.error.issues[0]?.path.join('.') ?? '';
      throw new DomainError('unauthenticated', `The token’s claim «${field}» is missing or wrong.`);
    },
  };
}

function keyOf(auth: AuthConfig): { key: Uint8Array | JWTVerifyGetKey; algorithms: string[] } {
  if (auth.secret !== undefined) return { key: new TextEncoder().encode(auth.secret), algorithms: ['HS256'] };
  return { key: createRemoteJWKSet(new URL(auth.jwksUrl)), algorithms: ['RS256', 'ES256'] };
}

async function readPayload(
  token: string,
  key: Uint8Array | JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<unknown> {
  try {
    // Two overloads of one call: a secret, or a function that finds the key.
    const { payload } =
      typeof key === 'function' ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new DomainError('unauthenticated', 'The token has expired.');
    if (isTokensFault(error))
      throw new DomainError('unauthenticated', 'The token is not valid.', {}, { cause: error });
    throw new DomainError(
      'unavailable',
      'The keys that sign tokens cannot be read right now.',
      {},
      { cause: error },
    );
  }
}

/** Whether the token is to blame, and not the place where the keys are read. */
function isTokensFault(error: unknown): boolean {
  return [
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ].some((kind) => error instanceof kind);
}
