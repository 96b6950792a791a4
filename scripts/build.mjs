import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  writeFileSync(join(dist, 'build-id'), buildId());
  return 0;
}

/** The same code has the same id, wherever and whenever it is built; no repository is needed. */
function buildId() {
  const hash = createHash('sha256');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) hash.update(file.slice(dist.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
