import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any step of the set-up takes; after it a lock is taken to be forgotten. */
const forgottenAfterMs = 20 * 60_000;

/** Runs `work` while no other process holds the lock; waits for one that does, unless that one is gone. */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  for (const startedAt = Date.now(); !tryLock(path);) {
    if (isGone(path) || Date.now() - startedAt > forgottenAfterMs)
      rmSync(path, { recursive: true, force: true });
    else await sleep(250);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function tryLock(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'pid'), String(process.pid));
  return true;
}

/** The holder writes its pid right after taking the lock; a lock without a readable one is given a moment. */
function isGone(path) {
  try {
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
