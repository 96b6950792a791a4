import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { z } from 'zod';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';

/** What Temporal knows of a tenant's workflow now. */
export interface WorkflowView {
  readonly id: string;
  /** Temporal's word in lower case, or `missing`, or `unreachable`. */
  readonly status: string;
  readonly runId: string | null;
  readonly historyLength: number | null;
  readonly startedAt: string | null;
  /** Activities under way, with the code of the last failure. */
  readonly pendingActivities: readonly {
    readonly name: string;
    readonly attempt: number;
    readonly failure: string | null;
  }[];
  /** The current details, as the Web UI shows them; null when no worker answers. */
  readonly details: string | null;
}

/** A person waits: whoever does not answer by then is away. */
const deadlineMs = 3_000;

const Metadata = z.object({ currentDetails: z.string().optional() });

/** Describes a tenant's connection workflow. Never throws: an answer that does not come is part of the view. */
export async function describeConnectionWorkflow(client: Client, tenantId: string): Promise<WorkflowView> {
  const id = connectionWorkflowId(tenantId);
  const unknown = {
    id,
    runId: null,
    historyLength: null,
    startedAt: null,
    pendingActivities: [],
    details: null,
  };
  const handle = client.workflow.getHandle(id);
  try {
    const description = await client.withDeadline(Date.now() + deadlineMs, () => handle.describe());
    const isRunning = description.status.name === 'RUNNING';
    return {
      id,
      status: description.status.name.toLowerCase(),
      runId: description.runId,
      historyLength: description.historyLength,
      startedAt: description.startTime.toISOString(),
      pendingActivities: (description.raw.pendingActivities ?? []).map((one) => ({
        name: one.activityType?.name ?? '',
        attempt: one.attempt ?? 1,
        failure: one.lastFailure?.applicationFailureInfo?.type ?? one.lastFailure?.message ?? null,
      })),
      details: isRunning ? await readDetails(client, id) : null,
    };
  } catch (error) {
    return { ...unknown, status: error instanceof WorkflowNotFoundError ? 'missing' : 'unreachable' };
  }
}

async function readDetails(client: Client, workflowId: string): Promise<string | null> {
  try {
    const answer = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(workflowId).query('__temporal_workflow_metadata'),
    );
    return Metadata.parse(answer).currentDetails ?? null;
  } catch {
    return null;
  }
}
