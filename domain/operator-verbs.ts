import { resourceKinds, type ResourceKind } from './resources.ts';

/** What operators may ask of a connection. Each is an Update of its workflow by this name. */
export const operatorVerbs = [
  'pause',
  'resume',
  'syncResource',
  'resyncStream',
  'replay',
  'reconcile',
  'decideDeletions',
] as const;
export type OperatorVerb = (typeof operatorVerbs)[number];

/** Resources that Factorial answers by their ids. */
export const syncableResources = ['employees', 'absences', 'absence_types'] as const;
export type SyncableResource = (typeof syncableResources)[number];

export const deletionDecisions = ['approve', 'reject'] as const;

/** Who asks, why, and whether only the answer is wanted. All of it stands in the history: no names in `reason`. */
export interface Ask {
  /** Answers what would happen, and changes nothing. */
  readonly dryRun?: boolean;
  readonly actor?: string;
  readonly reason?: string;
}

export interface SyncResourceAsk extends Ask {
  readonly resource: SyncableResource;
  readonly factorialId: string;
}

export interface ResyncStreamAsk extends Ask {
  readonly resource: ResourceKind;
}

/** Which failures; all that are given must hold. At least one is. */
export interface ReplayAsk extends Ask {
  readonly failureIds?: readonly string[];
  readonly code?: string;
  readonly resource?: string;
  /** Last seen at or after this instant, ISO 8601. */
  readonly since?: string;
}

export interface DecideDeletionsAsk extends Ask {
  readonly reconciliationId: string;
  readonly decision: (typeof deletionDecisions)[number];
  /** All kinds that wait, unless told. */
  readonly kinds?: readonly ResourceKind[];
}

/** One verb with what it was asked with. */
export type OperatorRequest =
  | { readonly verb: 'pause' | 'resume' | 'reconcile'; readonly ask: Ask }
  | { readonly verb: 'syncResource'; readonly ask: SyncResourceAsk }
  | { readonly verb: 'resyncStream'; readonly ask: ResyncStreamAsk }
  | { readonly verb: 'replay'; readonly ask: ReplayAsk }
  | { readonly verb: 'decideDeletions'; readonly ask: DecideDeletionsAsk };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Failures named one by one; more are asked for by their code. */
const mostFailureIds = 1_000;
const longestText = 500;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longestText;
const isOneOf = (values: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && values.includes(value);
const isUuid = (value: unknown): boolean => typeof value === 'string' && uuid.test(value);

/**
 * What a person typed, checked: the request, or a sentence that says which field is wrong. Unknown fields are refused, so
 * that a misspelt `dryrun` does not become the real thing.
 */
export function readRequest(verb: OperatorVerb, typed: unknown): OperatorRequest | string {
  if (typed !== undefined && (typeof typed !== 'object' || typed === null || Array.isArray(typed)))
    return `${verb}: its input must be a JSON object`;
  const ask = (typed ?? {}) as Readonly<Record<string, unknown>>;
  const fields: Readonly<Record<string, Field>> = { ...common, ...fieldsOf[verb] };
  for (const name of Object.keys(ask))
    if (fields[name] === undefined)
      return `${verb}: ${name} is not known; it takes ${Object.keys(fields).join(', ')}`;
  for (const [name, { required = false, must, isRight }] of Object.entries(fields)) {
    const value = ask[name];
    if (value === undefined ? required : !isRight(value)) return `${verb}: ${name} must be ${must}`;
  }
  if (verb === 'replay' && !replaySelectors.some((name) => ask[name] !== undefined))
    return `replay: say which failures, by ${replaySelectors.join(', ')}`;
  return { verb, ask } as unknown as OperatorRequest; // every field was compared with `fieldsOf`
}

interface Field {
  readonly required?: boolean;
  readonly must: string;
  readonly isRight: (value: unknown) => boolean;
}

const text = (must = `text of at most ${longestText} characters`): Field => ({ must, isRight: isText });
const oneOf = (values: readonly string[]): Field => ({
  must: `one of ${values.join(', ')}`,
  isRight: (value) => isOneOf(values, value),
});

const common = {
  dryRun: { must: 'true or false', isRight: (value) => typeof value === 'boolean' },
  actor: text(),
  reason: text(),
} satisfies Record<string, Field>;

const replaySelectors = ['failureIds', 'code', 'resource', 'since'] as const;

const fieldsOf: Record<OperatorVerb, Readonly<Record<string, Field>>> = {
  pause: {},
  resume: {},
  reconcile: {},
  syncResource: {
    resource: { ...oneOf(syncableResources), required: true },
    factorialId: { ...text('the id that Factorial gave it, as text'), required: true },
  },
  resyncStream: { resource: { ...oneOf(resourceKinds), required: true } },
  replay: {
    failureIds: {
      must: `1 to ${mostFailureIds} ids of failures`,
      isRight: (value) =>
        Array.isArray(value) && value.length > 0 && value.length <= mostFailureIds && value.every(isUuid),
    },
    code: text(),
    resource: text(),
    since: {
      must: 'an instant as ISO 8601',
      isRight: (value) => isText(value) && !Number.isNaN(Date.parse(value)),
    },
  },
  decideDeletions: {
    reconciliationId: { must: 'the id of a reconciliation', isRight: isUuid, required: true },
    decision: { ...oneOf(deletionDecisions), required: true },
    kinds: {
      must: `a list of ${resourceKinds.join(', ')}`,
      isRight: (value) =>
        Array.isArray(value) && value.length > 0 && value.every((kind) => isOneOf(resourceKinds, kind)),
    },
  },
};
