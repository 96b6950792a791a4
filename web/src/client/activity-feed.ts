import type { ActivityEntry } from './types.ts';

/** What is shown of the activity: newest first, without gaps. */
export interface Feed {
  readonly items: readonly ActivityEntry[];
  /** Where older entries begin; null where there are none. */
  readonly nextCursor: string | null;
}

/** Puts newer entries on top. What is there already, stays once. */
export function withNewer(feed: Feed, newer: readonly ActivityEntry[]): Feed {
  const known = new Set(feed.items.map(({ id }) => id));
  const added = newer.filter(({ id }) => !known.has(id));
  return added.length === 0 ? feed : { ...feed, items: [...added, ...feed.items] };
}

/** Puts a page of older entries at the end. */
export function withOlder(feed: Feed, older: Feed): Feed {
  const known = new Set(feed.items.map(({ id }) => id));
  return {
    items: [...feed.items, ...older.items.filter(({ id }) => !known.has(id))],
    nextCursor: older.nextCursor,
  };
}
