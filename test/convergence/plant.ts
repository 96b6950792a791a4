import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startProcess } from '../support/process.ts';
import type { Mutation } from './mutations.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Below the root, so that what the changed copies import is found. */
const folder = join(root, '.data', 'mutations');

export interface Catch {
  /** Whether a history ended wrong. */
  readonly caught: boolean;
  /** Histories played until then. */
  readonly played: number;
  readonly differs: string;
}

/** Plants a bug in a process of its own and plays histories there until one ends wrong, at most `runs`. */
export async function playWith(
  mutation: Mutation,
  { runs, seed, serversUrl }: { readonly runs: number; readonly seed: number; readonly serversUrl: string },
): Promise<Catch> {
  const planted = plant(mutation);
  try {
    const args = ['--part', '--first', '--runs', String(runs), '--seed', String(seed)];
    const swap = { file: planted.file, copy: planted.copy };
    const env = { TEST_SERVERS_URL: serversUrl, MUTATION: JSON.stringify(swap) };
    const part = startProcess('test/convergence/run.ts', {
      args,
      env: {
        ...env,
        NODE_OPTIONS: `--import ${pathToFileURL(join(root, 'test/convergence/mutate.mjs')).href}`,
      },
    });
    await part.exited();
    const line = part
      .output()
      .split('\n')
      .find((one) => one.startsWith('verdict '));
    if (line === undefined)
      throw new Error(`${mutation.name}: the histories were not played.\n${part.output()}`);
    const { played, failure } = JSON.parse(line.slice('verdict '.length)) as {
      played: number;
      failure: { differs: string } | null;
    };
    return { caught: failure !== null, played, differs: failure?.differs ?? '' };
  } finally {
    rmSync(fileURLToPath(planted.copy));
  }
}

/** Writes the changed copy of a file. Throws where a text does not stand in it exactly once. */
export function plant({ name, file, edits }: Mutation): { readonly file: string; readonly copy: string } {
  const path = join(root, file);
  let source = readFileSync(path, 'utf8');
  for (const [find, replace] of edits) {
    if (source.split(find).length !== 2) throw new Error(`${name}: ${file} does not hold this once: ${find}`);
    source = source.replace(find, () => replace);
  }
  const absolute = source.replaceAll(
    /(from|import) '(\.{1,2}\/[^']+)'/g,
    (_whole, word: string, to: string) => {
      return `${word} '${pathToFileURL(join(dirname(path), to)).href}'`;
    },
  );
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, `${process.pid}-${name.replaceAll(' ', '-')}-${basename(file)}`);
  writeFileSync(copy, absolute);
  return { file: pathToFileURL(path).href, copy: pathToFileURL(copy).href };
}
