import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pulse } from './pulse.ts';

/** How often an activity beats that looks at each of these moments, in ms, with a heartbeat time-out of 20 s. */
async function beatsAt(momentsMs: readonly number[]): Promise<number> {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 20_000 });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const real = performance.now.bind(performance);
  const startedAt = real();
  try {
    await environment.run(async () => {
      for (const moment of momentsMs) {
        performance.now = () => startedAt + moment;
        pulse();
      }
    });
  } finally {
    performance.now = real;
  }
  return beats;
}

describe('a pulse', () => {
  it('is none in a short activity', async () => {
    expect(await beatsAt([0, 1_000, 5_000, 9_000])).toBe(0);
  });

  it('comes at half of the time-out, however often it is asked for', async () => {
    expect(await beatsAt([0, 9_999, 10_000, 10_001, 15_000, 20_000, 20_001, 29_000])).toBe(2);
  });
});
