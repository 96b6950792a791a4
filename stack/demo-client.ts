/** Shows each call of the demo as it happens: what was asked, what came back, how long it took. */

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface DemoClient {
  /** One call of the API; throws where the status is not the one that the story expects. */
  readonly api: <T = unknown>(method: string, path: string, options?: CallOptions) => Promise<Answer<T>>;
  /** One call of the simulator's control interface: what happens in Factorial. */
  readonly factorial: <T = unknown>(method: string, path: string, body?: object) => Promise<T>;
}

export interface CallOptions {
  readonly body?: object;
  readonly expect?: number;
  /** What of the answer to print. */
  readonly show?: (body: never) => string;
  /** Polling prints only its end. */
  readonly quiet?: boolean;
}

export function createDemoClient(apiUrl: string, simulatorUrl: string, token: string): DemoClient {
  return {
    async api<T>(method: string, path: string, { body, expect, show, quiet = false }: CallOptions = {}) {
      const startedAt = performance.now();
      const response = await fetch(`${apiUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = { status: response.status, body: (await readBody(response)) as T };
      const tookMs = Math.round(performance.now() - startedAt);
      if (!quiet) {
        const asked = body === undefined ? '' : ` ${brief(body)}`;
        const came = show === undefined ? '' : ` ${show(answer.body as never)}`;
        print(`  → ${method} ${path}${asked}`);
        print(`  ← ${answer.status}${came} (${tookMs} ms)`);
      }
      const isExpected = expect === undefined ? response.ok : answer.status === expect;
      if (!isExpected)
        throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer;
    },

    async factorial<T>(method: string, path: string, body?: object) {
      const response = await fetch(`${simulatorUrl}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const answer = await readBody(response);
      if (!response.ok)
        throw new Error(
          `The simulator answered ${response.status} to ${method} ${path}: ${JSON.stringify(answer)}`,
        );
      return answer as T;
    },
  };
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  return (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : text;
}

/** A body as one short line; a secret is not shown, not even that of a demo. */
function brief(body: object): string {
  const text = JSON.stringify(body, (key, value: unknown) => (key === 'clientSecret' ? '…' : value));
  return text.length > 110 ? `${text.slice(0, 107)}…` : text;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Asks until `check` answers something; shows that it still waits after two seconds. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T | null>,
): Promise<{ value: T; tookMs: number }> {
  const startedAt = performance.now();
  for (let told = 2_000; ;) {
    const value = await check();
    const tookMs = performance.now() - startedAt;
    if (value !== null) return { value, tookMs: Math.round(tookMs) };
    if (tookMs > timeoutMs) throw new Error(`${what}: not within ${timeoutMs / 1_000} s.`);
    if (tookMs > told) {
      print(`  … ${what} (${Math.round(tookMs / 1_000)} s)`);
      told += 2_000;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
