const startedAt = performance.now();

/** One line of progress on standard error. */
export function tell(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stderr.write(`· ${seconds.padStart(6)} s  ${text}\n`);
}
