/** What one check of `doctor` found. */
export interface Finding {
  /** What was looked at, in a few words. */
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What a person does about it; on everything that is not `ok`. */
  readonly todo?: string;
  /** Puts it right; only where that is safe while the service runs, and harmless when done twice. */
  readonly repair?: Repair;
}

export interface Repair {
  /** What it will do, for `--dry-run`. */
  readonly plan: string;
  /** Answers what it did. */
  run(): Promise<string>;
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });

export const warning = (check: string, message: string, todo: string, repair?: Repair): Finding => ({
  check,
  status: 'warning',
  message,
  todo,
  ...(repair === undefined ? {} : { repair }),
});

export const wrong = (check: string, message: string, todo: string, repair?: Repair): Finding => ({
  ...warning(check, message, todo, repair),
  status: 'error',
});

/** At most so many ids in a sentence; the rest is a number. */
const maxNamed = 5;

export function named(ids: readonly string[]): string {
  const shown = ids.slice(0, maxNamed).join(', ');
  return ids.length > maxNamed ? `${shown} and ${ids.length - maxNamed} more` : shown;
}
