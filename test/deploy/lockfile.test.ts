import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const lockfile = readFileSync(join(root, 'package-lock.json'), 'utf8');

interface Package {
  resolved?: string;
  version?: string;
}

describe('package-lock.json', () => {
  it('names no registry, so that everybody installs from their own', () => {
    const { packages } = JSON.parse(lockfile) as { packages: Record<string, Package> };

    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('knows the programs of every platform, else `npm ci` refuses it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'workmeter-lock-'));
    mkdirSync(join(folder, 'scripts'));
    cpSync(join(root, 'scripts/complete-lockfile.mjs'), join(folder, 'scripts/complete-lockfile.mjs'));
    cpSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));

    const output = execFileSync(process.execPath, ['scripts/complete-lockfile.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    });

    rmSync(folder, { recursive: true });
    expect(output).toBe('package-lock.json: 0 added\n');
  });
});
