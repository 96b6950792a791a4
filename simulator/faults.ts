import { z } from 'zod';
import { RATE_LIMIT_STYLES, type Switches } from './switches.ts';

const common = {
  /** Without it: any method. */
  method: z.string().toUpperCase().optional(),
  /** A regular expression, tried on path and query. */
  path: z.string().default(''),
  /** How many requests it hits; null: all of them. */
  times: z.number().int().positive().nullable().default(1),
  /** How many matching requests pass before the first is hit. */
  skip: z.number().int().min(0).default(0),
};

/** For `slow` and `cut`: before the request had any effect, or after it, so that only the answer is late or lost. */
const when = z.enum(['before', 'after']).default('before');

/** A call of the control interface, as it stands in a script. */
export const controlCallSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).default('POST'),
  /** Below `/control/`. */
  path: z.string(),
  body: z.record(z.string(), z.unknown()).optional(),
});
export type ControlCall = z.infer<typeof controlCallSchema>;

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    body: z.unknown().optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('html'), status: z.number().int().default(502) }),
  z.strictObject({ ...common, kind: z.literal('slow'), delayMs: z.number().int().min(0), when }),
  z.strictObject({ ...common, kind: z.literal('cut'), when }),
  z.strictObject({ ...common, kind: z.literal('truncated') }),
  z.strictObject({
    ...common,
    kind: z.literal('fields'),
    set: z.record(z.string(), z.unknown()).default({}),
    remove: z.array(z.string()).default([]),
    /** Only in the rows with these ids. */
    ids: z.array(z.string()).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('page'),
    /**
     * `empty`: nothing is there; `emptyWithNext`: nothing, and more to come; `short`: the last `by` rows are left out, the total
     * is not changed; `total`: the total is too small by `by`; `repeat`: the first page once more, whatever the cursor.
     */
    shape: z.enum(['empty', 'emptyWithNext', 'short', 'total', 'repeat']),
    by: z.number().int().default(1),
  }),
  /** Something changes just before the request is answered: data that moves while a list is being read. */
  z.strictObject({
    ...common,
    kind: z.literal('change'),
    calls: z.array(controlCallSchema).min(1),
    company_id: z.string().optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('429'),
    headers: z.enum(RATE_LIMIT_STYLES).optional(),
    retryAfterSeconds: z.number().int().min(0).default(1),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;

export interface FaultList {
  add(fault: Fault): void;
  clear(): void;
  all(): readonly (Fault & { hits: number })[];
  /** The first fault that wants this request; taking it uses it up. */
  take(method: string, url: string): Fault | undefined;
}

export function createFaultList(): FaultList {
  let entries: { fault: Fault; pattern: RegExp; left: number; skip: number; hits: number }[] = [];
  return {
    add(fault) {
      entries.push({
        fault,
        pattern: new RegExp(fault.path),
        left: fault.times ?? Infinity,
        skip: fault.skip,
        hits: 0,
      });
    },
    clear() {
      entries = [];
    },
    all: () => entries.map(({ fault, hits }) => ({ ...fault, hits })),
    take(method, url) {
      for (const entry of entries) {
        const { fault, pattern } = entry;
        if (entry.left === 0 || (fault.method !== undefined && fault.method !== method) || !pattern.test(url))
          continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        entry.hits += 1;
        return fault;
      }
      return undefined;
    },
  };
}

/** Headers of a 429, in the style that was asked for. */
export function rateLimitHeaders(
  style: Switches['rateLimitHeaders'],
  waitSeconds: number,
): Record<string, string> {
  switch (style) {
    case 'retryAfterSeconds':
      return { 'retry-after': String(waitSeconds) };
    case 'retryAfterDate':
      // Real time, as a proxy in front of the API would send it; HTTP dates have whole seconds.
      return { 'retry-after': new Date(Date.now() + waitSeconds * 1000 + 999).toUTCString() };
    case 'rateLimit':
      return { 'ratelimit-limit': '200', 'ratelimit-remaining': '0', 'ratelimit-reset': String(waitSeconds) };
    case 'none':
      return {};
  }
}
