import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
/** What stands between the workflows and the SDK. */
const workflowInterceptorModules = [fileURLToPath(new URL('../workflows/traces.ts', import.meta.url))];

/** Writes the code that runs inside Temporal's sandbox as one file, so that a worker need not bundle when it starts. */
export async function bundleWorkflows(target) {
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger: quiet });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleWorkflows(process.argv[2] ?? join('dist', 'workflow-bundle.js'));
}
