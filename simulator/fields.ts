import { hasTextIds, type ApiVersion } from './versions.ts';

interface Field {
  kind: 'plain' | 'id' | 'ids';
  since?: ApiVersion;
}

/** The fields of a resource in the order in which they are sent. */
export type FieldTable = Readonly<Record<string, Field>>;

export const PLAIN: Field = { kind: 'plain' };
export const ID: Field = { kind: 'id' };
export const IDS: Field = { kind: 'ids' };
export const since = (version: ApiVersion, field: Field): Field => ({ ...field, since: version });

/** An id that goes into the JSON text as bare digits, whatever its size. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Presented = Record<string, unknown>;

/**
 * Copies the listed fields in the shape of one version. With several layers, the first that has a field gives it;
 * what none has is null.
 */
export function present(row: object | readonly object[], fields: FieldTable, version: ApiVersion): Presented {
  const layers = (Array.isArray(row) ? row : [row]) as readonly Presented[];
  const result: Presented = {};
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined || (field.since !== undefined && version < field.since)) continue;
    const value = valueIn(layers, name);
    result[name] = field.kind === 'plain' ? value : toWireId(value, version);
  }
  return result;
}

function valueIn(layers: readonly Presented[], name: string): unknown {
  for (const layer of layers) {
    const value = layer[name];
    if (value !== undefined) return value;
  }
  return null;
}

export function toWireId(value: unknown, version: ApiVersion): unknown {
  if (Array.isArray(value)) return value.map((id) => toWireId(id, version));
  if (typeof value !== 'string') return null;
  return hasTextIds(version) || !/^\d+$/.test(value) ? value : new Digits(value);
}

/** JSON text that keeps every digit of ids sent as numbers. */
export function toJsonText(value: unknown, version: ApiVersion): string {
  return hasTextIds(version) ? JSON.stringify(value) : writeJson(value);
}

function writeJson(value: unknown): string {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(',')}}`;
}
