import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { onShutdown } from './shutdown.ts';

describe('onShutdown', () => {
  const exit = jest.spyOn(process, 'exit');
  let before: NodeJS.SignalsListener[];

  beforeEach(() => {
    // A close that never ends leaves its timer behind, which must not end the suite that runs next.
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    before = process.listeners('SIGTERM');
    exit.mockReset().mockImplementation(() => undefined as never);
  });

  afterEach(() => {
    jest.useRealTimers();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      for (const listener of process.listeners(signal)) {
        if (!before.includes(listener)) process.removeListener(signal, listener);
      }
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('closes at %s and exits with 0', async (signal) => {
    const close = jest.fn(async () => {});
    onShutdown(close);

    process.emit(signal, signal);
    await new Promise(setImmediate);

    expect(close).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[0]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('exits with 1 when closing fails', async () => {
    onShutdown(async () => {
      throw new Error('cannot close');
    });

    process.emit('SIGTERM', 'SIGTERM');
    await new Promise(setImmediate);

    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('exits with 1 when closing takes too long', async () => {
    onShutdown(() => new Promise(() => {}), { timeoutMs: 1_000 });

    process.emit('SIGTERM', 'SIGTERM');
    await jest.advanceTimersByTimeAsync(999);
    expect(exit).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);

    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('takes a signal that comes twice at once for one, as under npm', async () => {
    const close = jest.fn(() => new Promise<void>(() => {}));
    onShutdown(close);

    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    await new Promise(setImmediate);

    expect(close).toHaveBeenCalledTimes(1);
    expect(exit).not.toHaveBeenCalled();
  });

  it('exits at once at a second signal, without closing twice', async () => {
    const close = jest.fn(() => new Promise<void>(() => {}));
    onShutdown(close);

    process.emit('SIGINT', 'SIGINT');
    await jest.advanceTimersByTimeAsync(1_000);
    process.emit('SIGINT', 'SIGINT');

    expect(close).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[130]]);
  });
});
