import { createRequire } from 'node:module';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { Place } from './values-in-use.ts';
import { waitFor } from './wait-for.ts';

/**
 * Temporal's `historyToJSON` and `historyFromJSON` work only where the SDK's packages share one copy of protobufjs, which
 * depends on how npm placed them. Here the copy is taken that the SDK's own types are made with.
 */
const requireHere = createRequire(import.meta.url);
const requireOfProto = createRequire(requireHere.resolve('@temporalio/proto'));
const { fromJson, toJson } = requireOfProto('protobufjs/ext/protojson') as {
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): unknown;
  toJson(type: unknown, message: unknown): unknown;
};
const { patchProtobufRoot } = requireHere('@temporalio/proto/lib/patch-protobuf-root') as {
  patchProtobufRoot(root: unknown): { lookupType(name: string): { fromObject(value: unknown): unknown } };
};
const historyType = patchProtobufRoot(requireHere('@temporalio/proto')).lookupType(
  'temporal.api.history.v1.History',
);

/** One run of a workflow with everything that happened in it, as Temporal's own JSON. */
export interface RecordedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly history: RecordedHistory;
}

export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

export type RecordedEvent = Readonly<Record<string, unknown>> & {
  readonly eventId: string;
  readonly eventType: string;
};

/** Every run of the namespace, oldest first; `query` narrows it. The list is a moment behind: wait for what must be there. */
export async function fetchRuns(client: Client, query?: string): Promise<RecordedRun[]> {
  const runs: (RecordedRun & { startedAt: Date })[] = [];
  for await (const { workflowId, runId, type, startTime } of client.workflow.list(
    query === undefined ? {} : { query },
  )) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push({ workflowId, runId, type, startedAt: startTime, history: toRecorded(history) });
  }
  return runs.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

const toRecorded = (history: unknown): RecordedHistory =>
  toJson(historyType, historyType.fromObject(history)) as RecordedHistory;

/** What `Worker.runReplayHistories` takes. */
export const fromRecorded = (history: RecordedHistory): unknown =>
  fromJson(historyType, history, { ignoreUnknownFields: true });

const upsertSchema = z.object({
  upsertWorkflowSearchAttributesEventAttributes: z.object({
    searchAttributes: z.object({
      indexedFields: z.record(z.string(), z.object({ data: z.string().optional() })),
    }),
  }),
});

/** What a workflow has set one of its search attributes to in this run, in order; null where it took it away. */
export function valuesOf({ history }: RecordedRun, attribute: string): unknown[] {
  return history.events.flatMap((event) => {
    const { data } = upsertSchema.safeParse(event);
    const fields = data?.upsertWorkflowSearchAttributesEventAttributes.searchAttributes.indexedFields;
    const value = fields?.[attribute]?.data;
    return value === undefined ? [] : [JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as unknown];
  });
}

/** Waits until so many runs of a workflow are listed. */
export async function waitForRuns(client: Client, workflowId: string, count: number): Promise<RecordedRun[]> {
  return await waitFor(`${count} runs of ${workflowId}`, async () => {
    const runs = await fetchRuns(client, `WorkflowId = '${workflowId}'`);
    return runs.length >= count ? runs : null;
  });
}

/** Everything of a namespace that an operator can read: histories, memos, search attributes, details, pending failures. */
export async function readablePlaces(client: Client): Promise<Place[]> {
  const places: Place[] = [];
  for (const { workflowId, runId, type, history } of await fetchRuns(client)) {
    const handle = client.workflow.getHandle(workflowId, runId);
    for (const event of history.events)
      places.push({ where: `${type} ${event.eventId} ${event.eventType}`, text: readable(event) });
    const { raw } = await handle.describe();
    places.push({ where: `${type} description`, text: readable(raw) });
    if (raw.workflowExecutionInfo?.status !== 1) continue; // only what runs has current details
    const metadata = await client.withDeadline(Date.now() + 5_000, () =>
      handle.query('__temporal_workflow_metadata'),
    );
    places.push({ where: `${type} current details`, text: readable(metadata) });
  }
  return places;
}

/** As text, with every payload decoded: those are base64 in JSON and bytes in answers. */
function readable(value: unknown): string {
  return JSON.stringify(value, function decode(this: unknown, key: string, part: unknown): unknown {
    if (key === 'data' && typeof part === 'string') return Buffer.from(part, 'base64').toString('utf8');
    const bytes = part as { type?: unknown; data?: unknown } | null;
    if (key === 'data' && bytes?.type === 'Buffer' && Array.isArray(bytes.data))
      return Buffer.from(bytes.data as number[]).toString('utf8');
    return part instanceof Uint8Array ? Buffer.from(part).toString('utf8') : part;
  });
}
