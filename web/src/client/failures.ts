import { useInfiniteQuery } from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Failure } from './types.ts';
import type { ListPage } from './whole-list.ts';

/** Every list of failures begins with it. */
export const failuresKey = ['failures'] as const;
const calmMs = 10_000;

/** Which failures; all that is given must hold. */
export interface FailureFilter {
  readonly code?: string;
  readonly resource?: string;
}

/** The latest failures, a page at a time; read again by itself. */
export function useFailures(filter: FailureFilter) {
  return useInfiniteQuery({
    queryKey: [...failuresKey, filter],
    queryFn: async ({ pageParam, signal }): Promise<ListPage<Failure>> =>
      await answerOf(
        api.GET('/api/integrations/factorial/failures', {
          params: { query: { ...filter, ...(pageParam === undefined ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: calmMs,
  });
}
