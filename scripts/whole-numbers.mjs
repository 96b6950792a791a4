import { parseArgs } from 'node:util';

/** Reads options that are whole numbers, each with its default: `--runs 10`. Throws for anything else. */
export function wholeNumbers(args, defaults) {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: String(value) }]),
  );
  const { values } = parseArgs({ args, options });
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => {
      if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} must be a whole number`);
      return [name, Number(text)];
    }),
  );
}
