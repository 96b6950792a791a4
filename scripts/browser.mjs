// The browser of the web's tests and screenshots: an installed Chromium, if possible the one that has no windows, which takes
// half the processor. `node scripts/browser.mjs` prints its path.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';

const headless = 'chromium-headless-shell';
const names = [headless, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const usualPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium: CHROME_PATH, PATH, the usual places, else Debian's package. Throws with what to install. */
export async function findBrowser() {
  const set = process.env.CHROME_PATH;
  if (set) {
    if (!isProgram(set)) throw new Error(`CHROME_PATH=${set} is not a program`);
    return set;
  }
  const found = installed();
  if (found) return found;
  const problem = await installDebianPackage();
  const path = installed();
  if (path) return path;
  throw new Error(
    `No Chromium was found${problem ? ` (${problem})` : ''}. Install one (Debian: apt-get install ${headless}), or set CHROME_PATH to a Chrome or Chromium.`,
  );
}

function installed() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...usualPaths].find(isProgram);
}

/** Answers what went wrong, if anything did. */
async function installDebianPackage() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !isProgram('/usr/bin/apt-get')) return null;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = (name) =>
    runCommand('apt-get', ['install', '--yes', '--no-install-recommends', name], { env });
  try {
    await withProgress('installing Chromium (apt-get)', async () => {
      await runCommand('apt-get', ['update', '--quiet'], { env });
      await install(headless).catch(() => install('chromium')); // older systems have only the latter
    });
    return null;
  } catch (error) {
    return error.message;
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.stdout.write(`${await findBrowser()}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
