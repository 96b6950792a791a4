import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { isAway, isOutOfDate, isProblem, mayPass } from './problem.ts';
import { subscribe } from './session.ts';

const listeners = new Set<() => void>();
let reachable = true;

/** What was read stays good for a moment, so that going back and forth between screens asks nothing. */
const freshMs = 10_000;
const longestWaitMs = 20_000;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onSuccess: () => setReachable(true),
    onError: (error) => setReachable(!isAway(error)),
  }),
  mutationCache: new MutationCache({
    // Refused for what the screen did not know: it is read again, for a look before the next try.
    onError: (error) => {
      if (isOutOfDate(error)) void queryClient.invalidateQueries();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      networkMode: 'always', // what the browser thinks of the network is a guess: the call tells
      retry: (tries, error) => mayPass(error) && tries < 2,
      retryDelay: (tries, error) => {
        const asked = isProblem(error) ? error.retryAfterMs : null;
        return Math.min(asked ?? 1_000 * 2 ** tries, longestWaitMs);
      },
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

// A new token: what failed for want of one is asked again.
subscribe(() => void queryClient.invalidateQueries());

/** Whether the last call reached our API. */
export function useReachable(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => reachable,
  );
}

function setReachable(next: boolean): void {
  if (next === reachable) return;
  reachable = next;
  // What could not be read while it was away is there now.
  if (next)
    void queryClient.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
  for (const listener of listeners) listener();
}
