import { useSyncExternalStore } from 'react';
import { basePath } from '../paths.ts';

/**
 * Who is signed in. The token comes from the page that shows us (`postMessage`, from its own origin or one of
 * HOST_PAGE_ORIGINS) or from the address's fragment, which is taken away at once. It is kept in memory, and in the tab's
 * session storage so that a reload keeps it. Another tab of the same person gets it only when its own has run out: what is
 * typed there can then be saved after signing in anew beside it.
 */
export interface Session {
  readonly token: string | null;
  /** The API has refused the token: it has run out, or was never right. */
  readonly ended: boolean;
}

const storageKey = 'workmeter.token';
const listeners = new Set<() => void>();
const otherTabs = new BroadcastChannel('workmeter.session');
let session: Session = { token: null, ended: false };

/** Takes what the address or the tab holds, and listens to the host page. Called once, before anything is drawn. */
export function startSession(): void {
  const given = takeTokenFromAddress() ?? window.sessionStorage.getItem(storageKey);
  if (given !== null) setToken(given);
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (!hostOrigins().includes(event.origin)) return;
    const token = tokenOf(event.data);
    if (token !== null) setToken(token);
  });
  otherTabs.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const token = tokenOf(data);
    if (token !== null && session.ended && isSamePerson(token, session.token ?? '')) keepToken(token);
  });
  askHostForToken();
}

export function currentSession(): Session {
  return session;
}

/** Where one signs in: the page that hands us the token. Null where there is no other than ourselves. */
export function hostPage(): string | null {
  const own = window.location.origin;
  return hostOrigins().find((origin) => origin !== own) ?? (basePath() === '' ? null : own);
}

/** The API refused `token`. A newer one that has come meanwhile stays. */
export function endSession(token: string | null): void {
  if (session.token !== token || session.ended) return;
  window.sessionStorage.removeItem(storageKey);
  change({ token, ended: true });
  askHostForToken();
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}

/** Calls `listener` at each new token and at the end of a session; answers how to stop that. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function setToken(token: string): void {
  const { token: before } = session;
  keepToken(token);
  // Somebody else: nothing of what is known or typed here is theirs.
  if (before !== null && !isSamePerson(token, before)) window.location.reload();
  otherTabs.postMessage({ type: 'token', token });
}

function keepToken(token: string): void {
  window.sessionStorage.setItem(storageKey, token);
  change({ token, ended: false });
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function takeTokenFromAddress(): string | null {
  const { hash, pathname, search } = window.location;
  const token = new URLSearchParams(hash.slice(1)).get('token');
  if (token !== null) window.history.replaceState(null, '', pathname + search);
  return token;
}

function hostOrigins(): string[] {
  const named = document.querySelector<HTMLMetaElement>('meta[name="host-origins"]')?.content ?? '';
  return [window.location.origin, ...named.split(' ').filter((origin) => origin !== '')];
}

/** Only the origins that we know hear the question; the browser drops it for any other. */
function askHostForToken(): void {
  if (window.parent === window) return;
  for (const origin of hostOrigins())
    window.parent.postMessage({ source: 'factorial-workmeter', type: 'token-wanted' }, origin);
}

function tokenOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const { type, token } = data as { type?: unknown; token?: unknown }; // both are checked in the next line
  return type === 'token' && typeof token === 'string' && token !== '' ? token : null;
}

/** What is typed belongs to who typed it, and to that person's account. */
function isSamePerson(token: string, other: string): boolean {
  const person = personOf(token);
  return person !== null && person === personOf(other);
}

/** Subject and tenant of a token, as one text; null where it cannot be read. Whether it is right, the API decides. */
function personOf(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(
      atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
    );
    return typeof claims === 'object' && claims !== null && 'sub' in claims && 'tenant' in claims
      ? JSON.stringify([claims.sub, claims.tenant])
      : null;
  } catch {
    return null;
  }
}
