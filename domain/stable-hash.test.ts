import { describe, expect, it } from '@jest/globals';
import { stableHash } from './stable-hash.ts';

describe('the stable hash', () => {
  // Values of FNV-1a, 32 bits, as its authors publish them: other ones would move every tenant's night and refresh.
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ])('of %j never changes', (text, hash) => {
    expect(stableHash(text)).toBe(hash);
  });

  it('spreads tenants evenly over a hundred places', () => {
    const counts = Array.from({ length: 100 }, () => 0);
    for (let number = 0; number < 10_000; number += 1) {
      const place = stableHash(`tenant-${number}`) % 100;
      counts[place] = (counts[place] ?? 0) + 1;
    }

    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(150);
  });
});
