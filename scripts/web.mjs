// The web's build and the types of its API client, each only where what they are made of has changed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';
import { hash, readStamp, writeStamp } from './stamps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = join(root, 'web', 'src', 'client', 'generated', 'schema.ts');
const dist = join(root, 'web', 'dist');

/** What the OpenAPI document is made of. */
const typeSources = ['api', 'contracts/http', 'domain', 'scripts/web-types.mjs', 'package-lock.json'];
const webSources = ['web', 'scripts/web.mjs', 'package-lock.json'];

/** Types of the API client. Repeating it costs a few milliseconds. */
export async function prepareWebTypes() {
  const wanted = hashOf(typeSources);
  if (readStamp('web-types') === wanted && existsSync(types)) return;
  const code = `await (await import(${JSON.stringify(pathToFileURL(join(root, 'scripts', 'web-types.mjs')).href)})).writeWebTypes(${JSON.stringify(types)})`;
  await withProgress('writing the types of the web’s API client', () =>
    runCommand(process.execPath, ['--input-type=module', '--eval', code], { cwd: root }),
  );
  writeStamp('web-types', wanted);
}

/** web/dist, with a compressed copy beside each file that is worth it. The build reads no types, so it needs none. */
export async function buildWeb() {
  const wanted = hashOf(webSources);
  if (readStamp('web') === wanted && existsSync(join(dist, 'index.html'))) return;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  await withProgress('building the web', async () => {
    await runCommand(process.execPath, [vite, 'build', '--config', 'web/vite.config.ts'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' }, // jest says `test`, which would build React for development
    });
    compress(join(dist, 'assets'));
  });
  writeStamp('web', wanted);
}

function compress(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.(?:js|css|svg)$/.test(name)) continue;
    const file = join(folder, name);
    const content = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(
      `${file}.br`,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    );
  }
}

function hashOf(sources) {
  return hash(
    ...sources.flatMap((source) => filesOf(source)).flatMap((file) => [file, readFileSync(join(root, file))]),
  );
}

/** Files of a path, below the root, in a fixed order; without what is made and without tests. */
function filesOf(path) {
  if (/\.test\.tsx?$/.test(path)) return [];
  if (/\.(?:[a-z]+)$/.test(path)) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter(({ name }) => !['dist', 'generated'].includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesOf(`${path}/${entry.name}`) : filesOf(`${path}/${entry.name}`),
    );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildWeb();
