import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundler = fileURLToPath(new URL('./bundle-workflows.mjs', import.meta.url));
/** What the bundle is made of. */
const sources = ['workflows', 'contracts', 'domain', 'package.json', 'tsconfig.json'];

/** A change of one file that the workflows are made of: `from` must be in it. */
export interface Change {
  /** From the root, e.g. `workflows/connection.ts`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Bundles our workflows without what carries traces through them. */
export async function bundleUntraced(): Promise<{ code: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-untraced-'));
  try {
    const target = join(folder, 'bundle.js');
    await promisify(execFile)(process.execPath, [bundler, join(root, 'workflows', 'index.ts'), target], {
      cwd: root,
    });
    return { code: readFileSync(target, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bundles a copy of our workflows with one change, and answers the code. */
export async function bundleChanged({ file, from, to }: Change): Promise<{ code: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'workmeter-changed-'));
  try {
    for (const source of sources) cpSync(join(root, source), join(folder, source), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} no longer has the line to change: ${from}`);
    writeFileSync(path, text.replace(from, to));
    const target = join(folder, 'bundle.js');
    const inFolder = (name: string): string => join(folder, 'workflows', name);
    await promisify(execFile)(
      process.execPath,
      [bundler, inFolder('index.ts'), target, inFolder('traces.ts')],
      { cwd: root },
    );
    return { code: readFileSync(target, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
