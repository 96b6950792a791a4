import { SignJWT } from 'jose';

export interface TokenClaims {
  tenant: string;
  roles: readonly ('admin' | 'operator' | 'service')[];
  subject?: string;
  features?: readonly string[];
  /** Seconds from now; a day where not given. */
  expiresInSeconds?: number;
}

export type TokenMaker = (claims: TokenClaims) => Promise<string>;

const daySeconds = 24 * 60 * 60;

/** Signs tokens as time@work would, with the shared secret of a development stack. */
export function createTokenMaker(secret: string, issuer?: string, audience?: string): TokenMaker {
  const key = new TextEncoder().encode(secret);
  return async ({ tenant, roles, subject, features = ['time@work'], expiresInSeconds = daySeconds }) => {
    const token = new SignJWT({ tenant, roles: [...roles], features: [...features] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject ?? `${roles[0] ?? 'nobody'}@${tenant}`)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds);
    if (issuer !== undefined) token.setIssuer(issuer);
    if (audience !== undefined) token.setAudience(audience);
    return await token.sign(key);
  };
}
