import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Switches } from '../switches.ts';

const CODE_LIFE_MS = 600_000;

/** Who consented: the company as such, or one person. */
export interface TokenOwner {
  companyId: string;
  /** null: a company token */
  employeeId: string | null;
}

export interface Grant {
  clientId: string;
  owner: TokenOwner;
  scopes: string[];
}

interface Code extends Grant {
  redirectUri: string;
  expiresMs: number;
  used: boolean;
}

export interface TokenPair extends Grant {
  accessToken: string;
  refreshToken: string | null;
  createdMs: number;
  expiresInSeconds: number | null;
  accessExpiresMs: number;
  refreshExpiresMs: number;
  revoked: boolean;
  /** The pair that was refreshed to get this one; it dies when this one is first used. */
  previous: TokenPair | null;
}

interface Whose {
  clientId: string | undefined;
  companyId: string | undefined;
}

export interface TokenStore {
  createCode(grant: Grant, redirectUri: string): string;
  /** Null when the code is unknown, used, expired, of another client or of another redirect URI. */
  exchangeCode(request: { code: string; clientId: string; redirectUri: string }): TokenPair | null;
  /** Null when the token is unknown, revoked, expired or of another client. */
  refresh(request: { refreshToken: string; clientId: string }): TokenPair | null;
  /** The pair of a living access token. Using it ends the pair before it. */
  use(accessToken: string): TokenPair | null;
  /** Ends the pair of an access or refresh token. */
  revoke(token: string, clientId: string): void;
  /** Ends all pairs and codes, or those of one application, of one company, or both. */
  revokeAll(of?: Partial<Whose>): number;
  expireAccessTokens(): number;
  expireRefreshTokens(): number;
  liveCount(): number;
}

export function createTokenStore({ clock, switches }: { clock: Clock; switches: Switches }): TokenStore {
  const codes = new Map<string, Code>();
  const byAccess = new Map<string, TokenPair>();
  const byRefresh = new Map<string, TokenPair>();

  function issue({ clientId, owner, scopes }: Grant, previous: TokenPair | null): TokenPair {
    const endless = owner.employeeId === null && switches.companyTokenShape !== 'full';
    const createdMs = clock.now();
    const pair: TokenPair = {
      clientId,
      owner,
      scopes,
      accessToken: switches.tokenFormat === 'jwt' ? longToken() : randomToken(),
      refreshToken: endless ? null : randomToken(),
      createdMs,
      expiresInSeconds: endless ? null : switches.accessTokenTtl,
      accessExpiresMs: endless ? Infinity : createdMs + switches.accessTokenTtl * 1000,
      refreshExpiresMs:
        switches.refreshTokenTtl === null ? Infinity : createdMs + switches.refreshTokenTtl * 1000,
      revoked: false,
      previous,
    };
    byAccess.set(pair.accessToken, pair);
    if (pair.refreshToken !== null) byRefresh.set(pair.refreshToken, pair);
    return pair;
  }

  const livePairs = () => [...byAccess.values()].filter((pair) => !pair.revoked);

  return {
    createCode(grant, redirectUri) {
      const code = randomBytes(32).toString('base64url');
      codes.set(code, { ...grant, redirectUri, expiresMs: clock.now() + CODE_LIFE_MS, used: false });
      return code;
    },
    exchangeCode({ code, clientId, redirectUri }) {
      const found = codes.get(code);
      if (found === undefined || found.used || found.expiresMs <= clock.now()) return null;
      if (found.clientId !== clientId || found.redirectUri !== redirectUri) return null;
      found.used = true;
      return issue(found, null);
    },
    refresh({ refreshToken, clientId }) {
      const pair = byRefresh.get(refreshToken);
      if (
        pair === undefined ||
        pair.revoked ||
        pair.clientId !== clientId ||
        pair.refreshExpiresMs <= clock.now()
      )
        return null;
      if (switches.refreshRevocation === 'immediate') pair.revoked = true;
      return issue(pair, pair);
    },
    use(accessToken) {
      const pair = byAccess.get(accessToken);
      if (pair === undefined || pair.revoked || pair.accessExpiresMs <= clock.now()) return null;
      if (pair.previous !== null) {
        pair.previous.revoked = true;
        pair.previous = null;
      }
      return pair;
    },
    revoke(token, clientId) {
      const pair = byAccess.get(token) ?? byRefresh.get(token);
      if (pair?.clientId === clientId) pair.revoked = true;
    },
    revokeAll({ clientId, companyId } = {}) {
      const isMeant = (grant: Grant) =>
        (clientId === undefined || grant.clientId === clientId) &&
        (companyId === undefined || grant.owner.companyId === companyId);
      const pairs = livePairs().filter(isMeant);
      for (const pair of pairs) pair.revoked = true;
      for (const code of codes.values()) code.used ||= isMeant(code);
      return pairs.length;
    },
    expireAccessTokens() {
      const pairs = livePairs().filter((pair) => pair.expiresInSeconds !== null);
      for (const pair of pairs) pair.accessExpiresMs = clock.now();
      return pairs.length;
    },
    expireRefreshTokens() {
      const pairs = livePairs().filter((pair) => pair.refreshToken !== null);
      for (const pair of pairs) pair.refreshExpiresMs = clock.now();
      return pairs.length;
    },
    liveCount: () => livePairs().filter((pair) => pair.accessExpiresMs > clock.now()).length,
  };
}

function randomToken(): string {
  return randomBytes(32).toString('hex');
}

/** In the form of a signed token: three parts, more than 1 KB. Nothing in it can be read or checked. */
function longToken(): string {
  const part = (bytes: number) => randomBytes(bytes).toString('base64url');
  return `${part(27)}.${part(900)}.${part(256)}`;
}
