import { readFileSync } from 'node:fs';

const everyMs = 250;

/** Watches how much memory a process holds (resident set, from Linux's /proc). Answers the most that was seen, in MB. */
export function watchMemory(pid: number): { stop(): number } {
  let peakMb = 0;
  const look = (): void => {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    peakMb = Math.max(peakMb, Number(kb ?? 0) / 1024);
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return peakMb;
    },
  };
}
