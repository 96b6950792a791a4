import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Card } from './types.ts';

/** How often the card is read again: often while something is under way. */
const busyMs = 1_500;
const calmMs = 10_000;

export const cardQuery = queryOptions({
  queryKey: ['card'],
  queryFn: async ({ signal }): Promise<Card> =>
    await answerOf(api.GET('/api/integrations/factorial', { signal })),
  refetchInterval: ({ state }) => (state.data !== undefined && isBusy(state.data) ? busyMs : calmMs),
});

/** All that is known of the connection; read again by itself. */
export function useCard(): UseQueryResult<Card> {
  return useQuery(cardQuery);
}

function isBusy({ status, progress, lastReconciliation }: Card): boolean {
  return (
    status === 'authorizing' ||
    progress !== null ||
    lastReconciliation?.status === 'queued' ||
    lastReconciliation?.status === 'running'
  );
}
