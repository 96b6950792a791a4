import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { givenVariables } from './config.ts';

export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
}

/**
 * A connection that opens at its first use, so that a process starts without Temporal. API key, TLS and a profile come
 * from the standard settings of Temporal's clients (`TEMPORAL_API_KEY`, `TEMPORAL_TLS…`); ours win for the address.
 */
export function openTemporal(settings: TemporalSettings): Connection {
  return Connection.lazy(connectionOptions(settings));
}

/** The same settings for a worker's connection. Only of variables that are set: to the SDK an empty key is a key, an empty flag a no. */
export function connectionOptions({ address }: TemporalSettings, variables = givenVariables()) {
  const { connectionOptions: standard } = loadClientConnectConfig({ overrideEnvVars: variables });
  const { apiKey, tls, metadata } = standard;
  return {
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata: metadata as Record<string, string> }),
  };
}

/** Whether Temporal answers within `timeoutMs`. Never throws. */
export async function isTemporalReachable(
  connection: Connection,
  namespace: string,
  timeoutMs = 1_000,
): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  }
}

/** Temporal's numbers of `temporal.api.enums.v1.IndexedValueType`, by the names of our contracts. */
const indexedTypes = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
} as const;
type IndexedTypeName = keyof typeof indexedTypes;

/**
 * Registers the search attributes that the namespace lacks, then compares the types of all. Temporal accepts another type
 * for a known name and changes nothing, so that only the comparison tells. Safe to repeat. Answers `not_offered` where a
 * hosted Temporal keeps them out of our hands: there they are set-up work (docs/deploy.md).
 */
export async function ensureNamespaceSetup(
  connection: Connection,
  namespace: string,
  wanted: Readonly<Record<string, IndexedTypeName>>,
): Promise<'as_wanted' | 'not_offered'> {
  const before = await compareSearchAttributes(connection, namespace, wanted);
  if (before === null) return 'not_offered';
  if (before.missing.length > 0) await addSearchAttributes(connection, namespace, wanted, before.missing);
  const now = (await compareSearchAttributes(connection, namespace, wanted)) ?? before;
  const lines = [
    ...now.missing.map((name) => `  ${name} must be ${wanted[name] ?? ''}, is missing`),
    ...now.wrong.map(({ name, type }) => `  ${name} must be ${wanted[name] ?? ''}, is ${type}`),
  ];
  if (lines.length === 0) return 'as_wanted';
  throw new Error(`Temporal’s namespace «${namespace}» has wrong search attributes:\n${lines.join('\n')}`);
}

export interface SearchAttributeDifferences {
  readonly missing: readonly string[];
  /** There, with another type than wanted: only a person can put that right. */
  readonly wrong: readonly { readonly name: string; readonly type: string }[];
}

/** How the namespace's search attributes differ from those wanted; null where Temporal does not tell. Changes nothing. */
export async function compareSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: Readonly<Record<string, IndexedTypeName>>,
): Promise<SearchAttributeDifferences | null> {
  const known = await listSearchAttributes(connection, namespace);
  if (known === null) return null;
  return {
    missing: Object.keys(wanted).filter((name) => known[name] === undefined),
    wrong: Object.entries(wanted).flatMap(([name, type]) => {
      const is = known[name];
      return is === undefined || is === indexedTypes[type] ? [] : [{ name, type: typeName(is) }];
    }),
  };
}

async function listSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<Record<string, number> | null> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return { ...customAttributes };
  } catch (cause) {
    if (isNotOffered(cause)) return null;
    throw new Error(
      `Temporal’s namespace «${namespace}» cannot be read: is it there, and does Temporal answer?`,
      { cause },
    );
  }
}

async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: Readonly<Record<string, IndexedTypeName>>,
  missing: readonly string[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    missing.flatMap((name) => {
      const type = wanted[name];
      return type === undefined ? [] : [[name, indexedTypes[type]]];
    }),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    if (isAlreadyThere(cause)) return; // another process was quicker
    const list = missing.map((name) => `--name ${name} --type ${wanted[name] ?? ''}`).join('; ');
    throw new Error(
      `Temporal’s namespace «${namespace}» lacks search attributes that could not be registered. Register them: ${list}`,
      { cause },
    );
  }
}

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: the operator service is not for us here. */
const isNotOffered = (error: unknown): boolean =>
  error instanceof Error && [7, 12].includes(Number((error as { code?: unknown }).code));

/** gRPC's ALREADY_EXISTS. */
const isAlreadyThere = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === 6;

function typeName(type: number): string {
  return Object.entries(indexedTypes).find(([, number]) => number === type)?.[0] ?? 'unknown';
}
