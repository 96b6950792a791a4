import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where a development stack that runs says how to reach it: for commands of the same checkout, and for its owner only. */
const fileIn = (dataDir: string): string => join(dataDir, 'stack.json');

const Settings = z.object({
  DATABASE_URL: z.string(),
  TEMPORAL_ADDRESS: z.string(),
  TEMPORAL_NAMESPACE: z.string(),
});
export type StackSettings = z.infer<typeof Settings>;

/** Answers how to take it away again. */
export function writeStackFile(dataDir: string, settings: StackSettings): () => void {
  writeFileSync(fileIn(dataDir), JSON.stringify(settings, null, 2), { mode: 0o600 });
  return () => rmSync(fileIn(dataDir), { force: true });
}

/** Null where no stack runs in the folder, or where what it left is not whole. */
export function readStackFile(dataDir: string): StackSettings | null {
  try {
    return Settings.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
