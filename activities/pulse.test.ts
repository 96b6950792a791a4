import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pulse } from './pulse.ts';

/** When an activity beats that looks at these moments, in ms since it was scheduled; its heartbeat time-out is 20 s. */
async function beatsAt(momentsMs: readonly number[]): Promise<number[]> {
  const scheduledAt = 1_800_000_000_000;
  const environment = new MockActivityEnvironment({
    heartbeatTimeoutMs: 20_000,
    currentAttemptScheduledTimestampMs: scheduledAt,
  });
  const beats: number[] = [];
  environment.on('heartbeat', () => beats.push(Date.now() - scheduledAt));
  const realNow = Date.now;
  try {
    await environment.run(async () => {
      for (const moment of momentsMs) {
        Date.now = () => scheduledAt + moment;
        pulse();
      }
    });
  } finally {
    Date.now = realNow;
  }
  return beats;
}

describe('a pulse', () => {
  it('is none in a short activity', async () => {
    expect(await beatsAt([10, 1_000, 3_000, 4_999])).toEqual([]);
  });

  it('comes at a quarter of the time-out, however often it is asked for', async () => {
    expect(await beatsAt([4_999, 5_000, 5_001, 9_000, 10_000, 12_000, 16_000])).toEqual([
      5_000, 10_000, 16_000,
    ]);
  });

  it('comes in time where each request takes as long as it may', async () => {
    expect(await beatsAt([10_200, 20_400, 30_600])).toEqual([10_200, 20_400, 30_600]);
  });

  it('comes at once where the clocks do not agree', async () => {
    expect(await beatsAt([-3_000])).toEqual([-3_000]);
  });
});
