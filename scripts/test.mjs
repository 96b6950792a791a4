import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.mjs';

/** Runs jest with the given arguments; the last line says what came out. A suite that did not even load counts as failed. */
export async function test(args) {
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-jest-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runTool('jest/bin/jest.js', ['--json', '--outputFile', report, ...args], {
      nodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    });
    const { passed, failed } = readCounts(report, code);
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCounts(report, code) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    return { passed: numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) };
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1 };
  }
}
