const KEPT_REQUESTS = 1000;

export interface LoggedRequest {
  at: string;
  method: string;
  /** Path template, such as /api/:version/resources/employees/employees/:id */
  route: string;
  path: string;
  query: unknown;
  /** null: not answered (yet). */
  status: number | null;
}

export interface RequestLog {
  add(entry: LoggedRequest): LoggedRequest;
  counts(): Record<string, number>;
  last(): readonly LoggedRequest[];
  reset(): void;
}

/** What was asked of the public side: a count by method and path template, and the last 1,000 requests. */
export function createRequestLog(): RequestLog {
  const counts = new Map<string, number>();
  const entries: LoggedRequest[] = [];
  return {
    add(entry) {
      const key = `${entry.method} ${entry.route}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      entries.push(entry);
      if (entries.length > KEPT_REQUESTS) entries.shift();
      return entry;
    },
    counts: () => Object.fromEntries(counts),
    last: () => entries,
    reset() {
      counts.clear();
      entries.length = 0;
    },
  };
}
