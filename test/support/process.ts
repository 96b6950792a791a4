import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface StartedProcess {
  readonly pid: number;
  /** Everything it has written so far, both outputs. */
  output(): string;
  /** Waits for a line (text that it contains, or a pattern). Throws with the output when the process ends or time runs out. */
  waitForLine(matches: string | RegExp, timeoutMs?: number): Promise<string>;
  isRunning(): boolean;
  /** Waits for its own end. */
  exited(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends a signal and waits for the end: SIGKILL is the crash, SIGTERM the deployment. */
  kill(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface ProcessSettings {
  args?: readonly string[];
  /** Beside PATH and HOME nothing is inherited: a developer's own settings must not reach a test. */
  env?: Record<string, string>;
  /** Is told each piece of either output as it comes. */
  onOutput?: (chunk: string) => void;
}

const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SYSTEMROOT'];

/** Starts one of our processes as in production but from source, e.g. `startProcess('api/server.ts', { env })`. */
export function startProcess(
  file: string,
  { args = [], env = {}, onOutput }: ProcessSettings = {},
): StartedProcess {
  const base = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const wakers = new Set<() => void>();
  const wake = (): void => {
    for (const waker of wakers) waker();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      onOutput?.(chunk);
      wake();
    });
  }
  let ended: { code: number | null; signal: NodeJS.Signals | null } | null = null;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      ended = { code, signal };
      resolve(ended);
      wake();
    });
  });
  // A suite that fails before its clean-up must not leave a process behind.
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void exited.then(() => process.removeListener('exit', killWithUs));

  const findLine = (matches: string | RegExp): string | undefined =>
    output
      .split('\n')
      .find((line) => (typeof matches === 'string' ? line.includes(matches) : matches.test(line)));

  return {
    pid: child.pid ?? -1,
    output: () => output,
    waitForLine: async (matches, timeoutMs = 20_000) =>
      await new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          wakers.delete(look);
          settle();
        };
        const look = (): void => {
          const line = findLine(matches);
          if (line !== undefined) finish(() => resolve(line));
          else if (ended)
            finish(() => reject(new Error(`${file} ended before it wrote ${String(matches)}:\n${output}`)));
        };
        const timer = setTimeout(
          () =>
            finish(() =>
              reject(new Error(`${file} did not write ${String(matches)} in ${timeoutMs} ms:\n${output}`)),
            ),
          timeoutMs,
        );
        wakers.add(look);
        look();
      }),
    isRunning: () => ended === null,
    exited: () => exited,
    kill: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return await exited;
    },
  };
}
