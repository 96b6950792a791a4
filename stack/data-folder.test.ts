import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder, openDataFolder } from './data-folder.ts';

/** No process has this number. */
const nobody = 4_194_305;

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'workmeter-data-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

describe('openDataFolder', () => {
  it('makes the secrets once, for the owner’s eyes only', () => {
    const first = openDataFolder(path).secrets;

    expect(openDataFolder(path).secrets).toEqual(first);
    expect(statSync(join(path, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(Buffer.from(first.encryptionKeys.replace('dev:', ''), 'base64')).toHaveLength(32);
  });
});

describe('lockDataFolder', () => {
  it('refuses a second start, and lets one in after the first has ended', async () => {
    const unlock = await lockDataFolder(path, nobody);

    await expect(lockDataFolder(path, nobody)).rejects.toThrow(
      `Another start (process ${process.pid}) uses the data folder`,
    );

    unlock();
    (await lockDataFolder(path, nobody))();
  });

  it.each([
    ['was killed', JSON.stringify({ pid: nobody, start: '1', guardian: nobody })],
    [
      'was killed and whose number another process has got',
      JSON.stringify({ pid: process.pid, start: '1', guardian: nobody }),
    ],
    ['was cut off while it wrote', '{"pid":'],
  ])('takes over from a start that %s', async (_what, lock) => {
    writeFileSync(join(path, 'stack.lock'), lock);

    const unlock = await lockDataFolder(path, nobody);

    expect(existsSync(join(path, 'stack.lock'))).toBe(true);
    unlock();
    expect(existsSync(join(path, 'stack.lock'))).toBe(false);
  });
});
