import { Prisma } from './generated/client.ts';
import type { Transaction } from './database.ts';

/** How one field of a fact is stored. */
interface FactColumn {
  readonly column: string;
  readonly type: 'text' | 'date' | 'int' | 'boolean' | 'numeric' | 'timestamptz';
  /** Stored, but a change of it alone is no change of the fact (a vendor's own timestamp). */
  readonly volatile?: true;
}

/** A table of facts read from Factorial: keyed by (tenant, key fields), guarded by read numbers. */
export interface FactTable<Field extends string> {
  readonly name: string;
  readonly key: readonly Field[];
  readonly columns: Readonly<Record<Field, FactColumn>>;
  readonly hasTombstones: boolean;
}

/** A fact as text, numbers and booleans only: dates as civil dates, instants as ISO text, decimals as text. */
export type Fact<Field extends string> = Readonly<Record<Field, string | number | boolean | null>>;

/** The number of the read that brought a fact: one for a whole page, or one each. */
export type NumberOf<F> = (fact: F) => bigint;

type NumberedFact<F> = F & { readonly $changed: boolean; readonly $readNumber: string };

export interface WriteOutcome<F> {
  readonly created: F[];
  /** Also facts that come back after a tombstone: `wasDeleted`. */
  readonly updated: { readonly before: F; readonly after: F; readonly wasDeleted: boolean }[];
  readonly unchanged: F[];
  /** A newer read had already written these; nothing happened. */
  readonly stale: F[];
}

/**
 * Writes what a read brought, over smaller read numbers only (rule 5). Safe to repeat with the same number: what it
 * wrote is then stale. Rows are locked in the order of their keys.
 */
export async function writeFacts<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Promise<WriteOutcome<F>> {
  const byKey = new Map(facts.map((fact) => [keyOf(table, fact), fact])); // the last of two rows with one id wins
  const stored = await lockStored<Field, F>(tx, table, tenantId, [...byKey.values()]);
  const unknown = [...byKey].filter(([key]) => !stored.has(key)).map(([, fact]) => fact);
  const created = await insertNew<Field, F>(tx, table, tenantId, numberOf, unknown);
  // Another writer was first with these: what it wrote is what they are compared with.
  const met = unknown.filter((fact) => !created.has(keyOf(table, fact)));
  for (const [key, row] of await lockStored<Field, F>(tx, table, tenantId, met)) stored.set(key, row);

  const outcome: WriteOutcome<F> = { created: [], updated: [], unchanged: [], stale: [] };
  const rows: NumberedFact<F>[] = [];
  for (const [key, fact] of byKey) {
    if (created.has(key)) {
      outcome.created.push(fact);
      continue;
    }
    const before = stored.get(key);
    const readNumber = numberOf(fact);
    if (before === undefined || before.readNumber >= readNumber) {
      outcome.stale.push(fact);
      continue;
    }
    const changed = before.deleted || differs(table, before.fact, fact);
    rows.push({ ...fact, $changed: changed, $readNumber: readNumber.toString() });
    if (changed) outcome.updated.push({ before: before.fact, after: fact, wasDeleted: before.deleted });
    else outcome.unchanged.push(fact);
  }
  await upsert<Field, F>(tx, table, tenantId, rows);
  return outcome;
}

/**
 * Puts tombstones on facts that no newer read has seen. Answers the facts that were there. With `unseen`, what such a fact
 * was or might have been, also facts that were never stored get one: so that no older read can bring them to life.
 */
export async function deleteFacts<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  readNumber: bigint,
  ids: readonly string[],
  unseen?: (id: string) => F,
): Promise<F[]> {
  if (ids.length === 0) return [];
  if (unseen !== undefined)
    await insertTombstones(tx, table, tenantId, readNumber, [...new Set(ids)].map(unseen));
  const deleted = await tx.$queryRaw<F[]>`
    UPDATE ${name(table.name)} AS stored SET deleted_at = now(), read_number = ${readNumber}, changed_read_number = ${readNumber}
    WHERE tenant_id = ${tenantId} AND id = ANY(${[...ids]}) AND deleted_at IS NULL AND read_number < ${readNumber}
    RETURNING ${selection(table)}`;
  await tx.$executeRaw`
    UPDATE ${name(table.name)} SET read_number = ${readNumber}
    WHERE tenant_id = ${tenantId} AND id = ANY(${[...ids]}) AND deleted_at IS NOT NULL AND read_number < ${readNumber}`;
  return deleted;
}

const name = (identifier: string): Prisma.Sql => Prisma.raw(`"${identifier}"`);
const list = (parts: readonly string[]): Prisma.Sql => Prisma.raw(parts.join(', '));

function entries<Field extends string>(table: FactTable<Field>): [Field, FactColumn][] {
  return Object.entries(table.columns) as [Field, FactColumn][];
}

const keyOf = <Field extends string>(table: FactTable<Field>, fact: Fact<Field>): string =>
  table.key.map((field) => String(fact[field])).join('\n');

/** Columns under their field names, in the forms that `Fact` promises. */
function selection<Field extends string>(table: FactTable<Field>, fields = entries(table)): Prisma.Sql {
  return list(
    fields.map(([field, { column, type }]) => {
      if (type === 'date' || type === 'numeric') return `stored."${column}"::text AS "${field}"`;
      if (type === 'timestamptz')
        return `to_char(stored."${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "${field}"`;
      return `stored."${column}" AS "${field}"`;
    }),
  );
}

