import type { Database } from './database.ts';

/** Longer than any healthy answer, shorter than what a platform waits for a probe. */
const timeoutMs = 2_000;

/** Whether the database answers. Never throws. */
export async function isDatabaseReady(db: Database): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answered = db.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
