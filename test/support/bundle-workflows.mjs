// `node bundle-workflows.mjs <index.ts> <target.js> [<interceptors.ts>]`: the workflows of another folder than ours as one file.
import { writeFileSync } from 'node:fs';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflowsPath, target, ...workflowInterceptorModules] = process.argv.slice(2);
const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
const { code } = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger: quiet });
writeFileSync(target, code);
