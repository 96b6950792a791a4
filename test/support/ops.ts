import type { WorkflowCode } from '../../platform/workflow-code.ts';
import { runOps } from '../../ops/run.ts';

export interface OpsAnswer {
  readonly exitCode: number;
  /** What a script would read. */
  readonly out: string;
  readonly err: string;
}

/** Runs a command of `npm run ops` in this process. `nowMs` is its clock and `workflowCode` what it replays with, where they matter. */
export async function ops(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  { nowMs, ...more }: { readonly nowMs?: number; readonly workflowCode?: WorkflowCode } = {},
): Promise<OpsAnswer> {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await runOps(args, {
    env,
    ...more,
    now: () => nowMs ?? Date.now(),
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}
