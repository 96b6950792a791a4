import { parseArgs } from 'node:util';

/** What a benchmark can be told on the command line. */
export interface BenchOptions {
  /** Length of each measured stretch. */
  readonly seconds: number | null;
  /** How often a measurement and its baseline take turns. */
  readonly rounds: number | null;
  /** Per cent of the full size, for a quick look. */
  readonly percent: number | null;
  /** Keeps the folder with the logs of all processes. */
  readonly keep: boolean;
}

export function readOptions(args: readonly string[]): { names: string[]; options: BenchOptions } {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      percent: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  return {
    names: positionals,
    options: {
      seconds: toCount('--seconds', values.seconds),
      rounds: toCount('--rounds', values.rounds),
      percent: toCount('--percent', values.percent),
      keep: values.keep,
    },
  };
}

function toCount(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${name} must be a whole number above 0`);
  return count;
}
