// `node scripts/complete-lockfile.mjs` after `npm install`: adds to package-lock.json the programs of other platforms
// that the registry at hand does not have. npm leaves those out, and then `npm ci` refuses the lock file.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const file = new URL('../package-lock.json', import.meta.url);

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Adds what is missing to the lock's packages; answers the names. Entries say for which platform they are, by their names. */
export function complete(lock) {
  const added = [];
  for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      if (lock.packages[path] || !/^\d/.test(version)) continue;
      const words = name.split('/').at(-1).split('-');
      const cpu = processors.filter((each) => words.includes(each));
      const os = systems.filter((each) => words.includes(each));
      if (cpu.length !== 1 || os.length !== 1) throw new Error(`cannot tell the platform of ${name}`);
      const libc = words.some((word) => word.startsWith('musl'))
        ? ['musl']
        : words.some((word) => word.startsWith('gnu'))
          ? ['glibc']
          : null;
      lock.packages[path] = {
        version,
        cpu,
        ...(dev ? { dev } : {}),
        ...(libc && os[0] === 'linux' ? { libc } : {}),
        optional: true,
        os,
      };
      added.push(name);
    }
  }
  const [root, ...rest] = Object.entries(lock.packages);
  lock.packages = Object.fromEntries([root, ...rest.toSorted(([a], [b]) => a.localeCompare(b, 'en'))]);
  return added;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = complete(lock);
  if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${added.length} added\n`);
}
