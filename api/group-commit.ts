/** Gathers what many requests want to write at the same moment into one write. */
export interface GroupCommit<Row, Result> {
  /** Resolves with what their write answered when the rows are committed; rejects with the reason when they are not. */
  add(rows: readonly Row[]): Promise<Result>;
  /** Requests that wait for their commit. */
  readonly waiting: number;
}

interface Entry<Row, Result> {
  readonly rows: readonly Row[];
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** So many writes at a time: while one waits for the disk, the next is put together. More would only be smaller. */
const maxWrites = 2;
/** From the begin of one write to that of the next. Under load each write carries more; whoever comes alone waits for nothing. */
const defaultSpacingMs = 3;

/**
 * What arrives in one turn of the event loop, or while no write may begin, shares the next write, up to `maxRows`.
 * A group that fails for another reason than `isAway` is written again one request at a time, so that one bad request
 * cannot fail its neighbours.
 */
export function createGroupCommit<Row, Result>(options: {
  write: (rows: readonly Row[]) => Promise<Result>;
  isAway: (error: unknown) => boolean;
  maxRows: number;
  spacingMs?: number;
}): GroupCommit<Row, Result> {
  const { write, isAway, maxRows, spacingMs = defaultSpacingMs } = options;
  const entries: Entry<Row, Result>[] = [];
  let waiting = 0;
  let writes = 0;
  let isCalled = false;
  let begunAt = -Infinity;

  /** Has a write begin when all that has arrived by now was looked at, and the one before has begun long enough ago. */
  function call(): void {
    if (isCalled || writes >= maxWrites || entries.length === 0) return;
    isCalled = true;
    const begin = (): void => {
      isCalled = false;
      void run();
    };
    const waitMs = begunAt + spacingMs - performance.now();
    if (waitMs > 0) setTimeout(begin, waitMs);
    else setImmediate(begin);
  }

  async function run(): Promise<void> {
    writes += 1;
    begunAt = performance.now();
    const group = takeGroup(entries, maxRows);
    call(); // for what does not fit
    await writeGroup(group);
    writes -= 1;
    call();
  }

  /** Never rejects: each request learns what became of its rows. */
  async function writeGroup(group: readonly Entry<Row, Result>[]): Promise<void> {
    const [written] = await Promise.allSettled([write(group.flatMap(({ rows }) => rows))]);
    if (written.status === 'fulfilled' || group.length === 1 || isAway(written.reason)) {
      for (const entry of group) settle(entry, written);
      return;
    }
    for (const entry of group) {
      const [alone] = await Promise.allSettled([write(entry.rows)]);
      settle(entry, alone);
    }
  }

  function settle({ resolve, reject }: Entry<Row, Result>, outcome: PromiseSettledResult<Result>): void {
    waiting -= 1;
    if (outcome.status === 'fulfilled') resolve(outcome.value);
    else reject(outcome.reason);
  }

  return {
    add: (rows) =>
      new Promise<Result>((resolve, reject) => {
        waiting += 1;
        entries.push({ rows, resolve, reject });
        call();
      }),
    get waiting() {
      return waiting;
    },
  };
}

/** The first entries that fit together; at least one, however large it is. */
function takeGroup<Row, Result>(entries: Entry<Row, Result>[], maxRows: number): Entry<Row, Result>[] {
  let rows = 0;
  const tooMany = entries.findIndex((entry, index) => {
    rows += entry.rows.length;
    return index > 0 && rows > maxRows;
  });
  return entries.splice(0, tooMany === -1 ? entries.length : tooMany);
}
