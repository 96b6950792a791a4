import { isUtf8 } from 'node:buffer';
import { isLosslessNumber, parse as parseLossless } from 'lossless-json';
import { firstInstantMs } from '../domain/civil-date.ts';

/** A resource that a delivery names, with the `updated_at` that it carried. */
export interface DeliveredResource {
  readonly id: string;
  readonly updatedAt: Date | null;
}

/** `resources` are known; `hasUnreadable`: something in it, or all of it, names no resource. Null: it is no JSON. */
export interface DeliveryContent {
  readonly resources: readonly DeliveredResource[];
  readonly hasUnreadable: boolean;
}

/** What an id may look like: opaque, but never with spaces or control characters. */
const idPattern = /^[\x21-\x7e]{1,200}$/;
/** Some writers begin a text with it; it means nothing. */
const byteOrderMark = Buffer.from('\uFEFF');
/** `{ data: { ids: [ … ] } }` is the deepest form that anybody sends. */
const maxDepth = 4;

/** What was found so far. */
interface Findings {
  readonly resources: Map<string, DeliveredResource>;
  /** Whether an id was a number of which JavaScript has not kept every digit. */
  hasLostDigits: boolean;
}

/**
 * Reads of a delivery what must be read again, and nothing else. The body is the resource; arrays of resources, `{ids}` and
 * `{data}` are read as well, because some types carry several. Numbers keep every digit: ids exceed 2^53.
 */
export function readDelivery(body: Buffer): DeliveryContent | null {
  if (!isUtf8(body)) return null;
  // As one byte for a character: that is read in two thirds of the time, and nothing that is read here has others than ASCII's.
  const text = body.toString('latin1', startsWithMark(body) ? byteOrderMark.length : 0);
  try {
    return find(JSON.parse(text)) ?? find(parseExactly(text));
  } catch {
    return null; // no JSON, or nested absurdly deep
  }
}

const startsWithMark = (body: Buffer): boolean =>
  body.subarray(0, byteOrderMark.length).equals(byteOrderMark);

/** Several times slower than JSON.parse. Of a repeated key the last one counts, as there. */
const parseExactly = (text: string): unknown =>
  parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });

/** Null where an id has lost digits. */
function find(value: unknown): DeliveryContent | null {
  const found: Findings = { resources: new Map(), hasLostDigits: false };
  const isComplete = collect(value, found, 0);
  if (found.hasLostDigits) return null;
  const resources = [...found.resources.values()];
  return { resources, hasUnreadable: !isComplete || resources.length === 0 };
}

/** Adds the resources that `value` names; false when something in it should name one and does not. */
function collect(value: unknown, found: Findings, depth: number): boolean {
  if (depth > maxDepth) return false;
  // Every entry is looked at, also after one that names nothing.
  if (Array.isArray(value)) return value.map((entry) => collect(entry, found, depth + 1)).every(Boolean);
  const bareId = depth > 0 ? toId(value, found) : null;
  if (bareId !== null) return add(found, bareId, null);
  if (!isRecord(value)) return false;
  const id = toId(value['id'], found);
  if (id !== null) return add(found, id, toDate(value['updated_at']));
  const inner = [value['ids'], value['data']].filter((one) => one != null);
  return inner.length > 0 && inner.map((one) => collect(one, found, depth + 1)).every(Boolean);
}

/** Two mentions of one resource are one, with the newer time. */
function add({ resources }: Findings, id: string, updatedAt: Date | null): true {
  const known = resources.get(id)?.updatedAt ?? null;
  const newer = known !== null && (updatedAt === null || known > updatedAt) ? known : updatedAt;
  resources.set(id, { id, updatedAt: newer });
  return true;
}

function toId(value: unknown, found: Findings): string | null {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) found.hasLostDigits = true;
    return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  }
  if (isLosslessNumber(value)) return /^\d+$/.test(value.value) ? value.value : null;
  return typeof value === 'string' && idPattern.test(value) ? value : null;
}

/** An instant; anything else is no floor. */
function toDate(value: unknown): Date | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return null;
  const ms = Date.parse(value);
  return ms >= firstInstantMs ? new Date(ms) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !isLosslessNumber(value);
