import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** When this process began, in the system's own words; null when there is none. Tells a process from a later one with its number. */
export function startOf(pid: number): string | null {
  try {
    if (existsSync('/proc/self/stat')) {
      // The name in parentheses may hold blanks; the 20th field after it is the start in clock ticks. Z: ended, not yet buried.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\)\s/s, '')
        .split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
