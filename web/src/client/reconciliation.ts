import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import { cardQuery } from './card.ts';
import type { Reconciliation } from './types.ts';

const runningMs = 1_000;

/** One reconciliation, read again while it runs. */
export const reconciliationQuery = (id: string) =>
  queryOptions({
    queryKey: ['reconciliation', id],
    queryFn: async ({ signal }): Promise<Reconciliation> =>
      await answerOf(
        api.GET('/api/integrations/factorial/reconciliations/{id}', { params: { path: { id } }, signal }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.status === 'running' || state.data?.status === 'queued' ? runningMs : false,
  });

/** Asks for a comparison of everything with Factorial; asking again answers the one that waits or runs. */
export function useReconcileNow(): UseMutationResult<Reconciliation, Error, void> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      await answerOf(api.POST('/api/integrations/factorial/reconciliations', { body: {} })),
    onSuccess: async () => await queries.invalidateQueries(cardQuery),
  });
}