function recordset<Field extends string>(table: FactTable<Field>): Prisma.Sql {
  return list(entries(table).map(([field, { type }]) => `"${field}" ${type}`));
}

async function lockStored<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  facts: readonly F[],
): Promise<Map<string, { fact: F; readNumber: bigint; deleted: boolean }>> {
  if (facts.length === 0) return new Map();
  const keyRows = JSON.stringify(
    facts.map((fact) => Object.fromEntries(table.key.map((field) => [field, fact[field]]))),
  );
  const keySet = list(table.key.map((field) => `"${field}" ${table.columns[field].type}`));
  const sameKey = Prisma.raw(
    table.key.map((field) => `input."${field}" = stored."${table.columns[field].column}"`).join(' AND '),
  );
  const order = list(table.key.map((field) => `input."${field}"`));
  const deleted = Prisma.raw(table.hasTombstones ? 'stored.deleted_at IS NOT NULL' : 'false');
  const rows = await tx.$queryRaw<(F & { $readNumber: bigint; $deleted: boolean })[]>`
    SELECT ${selection(table)}, stored.read_number AS "$readNumber", ${deleted} AS "$deleted"
    FROM ${name(table.name)} AS stored
    JOIN jsonb_to_recordset(${keyRows}::jsonb) AS input(${keySet}) ON ${sameKey}
    WHERE stored.tenant_id = ${tenantId} ORDER BY ${order} FOR UPDATE OF stored`;
  return new Map(
    rows.map(({ $readNumber, $deleted, ...fact }) => [
      keyOf(table, fact as unknown as F),
      { fact: fact as unknown as F, readNumber: $readNumber, deleted: $deleted },
    ]),
  );
}

function differs<Field extends string>(
  table: FactTable<Field>,
  before: Fact<Field>,
  after: Fact<Field>,
): boolean {
  return entries(table).some(([field, { type, volatile }]) => {
    if (volatile === true) return false;
    const [a, b] = [before[field], after[field]];
    if (type === 'numeric' && a !== null && b !== null) return Number(a) !== Number(b);
    return a !== b;
  });
}

/** Inserts facts that were not stored a moment ago. Answers the keys of those that nobody else has inserted since. */
async function insertNew<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Promise<Set<string>> {
  if (facts.length === 0) return new Set();
  const rows = facts.map((fact) => ({ ...fact, $changed: true, $readNumber: numberOf(fact).toString() }));
  const keys = table.key.map((field): [Field, FactColumn] => [field, table.columns[field]]);
  const inserted = await tx.$queryRaw<Fact<Field>[]>`
    ${insertion(table, tenantId, rows)} ON CONFLICT DO NOTHING RETURNING ${selection(table, keys)}`;
  return new Set(inserted.map((row) => keyOf(table, row)));
}

async function insertTombstones<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  readNumber: bigint,
  facts: readonly F[],
): Promise<void> {
  const rows = facts.map((fact) => ({ ...fact, $changed: true, $readNumber: readNumber.toString() }));
  await tx.$executeRaw`${insertion(table, tenantId, rows, 'deleted')} ON CONFLICT DO NOTHING`;
}

function insertion<Field extends string, F extends Fact<Field>>(
  table: FactTable<Field>,
  tenantId: string,
  rows: readonly NumberedFact<F>[],
  as: 'present' | 'deleted' = 'present',
): Prisma.Sql {
  const columns = list(entries(table).map(([, { column }]) => `"${column}"`));
  const deletedAt =
    as === 'deleted' ? [Prisma.sql`, deleted_at`, Prisma.sql`, now()`] : [Prisma.empty, Prisma.empty];
  return Prisma.sql`
    INSERT INTO ${name(table.name)} AS stored (tenant_id, ${columns}, read_number, changed_read_number ${deletedAt[0]})
    SELECT ${tenantId}, ${list(entries(table).map(([field]) => `input."${field}"`))}, input."$readNumber",
      CASE WHEN input."$changed" THEN input."$readNumber" ELSE 0 END ${deletedAt[1]}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS input(${recordset(table)}, "$changed" boolean, "$readNumber" bigint)
    ORDER BY ${list(table.key.map((field) => `input."${field}"`))}`;
}

async function upsert<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  rows: readonly NumberedFact<F>[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = entries(table).map(([, { column }]) => `"${column}"`);
  const keys = table.key.map((field) => `"${table.columns[field].column}"`);
  const updates = columns
    .filter((column) => !keys.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  if (table.hasTombstones) updates.push('deleted_at = NULL');
  // An unchanged fact keeps the number of the read that brought its content: the one that explains its days.
  await tx.$executeRaw`
    ${insertion(table, tenantId, rows)}
    ON CONFLICT (tenant_id, ${list(keys)}) DO UPDATE SET ${list(updates)}, read_number = excluded.read_number,
      changed_read_number = CASE WHEN excluded.changed_read_number > 0 THEN excluded.changed_read_number ELSE stored.changed_read_number END
    WHERE stored.read_number < excluded.read_number`;
}
