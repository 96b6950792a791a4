import { readFileSync } from 'node:fs';

/** What `npm run build` writes beside the code. */
const stamp = new URL('../build-id', import.meta.url);

/** Which build this code is; undefined where it runs from its sources. */
export function readBuildId(): string | undefined {
  try {
    return readFileSync(stamp, 'utf8').trim();
  } catch {
    return undefined;
  }
}
