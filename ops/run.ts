import { isGrpcServiceError } from '@temporalio/client';
import { Command, CommanderError } from 'commander';
import { isDomainError } from '../domain/errors.ts';
import { ConfigError } from '../platform/config.ts';
import { isDatabaseAway } from '../repositories/database-away.ts';
import type { Run } from './command.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addFailures } from './commands/failures.ts';
import { addHistory } from './commands/history.ts';
import { addInbox } from './commands/inbox.ts';
import { addKeys } from './commands/keys.ts';
import { addReplay } from './commands/replay.ts';
import { addShow } from './commands/show.ts';
import { addSubscriptions } from './commands/subscriptions.ts';
import { addTenants } from './commands/tenants.ts';
import { addVerbs } from './commands/verbs.ts';
import { openSession, type OpsIo } from './session.ts';

/** What a shell learns: done; not done, or something is wrong; asked for in a wrong way. */
const exitCodes = { done: 0, wrong: 1, usage: 2 } as const;

/** Runs one command of the line and answers the process's exit code. Never throws for what a person can put right. */
export async function runOps(args: readonly string[], io: OpsIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const run: Run = async ({ json }, work) => {
    const session = openSession(io);
    try {
      const { data, text, ok = true } = await work(session);
      io.out(json === true ? JSON.stringify(data) : text);
      if (!ok) exitCode = exitCodes.wrong;
    } finally {
      await session.close();
    }
  };
  try {
    await buildProgram(run, io).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    io.err(sentence(error));
    return exitCodes.wrong;
  }
}

function buildProgram(run: Run, io: OpsIo): Command {
  const program = new Command('ops')
    .usage('<command> [options]')
    .description(
      'Looks after Factorial → WorkMeter, in the database and the Temporal that DATABASE_URL and TEMPORAL_ADDRESS name.',
    )
    .addHelpText('after', '\nExit codes: 0 done · 1 not done, or something is wrong · 2 wrong usage')
    .exitOverride()
    .showHelpAfterError('Help: npm run ops -- <command> --help')
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  for (const add of [
    addTenants,
    addShow,
    addFailures,
    addExplain,
    addInbox,
    addSubscriptions,
    addVerbs,
    addReplay,
    addDoctor,
    addHistory,
    addKeys,
  ])
    add(program, run, io);
  return program;
}

/** What went wrong, and what to do. An error of our own code keeps its stack: somebody must repair it. */
function sentence(error: unknown): string {
  if (error instanceof ConfigError || isDomainError(error)) return error.message;
  if (isDatabaseAway(error)) return 'The database does not answer. Is DATABASE_URL right, and is it running?';
  if (isGrpcServiceError(error) || isGrpcServiceError((error as { cause?: unknown } | null)?.cause))
    return `Temporal does not answer, or refuses: ${(error as Error).message}. Is TEMPORAL_ADDRESS right, and is it running?`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
