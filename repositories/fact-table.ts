import { Prisma } from './generated/client.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Transaction } from './database.ts';
import { noteChange } from './reads.ts';

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

type NumberedFact<F> = F & { readonly $readNumber: string };

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
 * wrote is then stale. Rows are locked in the order of their keys. What is unchanged, as nearly everything is at night, is
 * compared where it lies and never travels.
 */
export async function writeFacts<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Promise<WriteOutcome<F>> {
  const all = [...new Map(facts.map((fact) => [keyOf(table, fact), fact])).values()]; // the last of two rows with one id wins
  const known = await weigh<Field, F>(tx, table, tenantId, numberOf, all);
  const unknown = all.filter((fact) => !known.has(fact));
  const created = await insertNew<Field, F>(tx, table, tenantId, numberOf, unknown);
  // Another writer was first with these: what it wrote is what they are compared with.
  const met = unknown.filter((fact) => !created.has(keyOf(table, fact)));
  for (const [fact, verdict] of await weigh<Field, F>(tx, table, tenantId, numberOf, met))
    known.set(fact, verdict);

  const outcome: WriteOutcome<F> = {
    created: unknown.filter((fact) => created.has(keyOf(table, fact))),
    updated: [],
    unchanged: [],
    stale: [],
  };
  for (const fact of all) {
    const verdict = known.get(fact);
    if (verdict === 'stale') outcome.stale.push(fact);
    else if (typeof verdict === 'string') outcome.unchanged.push(fact);
    else if (verdict !== undefined) outcome.updated.push({ ...verdict, after: fact });
  }
  await update<Field, F>(
    tx,
    table,
    tenantId,
    numberOf,
    outcome.updated.map(({ after }) => after),
  );
  const left = (verdict: Verdict<F>): F[] => outcome.unchanged.filter((fact) => known.get(fact) === verdict);
  await confirm<Field, F>(tx, table, tenantId, numberOf, left('unchanged'), []);
  await confirm<Field, F>(tx, table, tenantId, numberOf, left('touched'), volatileFields(table));
  await noteChange(
    tx,
    tenantId,
    [...outcome.created, ...outcome.updated.map(({ after }) => after)].map(numberOf),
  );
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
  if (deleted.length > 0) await noteChange(tx, tenantId, [readNumber]);
  await tx.$executeRaw`
    UPDATE ${name(table.name)} SET read_number = ${readNumber}
    WHERE tenant_id = ${tenantId} AND id = ANY(${[...ids]}) AND deleted_at IS NOT NULL AND read_number < ${readNumber}`;
  return deleted;
}

const name = (identifier: string): Prisma.Sql => Prisma.raw(`"${identifier}"`);
const list = (parts: readonly string[], between = ', '): Prisma.Sql => Prisma.raw(parts.join(between));

function entries<Field extends string>(table: FactTable<Field>): [Field, FactColumn][] {
  return Object.entries(table.columns) as [Field, FactColumn][];
}

const keyOf = <Field extends string>(table: FactTable<Field>, fact: Fact<Field>): string =>
  table.key.map((field) => String(fact[field])).join('\n');

/** Columns under their field names, in the forms that `Fact` promises. */
function selection<Field extends string>(table: FactTable<Field>, fields = entries(table)): Prisma.Sql {
  return list(fields.map(([field, column]) => `${formOf(column)} AS "${field}"`));
}

