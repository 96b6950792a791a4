import { runTool } from './run-tool.mjs';
import { prepareWebTypes } from './web.mjs';

export async function typecheck() {
  await prepareWebTypes();
  const codes = [];
  for (const project of ['tsconfig.json', 'web/tsconfig.json'])
    codes.push(await runTool('typescript/bin/tsc', ['--noEmit', '--project', project]));
  return Math.max(...codes);
}

export async function lint(args) {
  await prepareWebTypes();
  return await runTool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', ...args]);
}

export async function format(args) {
  return await runTool('oxfmt/bin/oxfmt', args);
}

/** Types, lint and format; all three, so that one run shows everything. Exit code 1 if one refuses. */
export async function check() {
  const steps = [
    ['types', typecheck],
    ['lint', () => lint([])],
    ['format', () => format(['--check'])],
  ];
  const refused = [];
  for (const [name, step] of steps) {
    if ((await step()) !== 0) refused.push(name);
  }
  process.stdout.write(
    refused.length === 0
      ? 'check: types, lint and format are right\n'
      : `check: refused by ${refused.join(', ')}\n`,
  );
  return refused.length === 0 ? 0 : 1;
}
