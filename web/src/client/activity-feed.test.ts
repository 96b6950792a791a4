import { expect, it } from '@jest/globals';
import { withNewer, withOlder, type Feed } from './activity-feed.ts';
import type { ActivityEntry } from './types.ts';

const entry = (id: string): ActivityEntry => ({
  id,
  at: '2026-11-26T08:00:00.000Z',
  kind: 'person',
  summary: 'The settings were changed.',
  count: 1,
  outcome: 'changed',
});
const feed: Feed = { items: [entry('9'), entry('8')], nextCursor: 'older' };
const idsOf = ({ items }: Feed): string[] => items.map(({ id }) => id);

it('puts new entries on top, each once', () => {
  const merged = withNewer(feed, [entry('11'), entry('10'), entry('9')]);

  expect(idsOf(merged)).toEqual(['11', '10', '9', '8']);
  expect(merged.nextCursor).toBe('older');
});

it('stays the same where nothing is new, so that nothing is drawn again', () => {
  expect(withNewer(feed, [entry('9')])).toBe(feed);
});

it('puts older entries at the end and remembers where the rest begins', () => {
  const merged = withOlder(feed, { items: [entry('8'), entry('7')], nextCursor: null });

  expect(idsOf(merged)).toEqual(['9', '8', '7']);
  expect(merged.nextCursor).toBeNull();
});