/** A stored value in the form that `Fact` promises. */
function formOf({ column, type }: FactColumn): string {
  if (type === 'date' || type === 'numeric') return `stored."${column}"::text`;
  if (type === 'timestamptz')
    return `to_char(stored."${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return `stored."${column}"`;
}

function recordset<Field extends string>(table: FactTable<Field>): Prisma.Sql {
  return list(entries(table).map(([field, { type }]) => `"${field}" ${type}`));
}

/**
 * How a fact stands to the stored one: a newer read wrote that, it says the same (and the stored one knows of the newer read, or
 * not yet), it says the same with another volatile field, or it was another.
 */
type Verdict<F> =
  | 'stale'
  | 'confirmed'
  | 'unchanged'
  | 'touched'
  | { readonly before: F; readonly wasDeleted: boolean };

/**
 * Locks the stored rows of these facts, in the order of their keys, and compares. What is unchanged gets the newer read's number
 * where it lies; but a row that another transaction wrote while this one waited for its lock is only seen by the next
 * statement. Facts that are not stored have no verdict.
 */
async function weigh<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Promise<Map<F, Verdict<F>>> {
  if (facts.length === 0) return new Map();
  const deleted = Prisma.raw(table.hasTombstones ? 'stored.deleted_at IS NOT NULL' : 'false');
  const differ = (fields: readonly [Field, FactColumn][]): Prisma.Sql =>
    list(
      [
        ...fields.map(([field, { column }]) => `stored."${column}" IS DISTINCT FROM input."${field}"`),
        'false',
      ],
      ' OR ',
    );
  const isVolatile = ([, { volatile }]: [Field, FactColumn]): boolean => volatile === true;
  // One look-up each: whatever the database thinks of the size of the table, it must not read all of it for each page.
  const [told] = await runPrepared<{
    stale: number[];
    confirmed: number[];
    unchanged: number[];
    touched: number[];
    changed: { index: number; deleted: boolean; before: F }[];
  }>(
    tx,
    `weigh-${table.name}`,
    Prisma.sql`
    WITH locked AS MATERIALIZED (
      SELECT input."$place"::int - 1 AS "$index", input."$readNumber", stored."$at",
        stored.read_number >= input."$readNumber" AS "$stale", ${deleted} AS "$deleted",
        ${differ(entries(table).filter((one) => !isVolatile(one)))} AS "$differs",
        ${differ(entries(table).filter(isVolatile))} AS "$touched",
        ${list(entries(table).map(([, { column }]) => `stored."${column}"`))}
      FROM (SELECT * FROM ${inputOf<Field, F>(table, numberOf, facts)}
        ORDER BY ${list(table.key.map((field) => `input."${field}"`))}) AS input
      CROSS JOIN LATERAL (SELECT stored.ctid AS "$at", * FROM ${name(table.name)} AS stored
        WHERE stored.tenant_id = ${tenantId} AND ${sameKey(table)} FOR UPDATE) AS stored
    ), confirmed AS (
      UPDATE ${name(table.name)} AS stored SET read_number = locked."$readNumber" FROM locked
      WHERE stored.ctid = locked."$at" AND NOT ("$stale" OR "$deleted" OR "$differs" OR "$touched")
      RETURNING "$index"
    )
    SELECT coalesce(array_agg("$index") FILTER (WHERE "$stale"), '{}') AS stale,
      (SELECT coalesce(array_agg("$index"), '{}') FROM confirmed) AS confirmed,
      coalesce(array_agg("$index") FILTER (WHERE NOT ("$stale" OR "$deleted" OR "$differs" OR "$touched")), '{}') AS unchanged,
      coalesce(array_agg("$index") FILTER (WHERE "$touched" AND NOT ("$stale" OR "$deleted" OR "$differs")), '{}') AS touched,
      coalesce(jsonb_agg(jsonb_build_object('index', "$index", 'deleted', "$deleted", 'before', jsonb_build_object(
        ${list(entries(table).map(([field, column]) => `'${field}', ${formOf(column)}`))})))
        FILTER (WHERE NOT "$stale" AND ("$deleted" OR "$differs")), '[]') AS changed
    FROM locked AS stored`,
  );
  const verdicts = new Map<F, Verdict<F>>();
  const note = (index: number, verdict: Verdict<F>) => verdicts.set(facts[index] ?? missing(index), verdict);
  // What was confirmed is among the unchanged.
  for (const verdict of ['stale', 'unchanged', 'confirmed', 'touched'] as const)
    for (const index of told?.[verdict] ?? []) note(index, verdict);
  for (const { index, before, deleted: wasDeleted } of told?.changed ?? [])
    note(index, { before, wasDeleted });
  return verdicts;
}

/** Facts as rows `input`: their fields, `$readNumber`, and `$place` from 1. One parameter a column costs a fraction of JSON. */
function inputOf<Field extends string, F extends Fact<Field>>(
  table: FactTable<Field>,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Prisma.Sql {
  const columns = entries(table).map(
    ([field, { type }]) =>
      Prisma.sql`${toArrayLiteral(facts.map((fact) => fact[field]))}::text::${Prisma.raw(type)}[]`,
  );
  const names = list([...entries(table).map(([field]) => `"${field}"`), '"$readNumber"', '"$place"']);
  return Prisma.sql`
    unnest(${Prisma.join(columns)}, ${toArrayLiteral(facts.map(numberOf))}::text::bigint[]) WITH ORDINALITY AS input(${names})`;
}

function missing(index: number): never {
  throw new Error(`The database spoke of a fact ${index} that it was not asked about.`);
}

function sameKey<Field extends string>(table: FactTable<Field>): Prisma.Sql {
  return Prisma.raw(
    table.key.map((field) => `input."${field}" = stored."${table.columns[field].column}"`).join(' AND '),
  );
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
  const rows = facts.map((fact) => ({ ...fact, $readNumber: numberOf(fact).toString() }));
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
  const rows = facts.map((fact) => ({ ...fact, $readNumber: readNumber.toString() }));
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
    SELECT ${tenantId}, ${list(entries(table).map(([field]) => `input."${field}"`))}, input."$readNumber", input."$readNumber" ${deletedAt[1]}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS input(${recordset(table)}, "$readNumber" bigint)
    ORDER BY ${list(table.key.map((field) => `input."${field}"`))}`;
}

