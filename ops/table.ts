export type Cell = string | number | null;

/** What a cell without a value shows. */
const nothing = '–';
const gap = '  ';

/** Aligned columns under their titles, for a terminal; columns of numbers end at the right. Without rows: an empty text. */
export function renderTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  const isNumeric = titles.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  const texts = rows.map((row) => titles.map((_, column) => toText(row[column] ?? null)));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join(gap)
      .trimEnd();
  return [line(titles), line(widths.map((width) => '─'.repeat(width))), ...texts.map(line)].join('\n');
}

/** Names and values under each other, the values aligned. */
export function renderPairs(pairs: readonly (readonly [name: string, value: Cell])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${gap}${toText(value)}`).join('\n');
}

// A line break in a value would break the table.
const toText = (cell: Cell): string => (cell === null ? nothing : String(cell).replace(/\s+/g, ' '));
