import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answering = (request: SeenRequest, response: ServerResponse) => unknown;

/** A real HTTP server on a free loopback port whose answer a test sets, and which remembers what it was asked. */
export async function startLocalServer() {
  const requests: SeenRequest[] = [];
  let answering: Answering = (_request, response) => response.writeHead(500).end();
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://local');
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const { method = '', headers } = incoming;
      const request = { method, path: url.pathname, query: url.searchParams, headers, body };
      requests.push(request);
      answering(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next: Answering) {
      requests.length = 0;
      answering = next;
    },
    /** Answers every request with this status and body; text is sent as it is, anything else as JSON. */
    answerWith(status: number, body: unknown, headers: Record<string, string> = {}) {
      this.answer((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type LocalServer = Awaited<ReturnType<typeof startLocalServer>>;

/** A list answer of one page. */
export function listOf(...rows: unknown[]) {
  return {
    data: rows,
    meta: {
      has_next_page: false,
      has_previous_page: false,
      start_cursor: 'a',
      end_cursor: 'b',
      total: rows.length,
      limit: 100,
    },
  };
}

/** The signal of a caller that never gives up. */
export const neverAborted = new AbortController().signal;

/** What a promise rejects with; fails the test where it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: unknown) => error,
  );
}
