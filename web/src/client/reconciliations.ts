import {
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Reconciliation } from './types.ts';

/** How many of the latest are listed. */
const listed = '10';
const busyMs = 1_000;
const calmMs = 10_000;
const reconciliationsKey = ['reconciliations'] as const;

/** The latest reconciliations, newest first; read again by itself, often while one is under way. */
export function useReconciliations(): UseQueryResult<readonly Reconciliation[]> {
  return useQuery({
    queryKey: reconciliationsKey,
    queryFn: async ({ signal }): Promise<readonly Reconciliation[]> => {
      const query = { limit: listed };
      const path = '/api/integrations/factorial/reconciliations';
      return (await answerOf(api.GET(path, { params: { query }, signal }))).items;
    },
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) === true ? busyMs : calmMs),
  });
}

export function isUnderWay({ status }: Reconciliation): boolean {
  return status === 'queued' || status === 'running';
}

/** Decides on the deletions that a reconciliation holds back. */
export function useDecideDeletions(): UseMutationResult<
  Reconciliation,
  unknown,
  { readonly id: string; readonly decision: 'approve' | 'reject' }
> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, decision }) =>
      await answerOf(
        api.POST('/api/integrations/factorial/reconciliations/{id}/approval', {
          params: { path: { id } },
          body: { decision },
        }),
      ),
    onSettled: () => readAgain(client), // a conflict: somebody else has decided
  });
}

async function readAgain(client: QueryClient): Promise<void> {
  void client.invalidateQueries({ queryKey: ['card'] });
  void client.invalidateQueries({ queryKey: ['activity'] });
  await client.invalidateQueries({ queryKey: reconciliationsKey });
}
