import { describe, expect, it } from '@jest/globals';
import { readAhead } from './read-ahead.ts';

/** Numbers from 1, each when it is let go. */
function source(count: number) {
  let asked = 0;
  const waiting: (() => void)[] = [];
  return {
    get asked() {
      return asked;
    },
    next: async (): Promise<number | null> => {
      if (asked === count) return null;
      asked += 1;
      const mine = asked;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return mine;
    },
    letGo: async (): Promise<void> => {
      waiting.shift()?.();
      await settled();
    },
  };
}
const same = (number: number): number => number;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const all = async (groups: AsyncIterable<number[]>): Promise<number[][]> => {
  const got: number[][] = [];
  for await (const group of groups) got.push(group);
  return got;
};

describe('reading ahead', () => {
  it('hands each thing out as it comes when the reader is the slow one', async () => {
    const numbers = source(3);
    const reading = readAhead(numbers.next, same, { most: 10, lingerMs: 0 });

    for (const expected of [[1], [2], [3]]) {
      const group = reading.next();
      await settled();
      await numbers.letGo();
      expect((await group).value).toEqual(expected);
    }
    expect((await reading.next()).done).toBe(true);
  });

  it('hands out together what came while the caller was busy, and no more than asked for', async () => {
    const numbers = source(6);
    const reading = readAhead(numbers.next, same, { most: 3, lingerMs: 0 });
    const first = reading.next();
    await settled();
    await numbers.letGo();
    expect((await first).value).toEqual([1]);

    for (let times = 0; times < 6; times += 1) await numbers.letGo();

    expect(numbers.asked).toBe(4); // 2, 3 and 4 are ready
    expect((await reading.next()).value).toEqual([2, 3, 4]);

    const leaving = reading.return(undefined);
    await settled();
    await numbers.letGo(); // the one that is under way
    await leaving;
  });

  it('hands out what has come once the first of it has waited long enough', async () => {
    const numbers = source(3);
    const reading = readAhead(numbers.next, same, { most: 3, lingerMs: 40 });
    const first = reading.next();
    await settled();
    await numbers.letGo();
    await numbers.letGo();

    const group = (await first).value ?? [];
    expect([1, 2].slice(0, group.length)).toEqual(group); // the third has not come
    const leaving = reading.return(undefined);
    await numbers.letGo();
    await leaving;
  });

  it('reads one at a time, in order, to the end', async () => {
    let underWay = 0;
    let count = 0;
    const next = async (): Promise<number | null> => {
      underWay += 1;
      expect(underWay).toBe(1);
      await settled();
      underWay -= 1;
      count += 1;
      return count > 25 ? null : count;
    };

    const groups = await all(readAhead(next, same, { most: 4, lingerMs: 60_000 }));

    expect(groups.flat()).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(groups.map((group) => group.length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
  });

  it('asks for the next before it unpacks what has come', async () => {
    const steps: string[] = [];
    let count = 0;
    const next = async (): Promise<number | null> => {
      steps.push(`ask ${count + 1}`);
      await settled();
      count += 1;
      return count > 3 ? null : count;
    };
    const unpack = (number: number): string => {
      steps.push(`unpack ${number}`);
      return `number ${number}`;
    };
    const got: string[] = [];

    for await (const group of readAhead(next, unpack, { most: 10, lingerMs: 60_000 })) got.push(...group);

    expect(got).toEqual(['number 1', 'number 2', 'number 3']);
    expect(steps).toEqual(['ask 1', 'ask 2', 'unpack 1', 'ask 3', 'unpack 2', 'ask 4', 'unpack 3']);
  });

  it('leaves no request behind where something cannot be unpacked', async () => {
    let [asked, ended] = [0, 0];
    const next = async (): Promise<number> => {
      asked += 1;
      await settled();
      ended += 1;
      return asked;
    };
    const unpack = (number: number): number => {
      if (number === 2) throw new Error('broken');
      return number;
    };
    const got: number[] = [];

    await expect(
      (async () => {
        for await (const group of readAhead(next, unpack, { most: 10, lingerMs: 60_000 })) got.push(...group);
      })(),
    ).rejects.toThrow('broken');

    expect(got).toEqual([1]);
    expect(ended).toBe(asked);
  });

  it('hands out what came before an error, then throws it', async () => {
    let count = 0;
    const next = async (): Promise<number> => {
      count += 1;
      if (count === 3) throw new Error('broken');
      return count;
    };
    const got: number[] = [];

    await expect(
      (async () => {
        for await (const group of readAhead(next, same, { most: 10, lingerMs: 60_000 })) got.push(...group);
      })(),
    ).rejects.toThrow('broken');

    expect(got).toEqual([1, 2]);
  });

  it('stops reading when the caller leaves, after the read that is under way', async () => {
    let asked = 0;
    let ended = 0;
    const next = async (): Promise<number> => {
      asked += 1;
      await settled();
      ended += 1;
      return asked;
    };

    await expect(
      (async () => {
        for await (const group of readAhead(next, same, { most: 2, lingerMs: 60_000 }))
          throw new Error(`had enough of ${group.length}`);
      })(),
    ).rejects.toThrow('had enough');

    expect(ended).toBe(asked);
    const before = asked;
    await settled();
    expect(asked).toBe(before);
  });
});
