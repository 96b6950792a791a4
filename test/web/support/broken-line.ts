import type { Page, Route } from 'playwright-core';
import { waitFor } from '../../support/wait-for.ts';

/** What comes of a call: no connection, no answer ever, or an answer with this status. */
export type Fault = 'away' | 'silent' | 401 | 403 | 409 | 429 | 500;

/** What the screens say of each, in English. */
export const sentences: Readonly<Record<Fault, string>> = {
  away: 'WorkMeter could not be reached. Check your internet connection and try again.',
  silent: 'The answer took too long. Try again in a moment.',
  401: 'Your session has ended. Open this page again from WorkMeter.',
  403: 'Your role does not allow this. Ask an administrator of your account.',
  409: 'Something has changed meanwhile. Look at what is there now before you repeat it.',
  429: 'Too many requests at once. Wait a moment and try again.',
  500: 'Something went wrong on our side. Try again; if it stays, contact WorkMeter support.',
};
export const faults = ['away', 'silent', 403, 409, 429, 500, 401] as const satisfies readonly Fault[];

const codes = {
  401: 'unauthenticated',
  403: 'forbidden',
  409: 'conflict',
  429: 'too_many_requests',
  500: 'internal_error',
} as const;

/** The line between a page and the API. */
export interface Line {
  /** What comes of calls from now on: of all, or of those that write. Null: they arrive. */
  fail(fault: Fault | null, which?: 'all' | 'writes'): void;
  /** How many calls have met the fault or not. */
  calls(): number;
  /** Waits for something that comes by itself after a while, with the page's clock running fast: it may wait in vain. */
  soon(what: string, check: () => Promise<boolean>): Promise<void>;
}

/** Puts a line that can be broken between a page that has not been opened yet and the API. */
export async function putLine(page: Page): Promise<Line> {
  let fault: Fault | null = null;
  let which: 'all' | 'writes' = 'all';
  await page.clock.install();
  // The page's clock does not know this one timer of the browser.
  await page.addInitScript({
    content: `AbortSignal.timeout = (ms) => {
      const timer = new AbortController();
      setTimeout(() => timer.abort(new DOMException('', 'TimeoutError')), ms);
      return timer.signal;
    };`,
  });
  let calls = 0;
  await page.route('**/api/**', async (route) => {
    calls += 1;
    const isMeant = which === 'all' || route.request().method() !== 'GET';
    if (fault === null || !isMeant) await route.continue();
    else await breakOff(route, fault);
  });
  return {
    fail: (next, meant = 'all') => {
      fault = next;
      which = meant;
    },
    calls: () => calls,
    soon: async (what, check) => {
      await waitFor(
        what,
        async () => {
          if (await check()) return true;
          await page.clock.fastForward(fault === 'silent' ? 21_000 : 4_000);
          return false;
        },
        30_000,
      );
    },
  };
}

async function breakOff(route: Route, fault: Fault): Promise<void> {
  if (fault === 'silent') return;
  if (fault === 'away') return await route.abort('connectionrefused');
  const body = {
    type: 'about:blank',
    title: '',
    status: fault,
    detail: 'A detail.',
    code: codes[fault],
    requestId: 'request-7',
  };
  await route.fulfill({
    status: fault,
    contentType: 'application/problem+json',
    headers: fault === 429 ? { 'retry-after': '2' } : {},
    body: JSON.stringify(body),
  });
}
