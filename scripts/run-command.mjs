import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and answers its output. Throws with what it said when it fails, is missing or
 * takes longer than `timeoutMs`.
 */
export async function runCommand(command, args, { cwd, env, timeoutMs } = {}) {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: false,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output);
      const lines = output.trim().split('\n');
      const said = [...lines.slice(0, 20), ...lines.slice(20).slice(-10)].join('\n');
      reject(
        new Error(
          `${command} ${args.join(' ')} ${signal ? `was stopped (${signal})` : `failed (${code})`}\n${said}`,
        ),
      );
    });
  });
}

/** npm of the Node that runs us: `npm` itself is a script of another name on Windows. */
export async function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js')
    ? await runCommand(process.execPath, [npm, ...args], options)
    : await runCommand(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}
