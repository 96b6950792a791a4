import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guardian } from './guardian.ts';

export interface ProcessOptions {
  /** For messages, e.g. `api`. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  guardian: Guardian;
  /** Where both outputs are appended; without it they are only remembered. */
  logFile?: string;
  /** Ends this program in an orderly way. */
  stopSignal?: NodeJS.Signals;
  onLine?: (line: string) => void;
  /** Once aborted it is not started, or stopped again. */
  signal?: AbortSignal;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Null while it runs. */
  readonly exit: { code: number | null; signal: NodeJS.Signals | null } | null;
  readonly exited: Promise<void>;
  /** The last lines of its output, oldest first. */
  lastLines(count?: number): string[];
  /** Waits for a line on its output. Throws when the process ends first or `timeoutMs` passes. */
  waitForLine(matches: (line: string) => boolean, timeoutMs: number): Promise<string>;
  /** Signal, grace, SIGKILL; to the whole process group. Harmless when it is gone already. */
  stop(graceMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

const rememberedLines = 400;

/** Starts a program as its own process group, so that Ctrl-C reaches only us and we stop the others in order. */
export function startProcess(options: ProcessOptions): ManagedProcess {
  const { name, guardian, stopSignal = 'SIGTERM' } = options;
  options.signal?.throwIfAborted();
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const pid = child.pid;
  let exit: ManagedProcess['exit'] = null;
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const log =
    options.logFile === undefined
      ? undefined
      : createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  const onLine = (line: string): void => {
    lines.push(line);
    if (lines.length > rememberedLines) lines.shift();
    options.onLine?.(line);
    for (const listener of listeners) listener(line);
  };
  readLines(child, onLine, log);

  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      onLine(error.message);
      exit ??= { code: null, signal: null };
      resolve();
    });
    child.once('close', (code, signal) => {
      exit ??= { code, signal };
      if (pid !== undefined) guardian.unwatch(pid);
      log?.end();
      resolve();
    });
  });
  if (pid !== undefined) guardian.watch(pid, stopSignal);

  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // The group is gone.
    }
  };

  const stop = async (graceMs = 10_000): Promise<void> => {
    if (exit) return;
    kill(stopSignal);
    await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
    kill('SIGKILL'); // also for what the group still holds
    await exited;
  };
  options.signal?.addEventListener('abort', () => void stop(), { once: true });

  return {
    name,
    pid: pid ?? -1,
    get exit() {
      return exit;
    },
    exited,
    lastLines: (count = 20) => lines.slice(-count),
    waitForLine: async (matches, timeoutMs) => {
      const already = lines.find(matches);
      if (already !== undefined) return already;
      return await new Promise<string>((resolve, reject) => {
        const timer = setTimeout(
          () => settle(() => reject(new Error(`${name} was not ready after ${timeoutMs / 1000} s`))),
          timeoutMs,
        );
        const listener = (line: string): void => {
          if (matches(line)) settle(() => resolve(line));
        };
        const settle = (finish: () => void): void => {
          clearTimeout(timer);
          listeners.delete(listener);
          finish();
        };
        listeners.add(listener);
        void exited.then(() => settle(() => reject(new Error(`${name} ended before it was ready`))));
      });
    },
    stop,
    kill,
  };
}

function readLines(
  child: ChildProcess,
  onLine: (line: string) => void,
  log: NodeJS.WritableStream | undefined,
): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      log?.write(chunk);
      const parts = (rest + chunk).split(/\r?\n/);
      rest = parts.pop() ?? '';
      for (const part of parts) onLine(part);
    });
    stream?.on('end', () => {
      if (rest !== '') onLine(rest);
    });
  }
}
