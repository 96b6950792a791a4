import {
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { withNewer, withOlder, type Feed } from './activity-feed.ts';
import { answerOf, api } from './api.ts';
import type { ActivityEntry } from './types.ts';

const activityKey = ['activity'] as const;
const path = '/api/integrations/factorial/activity';
const pollMs = 3_000;
const reauthorizedMs = 1_000;
/** A page that is open for days begins anew with the latest entries. */
const mostShown = 400;

/** What has happened, newest first. Live: asks for what is new every few seconds. */
export function useActivity(isLive: boolean): UseQueryResult<Feed> {
  const client = useQueryClient();
  return useQuery({
    queryKey: activityKey,
    queryFn: async ({ signal }): Promise<Feed> => {
      const feed = client.getQueryData<Feed>(activityKey);
      const newest = feed?.items[0]?.id;
      if (feed === undefined || newest === undefined || feed.items.length > mostShown)
        return await answerOf(api.GET(path, { signal }));
      return withNewer(feed, await readNewer(newest, signal));
    },
    refetchInterval: isLive ? pollMs : false,
  });
}

/** Adds a page of older entries. */
export function useOlderActivity(): UseMutationResult<void, unknown, string> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (cursor) => {
      const older = await answerOf(api.GET(path, { params: { query: { cursor } } }));
      client.setQueryData<Feed>(activityKey, (feed) => (feed === undefined ? feed : withOlder(feed, older)));
    },
  });
}

/** The id of the latest entry; that of none, where nothing has happened yet. */
export async function newestActivityId(): Promise<string> {
  const { items } = await answerOf(api.GET(path, { params: { query: { limit: '1' } } }));
  return items[0]?.id ?? '0';
}

/**
 * Whether WorkMeter was authorized again after an entry of the activity: the card alone does not tell, as it says
 * connected all the while. Asked again and again until it was; `after` is null as long as nobody wants to know.
 */
export function useReauthorizedSince(after: string | null): boolean {
  const { data = false } = useQuery({
    queryKey: ['reauthorized', after],
    queryFn:
      after === null
        ? skipToken
        : async ({ signal }) =>
            (await readNewer(after, signal)).some(
              ({ kind, outcome }) => kind === 'connection' && outcome === 'reauthorized',
            ),
    refetchInterval: ({ state }) => (state.data === true ? false : reauthorizedMs),
    staleTime: 0,
    gcTime: 0,
  });
  return data;
}

async function readNewer(after: string, signal: AbortSignal): Promise<ActivityEntry[]> {
  const newer: ActivityEntry[] = [];
  let cursor: string | null = null;
  do {
    const query: { after: string; cursor?: string } = cursor === null ? { after } : { after, cursor };
    const page: Feed = await answerOf(api.GET(path, { params: { query }, signal }));
    newer.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return newer;
}
