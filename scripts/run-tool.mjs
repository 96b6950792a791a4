import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a script of one of our packages with our terminal; answers its exit code. Ctrl-C reaches it by itself. */
export async function runTool(script, args, { nodeArgs = [], env = {} } = {}) {
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, join(root, 'node_modules', script), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    const pass = (signal) => child.kill(signal);
    process.on('SIGTERM', pass);
    const ignore = () => {};
    process.on('SIGINT', ignore);
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('SIGTERM', pass);
      process.removeListener('SIGINT', ignore);
      resolve(code ?? 1);
    });
  });
}
