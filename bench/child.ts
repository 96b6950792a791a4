import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const compiled = new URL('../dist/bench/', import.meta.url);

/** A process of its own, spoken to by messages. */
export interface Child<Message> {
  send(message: object): void;
  /** Told every message from now on. Answers how to stop listening. */
  listen(listener: (message: Message) => void): () => void;
  /** The next message. Rejects when the process ends first. */
  next(): Promise<Message>;
  stop(): void;
}

/** Starts a file of this folder as it was compiled (`tsconfig.bench.json`), e.g. `./load-process.js`. */
export function startChildFile<Message>(file: string, env: NodeJS.ProcessEnv = {}): Child<Message> {
  const child = fork(fileURLToPath(new URL(file, compiled)), {
    execArgv: [],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const listen = (listener: (message: Message) => void): (() => void) => {
    const onMessage = (message: unknown): void => listener(message as Message); // both ends are ours
    child.on('message', onMessage);
    return () => void child.off('message', onMessage);
  };
  return {
    send: (message) => void child.send(message),
    listen,
    next: () =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          unlisten();
          child.off('exit', ended);
          finish();
        };
        const unlisten = listen((message) => settle(() => resolve(message)));
        const ended = (): void => settle(() => reject(new Error(`${file} ended`)));
        child.once('exit', ended);
      }),
    stop: () => {
      process.off('exit', killWithUs);
      child.kill('SIGTERM');
    },
  };
}