/** Writes facts over stored ones that are locked and older. */
async function update<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
): Promise<void> {
  const fields = entries(table).map(([field]) => field);
  const revived = Prisma.raw(table.hasTombstones ? ', deleted_at = NULL' : '');
  await overwrite<Field, F>(
    tx,
    table,
    tenantId,
    numberOf,
    facts,
    fields,
    Prisma.sql`, changed_read_number = input."$readNumber" ${revived}`,
  );
}

const volatileFields = <Field extends string>(table: FactTable<Field>): Field[] =>
  entries(table).flatMap(([field, { volatile }]) => (volatile === true ? [field] : []));

/**
 * Notes that a newer read found stored facts as they are, but for some fields: they keep the number of the read that brought
 * their content.
 */
async function confirm<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
  fields: readonly Field[],
): Promise<void> {
  await overwrite<Field, F>(tx, table, tenantId, numberOf, facts, fields, Prisma.empty);
}

async function overwrite<Field extends string, F extends Fact<Field>>(
  tx: Transaction,
  table: FactTable<Field>,
  tenantId: string,
  numberOf: NumberOf<F>,
  facts: readonly F[],
  fields: readonly Field[],
  besides: Prisma.Sql,
): Promise<void> {
  if (facts.length === 0) return;
  const needed = [...new Set([...table.key, ...fields])];
  const rows = JSON.stringify(
    facts.map((fact) => ({
      ...Object.fromEntries(needed.map((field) => [field, fact[field]])),
      $readNumber: numberOf(fact).toString(),
    })),
  );
  const types = list(needed.map((field) => `"${field}" ${table.columns[field].type}`));
  const updates = list(
    fields
      .filter((field) => !table.key.includes(field))
      .map((field) => `, "${table.columns[field].column}" = input."${field}"`),
    '',
  );
  await tx.$executeRaw`
    UPDATE ${name(table.name)} AS stored SET read_number = input."$readNumber" ${updates} ${besides}
    FROM jsonb_to_recordset(${rows}::jsonb) AS input(${types}, "$readNumber" bigint)
    WHERE stored.tenant_id = ${tenantId} AND ${sameKey(table)} AND stored.read_number < input."$readNumber"`;
}
