import { describe, expect, it } from '@jest/globals';
import { Collection, lowerBound } from './collection.ts';
import { CLUSTER_OFFSET, compareIds, createIdSequences } from './ids.ts';

describe('ids', () => {
  it('lie above what a JSON number can hold', () => {
    const nextId = createIdSequences();

    expect(BigInt(nextId('employee'))).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(CLUSTER_OFFSET).toBe(18446744073709550n);
  });

  it.each([
    ['9', '10'],
    ['18446744073709742', '18446744073709743'],
    ['99999999999999999', '100000000000000000'],
  ])('order %s before %s, as numbers do', (smaller, greater) => {
    expect(compareIds(smaller, greater)).toBeLessThan(0);
    expect(compareIds(greater, smaller)).toBeGreaterThan(0);
    expect(compareIds(smaller, smaller)).toBe(0);
  });
});

describe('a collection', () => {
  it('stays sorted by id, also when rows come late or go', () => {
    const rows = new Collection<{ id: string }>();

    for (const id of ['10', '7', '100', '9']) rows.add({ id });
    rows.remove('10');

    expect(rows.all().map((row) => row.id)).toEqual(['7', '9', '100']);
    expect(lowerBound(rows.all(), '10')).toBe(2);
  });

  it('picks known ids once, in order', () => {
    const rows = new Collection<{ id: string }>();
    for (const id of ['1', '2', '3']) rows.add({ id });

    expect(rows.pick(['3', '1', '4', '3']).map((row) => row.id)).toEqual(['1', '3']);
  });
});
