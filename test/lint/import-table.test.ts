import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Finding {
  code: string;
  filename: string;
}

/** One statement in one file of its own; `rule` is the rule that must refuse it, null where it is allowed. */
const cases: [file: string, code: string, rule: string | null][] = [
  ['domain/a.ts', `import '../platform/logger.ts';`, 'no-restricted-imports'],
  ['domain/b.ts', `import 'node:fs';`, 'no-restricted-imports'],
  ['domain/nested/c.ts', `import '../../repositories/x.ts';`, 'no-restricted-imports'],
  ['domain/d.ts', `import './errors.ts';`, null],
  ['platform/a.ts', `import '../domain/errors.ts';`, 'no-restricted-imports'],
  ['platform/prisma.ts', `import '../repositories/generated/client.ts';`, null],
  ['platform/b.ts', `export const level = process.env['LOG_LEVEL'];`, 'no-process-env'],
  ['platform/config.ts', `export const level = process.env['LOG_LEVEL'];`, null],
  ['contracts/http/a.ts', `import '@temporalio/workflow';`, 'no-restricted-imports'],
  ['contracts/http/b.ts', `import '../../factorial/client.ts';`, 'no-restricted-imports'],
  ['contracts/temporal/a.ts', `import '@temporalio/workflow';`, null],
  ['contracts/temporal/b.ts', `import '../http/card.ts';`, 'no-restricted-imports'],
  ['factorial/a.ts', `import '../repositories/x.ts';`, 'no-restricted-imports'],
  ['factorial/b.ts', `import '../domain/errors.ts';`, null],
  ['repositories/a.ts', `import './generated/client.ts';`, null],
  ['repositories/b.ts', `import '../platform/config.ts';`, 'no-restricted-imports'],
  ['activities/a.ts', `import '../platform/config.ts';`, 'no-restricted-imports'],
  ['activities/b.ts', `import '../repositories/generated/client.ts';`, 'no-restricted-imports'],
  ['activities/c.ts', `import '../factorial/client.ts';`, null],
  ['workflows/a.ts', `import { x } from '../activities/x.ts';\nexport const y = x;`, 'no-restricted-imports'],
  ['workflows/b.ts', `import type { X } from '../activities/x.ts';\nexport type Y = X;`, null],
  ['workflows/c.ts', `import '../repositories/x.ts';`, 'no-restricted-imports'],
  ['workflows/d.ts', `import 'node:crypto';`, 'no-restricted-imports'],
  ['workflows/e.ts', `import 'zod';`, 'no-restricted-imports'],
  ['workflows/f.ts', `import '../contracts/http/card.ts';`, 'no-restricted-imports'],
  [
    'workflows/g.ts',
    `import '@temporalio/workflow';\nimport '../contracts/temporal/ids.ts';\nimport '../domain/errors.ts';`,
    null,
  ],
  ['workflows/h.ts', `import '@temporalio/client';`, 'no-restricted-imports'],
  ['api/a.ts', `import '../factorial/client.ts';`, 'no-restricted-imports'],
  ['api/b.ts', `import '@prisma/client';`, 'no-restricted-imports'],
  ['api/routes/c.ts', `import '../../repositories/x.ts';\nimport '../../platform/logger.ts';`, null],
  ['api/d.ts', `import '@temporalio/workflow';`, 'no-restricted-imports'],
  ['worker/a.ts', `import '../api/app.ts';`, 'no-restricted-imports'],
  ['worker/b.ts', `import '../workflows/index.ts';`, 'no-restricted-imports'],
  ['worker/c.ts', `import '../activities/index.ts';\nimport '../platform/config.ts';`, null],
  ['ops/a.ts', `import '../activities/index.ts';`, 'no-restricted-imports'],
  ['simulator/a.ts', `import '../factorial/client.ts';`, 'no-restricted-imports'],
  ['simulator/b.ts', `import '../domain/errors.ts';`, 'no-restricted-imports'],
  [
    'web/src/a.ts',
    `import { x } from '../../contracts/http/card.ts';\nexport const y = x;`,
    'no-restricted-imports',
  ],
  ['web/src/b.ts', `import type { X } from '../../contracts/http/card.ts';\nexport type Y = X;`, null],
  ['api/cycle.ts', `import { b } from './cycle-back.ts';\nexport const a = (): unknown => b;`, 'no-cycle'],
  ['api/cycle-back.ts', `import { a } from './cycle.ts';\nexport const b = (): unknown => a;`, 'no-cycle'],
  ['api/e.ts', `export const value: any = 1;`, 'no-explicit-any'],
  ['api/f.ts', `export function f(): void {\n  Promise.resolve();\n}`, 'no-floating-promises'],
  ['api/g.ts', `[1].forEach(async () => {\n  await Promise.resolve();\n});`, 'no-misused-promises'],
  [
    'api/h.ts',
    `export function h(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}`,
    'switch-exhaustiveness-check',
  ],
  ['api/i.ts', `import { X } from './j.ts';\nexport const i = (x: X): X => x;`, 'consistent-type-imports'],
  ['api/j.ts', `export interface X {\n  y: 1;\n}`, null],
];

describe('the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-lint-'));
  let findings: Finding[];

  beforeAll(() => {
    for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, code] of cases) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${code}\n`);
    }
    findings = lint(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases.filter(([, , rule]) => rule !== null))('refuses %s: %s', (file, _code, rule) => {
    expect(rulesFor(findings, file)).toContain(rule);
  });

  it.each(cases.filter(([, , rule]) => rule === null))('allows %s: %s', (file) => {
    expect(rulesFor(findings, file)).toEqual([]);
  });
});

function lint(cwd: string): Finding[] {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    execFileSync(process.execPath, [oxlint, '--format', 'json'], { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout } = error as { stdout: string }; // findings are a failure of the program
    return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
  }
  throw new Error('the linter found nothing');
}

/** `eslint(no-cycle)` → `no-cycle` */
function rulesFor(findings: Finding[], file: string): string[] {
  return findings
    .filter(({ filename }) => filename === file)
    .map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1'));
}
