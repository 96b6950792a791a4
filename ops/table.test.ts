import { describe, expect, it } from '@jest/globals';
import { renderPairs, renderTable } from './table.ts';

describe('renderTable', () => {
  it('aligns text at the left and numbers at the right', () => {
    const text = renderTable(
      ['tenant', 'open', 'status'],
      [
        ['acme', 7, 'connected'],
        ['a-longer-name', 12, 'expired'],
      ],
    );

    expect(text.split('\n')).toEqual([
      'tenant         open  status',
      '─────────────  ────  ─────────',
      'acme              7  connected',
      'a-longer-name    12  expired',
    ]);
  });

  it('shows a dash for what is unknown, and keeps a row on one line', () => {
    expect(
      renderTable(['a', 'b'], [[null, 'two\nlines']])
        .split('\n')
        .at(-1),
    ).toBe('–  two lines');
  });

  it('is empty without rows', () => {
    expect(renderTable(['a'], [])).toBe('');
  });
});

describe('renderPairs', () => {
  it('aligns the values', () => {
    expect(
      renderPairs([
        ['status', 'connected'],
        ['last verified', null],
      ]),
    ).toBe('status         connected\nlast verified  –');
  });
});
