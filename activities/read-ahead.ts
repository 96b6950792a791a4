export interface ReadAheadRules {
  /** Things that are handed out together at most. */
  readonly most: number;
  /** How long a thing may wait for others to come, in ms. */
  readonly lingerMs: number;
}

/**
 * Reads one thing after the other and hands them out in order: as soon as `most` have come, or the first of them has waited
 * for `lingerMs`. While the caller is busy with some, the next are read. So slow answers are dealt with one by one, and quick
 * ones together. `next` answers null at the end. What came before an error is handed out before it is thrown.
 * What is read is unpacked while the next is asked for: `next` learns from an answer only what it must know to go on.
 */
export async function* readAhead<Packed, T>(
  next: () => Promise<Packed | null>,
  unpack: (packed: Packed) => T,
  { most, lingerMs }: ReadAheadRules,
): AsyncGenerator<T[], void, undefined> {
  const ready: T[] = [];
  let handOutAt = Infinity;
  let ended = false;
  let wake: () => void = () => undefined;
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  let changed = change();
  const tell = (): void => {
    wake();
    changed = change();
  };

  /** Until something has come or ended, or what has come has waited long enough. */
  async function waitForChange(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late =
      handOutAt === Infinity
        ? []
        : [new Promise<void>((resolve) => (timer = setTimeout(resolve, handOutAt - performance.now())))];
    await Promise.race([changed, ...late]);
    clearTimeout(timer);
  }

  async function read(): Promise<void> {
    let asking: Promise<Packed | null> | null = null;
    try {
      while (!ended) {
        if (ready.length >= most) {
          await changed;
          continue;
        }
        const packed = await (asking ?? next());
        asking = null;
        if (packed === null) return;
        if (ready.length + 1 < most && !ended) {
          asking = next();
          asking.catch(() => undefined); // thrown when its turn has come
        }
        const one = unpack(packed);
        if (ready.length === 0) handOutAt = performance.now() + lingerMs;
        ready.push(one);
        tell();
      }
    } finally {
      ended = true;
      tell();
      await asking?.catch(() => undefined);
    }
  }

  const reading = read();
  reading.catch(() => undefined); // thrown below
  try {
    for (;;) {
      while (!ended && ready.length < most && performance.now() < handOutAt) await waitForChange();
      if (ready.length === 0) break;
      const some = ready.splice(0);
      handOutAt = Infinity;
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
