import { runOps } from '../../ops/run.ts';

export interface OpsAnswer {
  readonly exitCode: number;
  /** What a script would read. */
  readonly out: string;
  readonly err: string;
}

/** Runs a command of `npm run ops` in this process. `nowMs` is its clock, where it matters. */
export async function ops(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  nowMs?: number,
): Promise<OpsAnswer> {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await runOps(args, {
    env,
    now: () => nowMs ?? Date.now(),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}
