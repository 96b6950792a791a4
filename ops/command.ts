import { InvalidArgumentError, Option, type Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { Database } from '../repositories/database.ts';
import { listTenantOverviews, type TenantOverview } from '../repositories/operations-read.ts';
import type { OpsIo, Session } from './session.ts';

/** What a command found: for a script, and for a person. `ok: false` makes the exit code 1. */
export interface Report {
  readonly data: unknown;
  readonly text: string;
  readonly ok?: boolean;
}

export interface JsonOption {
  readonly json?: boolean;
}

/** Opens a session for `work`, prints its report as the options say, closes the session. */
export type Run = (options: JsonOption, work: (session: Session) => Promise<Report>) => Promise<void>;

/** Puts a command on the line. */
export type AddCommand = (program: Command, run: Run, io: OpsIo) => void;

export const jsonOption = (): Option => new Option('--json', 'print JSON');

/** `--limit`: a whole number from 1 to `max`. */
export function limitOption(fallback: number, max = 10_000): Option {
  return new Option('--limit <n>', 'rows at most').default(fallback).argParser((text: string) => {
    const value = Number(text);
    if (!/^\d{1,6}$/.test(text) || value < 1 || value > max)
      throw new InvalidArgumentError(`Give a whole number from 1 to ${max}.`);
    return value;
  });
}

/** How a tenant stands. Throws `not_found` with what to do. */
export async function requireTenantOverview(
  db: Database,
  tenantId: string,
  nowMs: number,
): Promise<TenantOverview> {
  const [overview] = await listTenantOverviews(db, nowMs, tenantId);
  if (overview === undefined)
    throw new DomainError('not_found', `There is no tenant «${tenantId}». See: npm run ops -- tenants`);
  return overview;
}

/** Blocks of text with a blank line between; empty ones are left out. */
export const sections = (...blocks: readonly string[]): string =>
  blocks.filter((block) => block !== '').join('\n\n');
