import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Stops watched processes and removes paths when this process dies without having done so, also by SIGKILL. */
export interface Guardian {
  readonly pid: number;
  /** `signal` is what ends this process group in an orderly way. */
  watch(pid: number, signal: NodeJS.Signals): void;
  unwatch(pid: number): void;
  /** Removes `path` at the end, e.g. a temporary folder. */
  removeAtEnd(path: string): void;
  /** To be called last: what is still watched is stopped, the paths go. */
  release(): Promise<void>;
}

export function startGuardian(): Guardian {
  const script = fileURLToPath(new URL('../scripts/guardian.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.unref();
  const pipe = child.stdin;
  if (!pipe) throw new Error('the guardian has no stdin');
  pipe.on('error', () => {}); // it ended before us: nothing left to guard with
  const tell = (message: object): void => void pipe.write(`${JSON.stringify(message)}\n`);

  return {
    pid: child.pid ?? -1,
    watch: (pid, signal) => tell({ watch: pid, signal }),
    unwatch: (pid) => tell({ unwatch: pid }),
    removeAtEnd: (path) => tell({ remove: path }),
    release: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.ref();
        child.once('exit', () => resolve());
        pipe.end();
      }),
  };
}
