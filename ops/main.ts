import { commandEnvironment } from '../platform/config.ts';
import { runOps } from './run.ts';

/** The engineers' and operators' command line: `npm run ops -- <command>`. */
process.exitCode = await runOps(process.argv.slice(2), {
  env: commandEnvironment(),
  now: Date.now,
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
});
