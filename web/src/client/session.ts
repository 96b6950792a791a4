import { useSyncExternalStore } from 'react';

/**
 * Who is signed in. The token comes from the page that shows us (`postMessage`, from its own origin or one of
 * HOST_PAGE_ORIGINS) or from the address's fragment, which is taken away at once. It lives in this tab only: in memory,
 * and in the tab's session storage so that a reload keeps it.
 */
export interface Session {
  readonly token: string | null;
  /** The API has refused the token: it has run out, or was never right. */
  readonly ended: boolean;
}

const storageKey = 'workmeter.token';
const listeners = new Set<() => void>();
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
  askHostForToken();
}

export function currentToken(): string | null {
  return session.token;
}

/** The API refused `token`. A newer one that has come meanwhile stays. */
export function endSession(token: string | null): void {
  if (session.token !== token || session.ended) return;
  window.sessionStorage.removeItem(storageKey);
  change({ token, ended: true });
  askHostForToken();
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

/** Calls `listener` at each new token and at the end of a session; answers how to stop that. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function setToken(token: string): void {
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
