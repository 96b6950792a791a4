import {
  isGrpcDeadlineError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { connectionWorkflowId, workflowTypes } from '../contracts/temporal/names.ts';
import type { OperatorAnswer } from '../contracts/temporal/operator.ts';
import { connectionStart } from '../contracts/temporal/starts.ts';
import { DomainError } from '../domain/errors.ts';
import type { OperatorRequest } from '../domain/operator-verbs.ts';

/** A person waits; what Temporal does not take in this time is done by the relay or the supervisor. */
const signalDeadlineMs = 5_000;
/** Longer than the activity behind a verb may take. */
const verbDeadlineMs = 90_000;

/** Makes a tenant's workflow look into the database, and starts it where it is missing. Harmless when done twice. */
export async function wake(client: Client, tenantId: string, signal: string, arg: object): Promise<void> {
  await client.withDeadline(Date.now() + signalDeadlineMs, () =>
    client.workflow.signalWithStart(workflowTypes.connection, {
      ...connectionStart(tenantId),
      signal,
      signalArgs: [arg],
    }),
  );
}

/**
 * Asks a tenant's workflow for an operator's verb, and waits for its answer. Throws a `DomainError` with the workflow's own
 * sentence where it refuses, and with what to do where nobody answers.
 */
export async function askOperator(
  client: Client,
  tenantId: string,
  { verb, ask }: OperatorRequest,
): Promise<OperatorAnswer> {
  const handle = client.workflow.getHandle(connectionWorkflowId(tenantId));
  try {
    return await client.withDeadline(Date.now() + verbDeadlineMs, () =>
      handle.executeUpdate<OperatorAnswer, [OperatorRequest['ask']]>(verb, { args: [ask] }),
    );
  } catch (error) {
    throw explained(error, tenantId);
  }
}

function explained(error: unknown, tenantId: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const message = cause instanceof ApplicationFailure ? cause.message : 'It was refused.';
    return new DomainError('conflict', `${tenantId}: ${message}`);
  }
  if (error instanceof WorkflowNotFoundError)
    return new DomainError('not_found', `${tenantId} has no workflow that runs. See: npm run ops -- repair`);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error))
    return new DomainError(
      'unavailable',
      `${tenantId}: nobody answered within ${verbDeadlineMs / 1_000} s. Is a worker running? See: npm run ops -- doctor. It may still be carried out: look at the tenant before asking again.`,
    );
  return error;
}
