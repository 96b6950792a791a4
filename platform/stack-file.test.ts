import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandEnvironment } from './config.ts';
import { readStackFile, writeStackFile } from './stack-file.ts';

const settings = {
  DATABASE_URL: 'postgresql://postgres:x@localhost:5433/workmeter',
  TEMPORAL_ADDRESS: 'localhost:7234',
  TEMPORAL_NAMESPACE: 'default',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workmeter-stack-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('commandEnvironment', () => {
  it('finds the stack that runs in the data folder, until it stops', () => {
    const remove = writeStackFile(folder, settings);
    const found = commandEnvironment({ DATA_DIR: folder, LOG_LEVEL: 'debug' });
    remove();

    expect(found).toEqual({ ...settings, DATA_DIR: folder, LOG_LEVEL: 'debug' });
    expect(commandEnvironment({ DATA_DIR: folder })).toEqual({ DATA_DIR: folder });
  });

  it.each(['DATABASE_URL', 'TEMPORAL_ADDRESS'])('leaves everything as it is where %s is set', (name) => {
    writeStackFile(folder, settings);
    const env = { DATA_DIR: folder, [name]: 'mine' };

    expect(commandEnvironment(env)).toEqual(env);
  });

  it('keeps the password to the owner, and overlooks a file that a crash cut off', () => {
    writeStackFile(folder, settings);
    expect(statSync(join(folder, 'stack.json')).mode & 0o077).toBe(0);

    writeFileSync(join(folder, 'stack.json'), '{"DATABASE_URL": "postg');
    expect(readStackFile(folder)).toBeNull();
  });
});
