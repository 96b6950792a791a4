import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuardian } from './guardian.ts';
import { startProcess } from './managed-process.ts';
import { startOf } from './process-identity.ts';

describe('the guardian', () => {
  it('stops what is still watched and removes the folders when its owner is gone', async () => {
    const guardian = startGuardian();
    const folder = mkdtempSync(join(tmpdir(), 'workmeter-guardian-'));
    guardian.removeAtEnd(folder);
    const child = startProcess({ name: 'sleeper', command: 'sleep', args: ['60'], guardian });

    await guardian.release();

    await child.exited;
    expect(child.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(existsSync(folder)).toBe(false);
  });

  it('leaves alone what has been stopped before', async () => {
    const guardian = startGuardian();
    const child = startProcess({ name: 'sleeper', command: 'sleep', args: ['60'], guardian });

    await child.stop();
    await guardian.release();

    expect(startOf(child.pid)).toBeNull();
  });
});
