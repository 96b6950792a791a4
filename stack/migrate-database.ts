import { fileURLToPath } from 'node:url';
import type { Guardian } from './guardian.ts';
import { startProcess } from './managed-process.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Above what all migrations of an empty database take on a slow machine. */
const timeoutMs = 60_000;

/** Applies the migrations as `npm run migrate` does, in a process of its own: none of its connections stays with us. */
export async function migrateDatabase(
  databaseUrl: string,
  { guardian, ...output }: { guardian: Guardian; logFile?: string; signal?: AbortSignal },
): Promise<void> {
  const migration = startProcess({
    name: 'migrate',
    command: process.execPath,
    args: ['--import', 'tsx', 'prisma/main.ts'],
    cwd: root,
    env: { ...process.env, DATABASE_URL: databaseUrl, NODE_OPTIONS: '' },
    guardian,
    ...output,
  });
  try {
    await migration.waitForLine((line) => line.includes('up to date'), timeoutMs);
  } catch (error) {
    throw new Error(`The migrations were not applied:\n${migration.lastLines().join('\n')}`, {
      cause: error,
    });
  } finally {
    await migration.stop();
  }
}
