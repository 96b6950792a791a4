import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import { failuresKey, type FailureFilter } from './failures.ts';
import type { Replay, ReplayItem, ReplayPreview } from './types.ts';
import { pageSize, useWholeList, type WholeList } from './whole-list.ts';

const runningMs = 1_000;

export interface ReplayFilter extends FailureFilter {
  readonly ids?: string[];
}

/** What trying again would take. Changes nothing. */
export function useReplayPreview(filter: ReplayFilter): UseQueryResult<ReplayPreview> {
  return useQuery({
    queryKey: ['replay-preview', filter],
    queryFn: async ({ signal }): Promise<ReplayPreview> => {
      const answer = await answerOf(
        api.POST('/api/integrations/factorial/failures/replay', {
          body: { filter, dryRun: true },
          signal,
        }),
      );
      if (!('sample' in answer)) throw new Error('asked for a preview, got a replay');
      return answer;
    },
    staleTime: 0,
    gcTime: 0,
  });
}

/** Tries failures again; answers the id of the replay. */
export function useStartReplay(): UseMutationResult<string, unknown, ReplayFilter> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (filter) => {
      const answer = await answerOf(
        api.POST('/api/integrations/factorial/failures/replay', { body: { filter, dryRun: false } }),
      );
      if (!('id' in answer)) throw new Error('asked for a replay, got a preview');
      return answer.id;
    },
    onSuccess: () => void client.invalidateQueries({ queryKey: failuresKey }),
  });
}

/** One replay, read again until it ends. */
export function useReplay(id: string): UseQueryResult<Replay> {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['replay', id],
    queryFn: async ({ signal }): Promise<Replay> => {
      const replay = await answerOf(
        api.GET('/api/integrations/factorial/replays/{id}', { params: { path: { id } }, signal }),
      );
      if (replay.finishedAt !== null)
        for (const queryKey of [failuresKey, ['card'], ['activity'], ['replay-items', id]])
          void client.invalidateQueries({ queryKey });
      return replay;
    },
    refetchInterval: ({ state }) => (state.data?.finishedAt == null ? runningMs : false),
  });
}

/** What came of each failure of a replay. */
export function useReplayItems(id: string): WholeList<ReplayItem> {
  return useWholeList<ReplayItem>(['replay-items', id], (cursor, signal) =>
    answerOf(
      api.GET('/api/integrations/factorial/replays/{id}/items', {
        params: {
          path: { id },
          query: { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
        },
        signal,
      }),
    ),
  );
}

/** Ends a replay after what is under way. */
export function useCancelReplay(id: string): UseMutationResult<void, unknown, void> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const replay = await answerOf(
        api.POST('/api/integrations/factorial/replays/{id}/cancel', {
          params: { path: { id } },
          body: {},
        }),
      );
      client.setQueryData(['replay', id], replay);
    },
  });
}
