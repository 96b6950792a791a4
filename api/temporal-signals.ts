import { isGrpcServiceError, type Client } from '@temporalio/client';
import { workflowTypes } from '../contracts/temporal/names.ts';
import { connectionStart } from '../contracts/temporal/starts.ts';
import type { Logger } from '../platform/logger.ts';
import type { RingOutcome, SendSignal } from './doorbell.ts';

/** A person may be waiting; whatever Temporal does not take in this time, the relay rings for again. */
const deadlineMs = 2_000;

/** gRPC's numbers for "not this one": the server is there and refuses (RESOURCE_EXHAUSTED while a run closes, say). */
const refusals = new Set([3, 5, 7, 8, 9, 16]);

/** Signals connection workflows, and starts those that are missing, in one call. */
export function createSignalSender(client: Client, logger: Logger): SendSignal {
  return async (tenantId, signal, arg) => {
    try {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.signalWithStart(workflowTypes.connection, {
          ...connectionStart(tenantId),
          signal,
          signalArgs: [arg],
        }),
      );
      return 'accepted';
    } catch (err) {
      const outcome = outcomeOf(err);
      logger.warn({ err, tenantId, signal, outcome }, 'the signal was not taken; the relay rings again');
      return outcome;
    }
  };
}

function outcomeOf(error: unknown): RingOutcome {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) && refusals.has(Number(cause.code)) ? 'refused' : 'away';
}
