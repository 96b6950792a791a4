import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createGroupCommit } from './group-commit.ts';

const isAway = (error: unknown): boolean => error instanceof Error && error.message === 'away';

/** One turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

afterEach(() => {
  jest.useRealTimers();
});

describe('a group commit', () => {
  it('writes what arrives at one moment in one go, and answers nobody before', async () => {
    const writes: string[][] = [];
    const group = createGroupCommit<string, number>({
      write: async (rows) => {
        writes.push([...rows]);
        await turn();
        return writes.length;
      },
      isAway,
      maxRows: 10,
    });

    const answered: string[] = [];
    const add = (row: string) => group.add([row]).then((result) => answered.push(`${row}${result}`));
    const all = [add('a'), add('b'), add('c')];
    expect([writes, group.waiting]).toEqual([[], 3]);
    await turn();
    expect([writes, answered]).toEqual([[['a', 'b', 'c']], []]);
    await Promise.all(all);

    expect(answered).toEqual(['a1', 'b1', 'c1']);
    expect(group.waiting).toBe(0);
  });

  it('writes two groups at a time, and gathers for the next what arrives meanwhile', async () => {
    const writes: string[] = [];
    const releases: (() => void)[] = [];
    const group = createGroupCommit<string, void>({
      write: async (rows) => {
        writes.push(rows.join(''));
        await new Promise<void>((resolve) => releases.push(resolve));
      },
      isAway,
      maxRows: 10,
      spacingMs: 0,
    });

    const all: Promise<void>[] = [];
    for (const row of ['a', 'b', 'c', 'd']) {
      all.push(group.add([row]));
      await turn();
    }
    expect(writes).toEqual(['a', 'b']);
    releases[1]?.();
    await all[1];
    await turn(); // its requests go on first
    await turn();
    expect(writes).toEqual(['a', 'b', 'cd']);
    for (const release of releases) release();
    await Promise.all(all);

    expect(group.waiting).toBe(0);
  });

  it('lets a moment pass between two writes, so that the second carries all that came in it', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const writes: string[] = [];
    const group = createGroupCommit<string, void>({
      write: async (rows) => void writes.push(rows.join('')),
      isAway,
      maxRows: 10,
      spacingMs: 4,
    });

    await group.add(['a']);
    const late = [group.add(['b'])];
    await turn();
    late.push(group.add(['c']));
    jest.advanceTimersByTime(3);
    await turn();
    expect(writes).toEqual(['a']);
    jest.advanceTimersByTime(1);
    await Promise.all(late);
    expect(writes).toEqual(['a', 'bc']);

    jest.advanceTimersByTime(4);
    await group.add(['d']); // alone: at once
    expect(writes).toEqual(['a', 'bc', 'd']);
  });

  it('keeps a group within its limit, but never splits one request', async () => {
    const writes: number[][] = [];
    const group = createGroupCommit<number, void>({
      write: async (rows) => void writes.push([...rows]),
      isAway,
      maxRows: 3,
    });

    await Promise.all([
      group.add([1]),
      group.add([2, 3]),
      group.add([4]),
      group.add([5, 6, 7, 8]),
      group.add([9]),
    ]);

    expect(writes).toEqual([[1, 2, 3], [4], [5, 6, 7, 8], [9]]);
  });

  it('lets one bad request fail alone', async () => {
    const group = createGroupCommit<string, string>({
      write: async (rows) => {
        if (rows.includes('bad')) throw new Error('bad row');
        return rows.join();
      },
      isAway,
      maxRows: 10,
    });

    const results = await Promise.allSettled([
      group.add(['first']),
      group.add(['a']),
      group.add(['bad']),
      group.add(['b']),
    ]);

    expect(results).toEqual([
      { status: 'fulfilled', value: 'first' },
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: new Error('bad row') },
      { status: 'fulfilled', value: 'b' },
    ]);
  });

  it('asks a database that is away once per group, and goes on afterwards', async () => {
    let writes = 0;
    let isDown = true;
    const group = createGroupCommit<string, void>({
      write: async () => {
        writes += 1;
        if (isDown) throw new Error('away');
      },
      isAway,
      maxRows: 10,
    });

    const results = await Promise.allSettled([group.add(['a']), group.add(['b']), group.add(['c'])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(writes).toBe(1);

    isDown = false;
    await expect(group.add(['d'])).resolves.toBeUndefined();
  });
});
