import { configProblems, type ProcessName } from '../../platform/config.ts';
import type { OpsIo } from '../session.ts';
import { ok, wrong, type Finding } from './finding.ts';

const check = 'configuration';

/** Settings of API and worker can be judged only where they are set, as in their containers. */
const marks = ['ENCRYPTION_KEYS', 'PUBLIC_URL'] as const;

/** Whether the processes would accept this environment. */
export function examineConfiguration({ env }: OpsIo): Finding[] {
  const names: ProcessName[] = isServiceEnvironment(env) ? ['ops', 'api', 'worker'] : ['ops'];
  const problems = new Set(names.flatMap((name) => configProblems(name, env)));
  if (problems.size > 0)
    return [...problems].map((problem) => wrong(check, problem, 'Set it, then run doctor again.'));
  return [
    ok(
      check,
      names.length === 1
        ? 'enough for the command line; the API’s and the worker’s are not set here'
        : 'of API and worker',
    ),
  ];
}

function isServiceEnvironment(env: OpsIo['env']): boolean {
  return configProblems('worker', env).every(
    (problem) => !marks.some((mark) => problem.startsWith(`${mark} is not set`)),
  );
}
