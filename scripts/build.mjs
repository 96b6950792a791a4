import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './run-tool.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** dist/: JavaScript of every process, the workflow bundle, the web, and the migrations beside the program that applies them. */
export async function build() {
  rmSync(dist, { recursive: true, force: true });
  const code = await runTool('typescript/bin/tsc', ['--project', 'tsconfig.build.json']);
  if (code !== 0) return code;
  for (const path of ['prisma/schema.prisma', 'prisma/migrations', 'web/dist']) {
    cpSync(join(root, path), join(dist, path), { recursive: true });
  }
  const { bundleWorkflows } = await import('./bundle-workflows.mjs');
  await bundleWorkflows(join(dist, 'workflow-bundle.js'));
  return 0;
}
