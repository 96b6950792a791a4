import { parse, stringify } from 'lossless-json';
import type { Fault } from './faults.ts';

type Distorting = Extract<Fault, { kind: 'fields' | 'page' }>;

/** Rewrites a good answer as the fault says; what is not JSON, or no list where a list is meant, stays as it is. */
export function distort(fault: Distorting, text: string): string {
  let body: unknown;
  try {
    body = parse(text);
  } catch {
    return text;
  }
  return stringify(fault.kind === 'fields' ? withFields(fault, body) : asPage(fault, body)) ?? text;
}

/** Sets and removes fields in the rows of a list, in one resource, or in a token response. */
function withFields(fault: Extract<Fault, { kind: 'fields' }>, body: unknown): unknown {
  const change = (row: unknown): unknown => {
    if (!isObject(row)) return row;
    if (fault.ids !== undefined && !fault.ids.includes(String(row['id']))) return row;
    const kept = Object.entries({ ...row, ...fault.set }).filter(([name]) => !fault.remove.includes(name));
    return Object.fromEntries(kept);
  };
  if (!isObject(body) || !('data' in body)) return change(body);
  const { data } = body;
  return { ...body, data: Array.isArray(data) ? data.map(change) : change(data) };
}

/** Lists that contradict what is there, or themselves. `repeat` is done by forgetting the cursor of the request. */
function asPage({ shape, by }: Extract<Fault, { kind: 'page' }>, body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body['data']) || !isObject(body['meta'])) return body;
  const data: unknown[] = body['data'];
  const meta = body['meta'];
  switch (shape) {
    case 'empty':
      return {
        data: [],
        meta: { ...meta, total: 0, has_next_page: false, start_cursor: null, end_cursor: null },
      };
    case 'emptyWithNext':
      return { data: [], meta: { ...meta, has_next_page: true } };
    case 'short':
      return { data: data.slice(0, Math.max(0, data.length - by)), meta };
    case 'total':
      return { data, meta: { ...meta, total: Math.max(0, Number(meta['total']) - by) } };
    case 'repeat':
      return body;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
