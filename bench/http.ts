import { setTimeout as sleep } from 'node:timers/promises';

type Method = 'GET' | 'POST' | 'PUT';

/** Where the routes of the integration are. */
export const F = '/api/integrations/factorial';

/** JSON in, JSON out; throws where the answer is no 2xx. */
export async function callJson<T = unknown>(
  method: Method,
  url: string,
  { body, token }: { body?: object; token?: string } = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T; // the caller knows the shape it asks for
}

/** Asks until `check` answers something else than null. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T | null>,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`);
    await sleep(everyMs);
  }
}

/** Runs `work` for each item, `width` at a time, and answers in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
