import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Guardian } from './guardian.ts';
import { startProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

export type ChildName = 'api' | 'worker' | 'simulator';

const files: Record<ChildName, string> = {
  api: 'api/server.ts',
  worker: 'worker/main.ts',
  simulator: 'simulator/main.ts',
};

export interface ChildOptions {
  env: NodeJS.ProcessEnv;
  logFile: string;
  guardian: Guardian;
  signal: AbortSignal;
  /** As `npm run build` made it, and as it runs in production. */
  built?: boolean;
  /** Each line of output also goes here. */
  onLine?: (line: string) => void;
}

/** Above what a loaded machine with two cores needs. */
const readyTimeoutMs = 60_000;

/** Starts one of our processes, from source unless told, and waits until it is ready to work. */
export async function startChild(
  name: ChildName,
  { built = false, ...options }: ChildOptions,
): Promise<ManagedProcess> {
  rmSync(options.logFile, { force: true });
  const child = startProcess({
    name,
    command: process.execPath,
    args: built ? [`dist/${files[name].replace('.ts', '.js')}`] : ['--import', 'tsx', files[name]],
    cwd: root,
    ...options,
  });
  try {
    if (name === 'api') await waitForApi(child, `http://127.0.0.1:${options.env['PORT']}`);
    else await child.waitForLine((line) => isReadyLine(line), readyTimeoutMs);
    return child;
  } catch (error) {
    await child.stop();
    throw new Error(describeEnd(child), { cause: error });
  }
}

/** Which process ended how, and the last it said. */
export function describeEnd(child: ManagedProcess): string {
  const how = child.exit?.signal
    ? `was ended by ${child.exit.signal}`
    : `ended with ${child.exit?.code ?? 'no code'}`;
  return `${child.name} ${how}; its last lines:\n${child
    .lastLines()
    .map((line) => `  ${line}`)
    .join('\n')}`;
}

const readySchema = z.object({ ready: z.literal(true) });

function isReadyLine(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return readySchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

async function waitForApi(child: ManagedProcess, url: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (const path of ['/healthz', '/readyz']) {
    while (!(await answersOk(`${url}${path}`))) {
      if (child.exit) throw new Error('api ended before it was ready');
      if (Date.now() > deadline)
        throw new Error(`api did not answer ${path} after ${readyTimeoutMs / 1000} s`);
      await sleep(100);
    }
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
