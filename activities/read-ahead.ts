/**
 * Reads one thing after the other and hands out, in order, whatever has come by then, at most `most` at a time. While the
 * caller is busy with some, the next are read: so slow answers are dealt with one by one, and quick ones together.
 * `next` answers null at the end. What came before an error is handed out before it is thrown.
 */
export async function* readAhead<T>(
  next: () => Promise<T | null>,
  most: number,
): AsyncGenerator<T[], void, undefined> {
  const ready: T[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  let changed = change();
  const tell = (): void => {
    wake();
    changed = change();
  };

  async function read(): Promise<void> {
    try {
      while (!ended) {
        if (ready.length >= most) {
          await changed;
          continue;
        }
        const one = await next();
        if (one === null) return;
        ready.push(one);
        tell();
      }
    } finally {
      ended = true;
      tell();
    }
  }

  const reading = read();
  reading.catch(() => undefined); // thrown below
  try {
    for (;;) {
      while (ready.length === 0 && !ended) await changed;
      if (ready.length === 0) break;
      const some = ready.splice(0);
      tell();
      yield some;
    }
    await reading;
  } finally {
    ended = true;
    tell();
    await reading.catch(() => undefined); // a caller that leaves early leaves no request behind
  }
}
