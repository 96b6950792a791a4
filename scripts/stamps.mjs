// What set-up has done already is noted beside the packages: they go, it is done again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../node_modules/.cache/factorial-workmeter', import.meta.url));

/** Null where nothing was noted. */
export function readStamp(name) {
  try {
    return readFileSync(stampFile(name), 'utf8');
  } catch {
    return null;
  }
}

export function writeStamp(name, content) {
  mkdirSync(folder, { recursive: true });
  const unfinished = `${stampFile(name)}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, stampFile(name));
}

export function hash(...contents) {
  const sum = createHash('sha256');
  for (const content of contents) sum.update(content).update('\0');
  return sum.digest('hex');
}

function stampFile(name) {
  return join(folder, name === 'tools' ? 'tools.json' : `${name}.stamp`);
}
