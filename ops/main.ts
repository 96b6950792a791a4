import { Command } from 'commander';
import { keysCommand } from './commands/keys.ts';

/** The engineers' and operators' command line. */
const program = new Command('ops')
  .description('Looks after Factorial → WorkMeter: npm run ops -- <command> --help')
  .addCommand(keysCommand());

await program.parseAsync();
