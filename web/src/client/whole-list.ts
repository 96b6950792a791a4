import { useInfiniteQuery, type InfiniteData, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

/** A page as every list of the API answers it. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** The most that the API gives at once. */
export const pageSize = '200';

/** A list that is known whole stays good for a minute: reading it again is many calls. */
const freshMs = 60_000;

export interface WholeList<Item> {
  /** What is there so far, in the order of the API. */
  readonly items: readonly Item[];
  /** Nothing is there yet, not even a part. */
  readonly isFirstLoad: boolean;
  readonly isComplete: boolean;
  /** Why the rest is missing. */
  readonly error: unknown;
  readonly retry: () => void;
}

/** Reads a list to its end, page by page, in the background; each page shows as soon as it is there. */
export function useWholeList<Item>(
  queryKey: QueryKey,
  readPage: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<Item>>,
): WholeList<Item> {
  const { data, error, hasNextPage, isFetching, isError, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: freshMs,
    structuralSharing: false, // comparing thousands of rows with each page that comes is work that is felt
  });
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    items,
    isFirstLoad: data === undefined && !isError,
    isComplete: data !== undefined && !hasNextPage,
    error,
    retry: () => void (data === undefined ? refetch() : fetchNextPage()),
  };
}

/** Changes rows of a whole list where they are shown, without reading it again. The same row: nothing changed. */
export function patchWholeList<Item>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (item: Item) => Item,
): void {
  client.setQueryData<InfiniteData<ListPage<Item>>>(queryKey, (data) =>
    data === undefined
      ? data
      : { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })) },
  );
}
