import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDoorbell, type Doorbell, type RingOutcome, type SendSignal } from './doorbell.ts';

let sent: [string, string, unknown][];
let doorbell: Doorbell;
let outcome: RingOutcome;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  outcome = 'accepted';
  const send: SendSignal = async (tenantId, name, arg) => {
    sent.push([tenantId, name, arg]);
    return outcome;
  };
  doorbell = createDoorbell(send);
});
afterEach(() => {
  jest.useRealTimers();
});

const counts = (counted: Record<string, number>) => ({ counts: counted });

describe('a doorbell', () => {
  it('rings at once after a quiet moment, and gathers what follows into one ring', async () => {
    const first = doorbell.ring('acme', 'webhooksReceived', counts({ a: 1 }));
    const second = doorbell.ring('acme', 'webhooksReceived', counts({ a: 1, b: 2 }));
    const third = doorbell.ring('acme', 'webhooksReceived', counts({ b: 1 }));

    expect(await first).toBe('accepted');
    expect(sent).toEqual([['acme', 'webhooksReceived', counts({ a: 1 })]]);
    await jest.advanceTimersByTimeAsync(600);
    expect(await Promise.all([second, third])).toEqual(['accepted', 'accepted']);
    expect(sent.slice(1)).toEqual([['acme', 'webhooksReceived', counts({ a: 1, b: 3 })]]);
  });

  it('rings at most twice a second per tenant and kind, however often it is asked', async () => {
    for (let ms = 0; ms < 10_000; ms += 20) {
      void doorbell.ring('acme', 'factsChanged', { marked: 1 });
      await jest.advanceTimersByTimeAsync(20);
    }
    await jest.advanceTimersByTimeAsync(600);

    expect(sent.length).toBeLessThanOrEqual(20);
    const marked = sent.map(([, , arg]) => (arg as { marked: number }).marked);
    expect(marked.reduce((sum, one) => sum + one, 0)).toBe(500);
  });

  it('keeps tenants and kinds apart', () => {
    void doorbell.ring('acme', 'linksChanged', { marked: 1 });
    void doorbell.ring('acme', 'mappingsChanged', { marked: 1 });
    void doorbell.ring('other', 'linksChanged', { marked: 1 });

    expect(sent).toHaveLength(3);
  });

  it('never holds back what a person waits for', () => {
    for (const commandId of ['1', '2', '3']) void doorbell.ring('acme', 'disconnect', { commandId });

    expect(sent.map(([, , arg]) => arg)).toEqual([
      { commandId: '1' },
      { commandId: '2' },
      { commandId: '3' },
    ]);
  });

  it('tells everybody whose ring it gathered what came of it', async () => {
    void doorbell.ring('acme', 'factsChanged', { marked: 1 });
    const held = doorbell.ring('acme', 'factsChanged', { marked: 1 });
    outcome = 'away';
    await jest.advanceTimersByTimeAsync(600);

    expect(await held).toBe('away');
  });

  it('sends what it holds before it closes, and leaves no timer', async () => {
    void doorbell.ring('acme', 'factsChanged', { marked: 1 });
    void doorbell.ring('acme', 'factsChanged', { marked: 2 });
    await doorbell.close();

    expect(sent.map(([, , arg]) => arg)).toEqual([{ marked: 1 }, { marked: 2 }]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('forgets a tenant that is quiet', async () => {
    void doorbell.ring('acme', 'factsChanged', { marked: 1 });
    await jest.advanceTimersByTimeAsync(600);

    expect(jest.getTimerCount()).toBe(0);
    void doorbell.ring('acme', 'factsChanged', { marked: 2 });
    expect(sent).toHaveLength(2);
  });
});
