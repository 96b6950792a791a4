import { createAuthorizationActivities } from './authorization.ts';
import { createConnectionActivities } from './connection.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createDisconnectActivities } from './disconnect.ts';
import { createReconciliationActivities } from './reconciliation.ts';
import { createStreamPollActivities } from './stream-poll.ts';
import { createSubscriptionActivities } from './subscriptions.ts';
import { createSupervisionActivities, type SupervisionDependencies } from './supervision.ts';
import { createSyncActivities } from './sync.ts';
import { toFailure } from './to-failure.ts';

export type ConnectionActivities = ReturnType<typeof createConnectionActivities> &
  ReturnType<typeof createAuthorizationActivities> &
  ReturnType<typeof createSubscriptionActivities> &
  ReturnType<typeof createDisconnectActivities>;
export type SyncActivities = ReturnType<typeof createSyncActivities> &
  ReturnType<typeof createStreamPollActivities>;
export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;
export type SupervisionActivities = ReturnType<typeof createSupervisionActivities>;
/** What the workflows of one tenant call. */
export type Activities = ConnectionActivities & SyncActivities & ReconciliationActivities;

/** Every activity that the workflows of a tenant call. Whatever goes wrong in one leaves it as an `ApplicationFailure` with a code. */
export function createActivities(deps: ActivityDependencies): Activities {
  return withFailures(deps, {
    ...createConnectionActivities(deps),
    ...createAuthorizationActivities(deps),
    ...createSubscriptionActivities(deps),
    ...createDisconnectActivities(deps),
    ...createSyncActivities(deps),
    ...createStreamPollActivities(deps),
    ...createReconciliationActivities(deps),
  });
}

/** The supervisor's activities, in the same way. */
export function createSupervisor(deps: SupervisionDependencies): SupervisionActivities {
  return withFailures(deps, createSupervisionActivities(deps));
}

function withFailures<T extends object>({ logger }: Pick<ActivityDependencies, 'logger'>, activities: T): T {
  const guarded = Object.entries(activities).map(
    ([name, activity]: [string, (input: { tenantId?: string }) => Promise<unknown>]) => [
      name,
      async (input: { tenantId?: string }) => {
        try {
          return await activity(input);
        } catch (error) {
          const failure = toFailure(error);
          const isUnknown = 'type' in failure && failure.type === 'internal_error';
          if (isUnknown)
            logger.error({ err: error, activity: name, tenantId: input.tenantId }, 'An activity failed.');
          throw failure;
        }
      },
    ],
  );
  return Object.fromEntries(guarded) as T;
}
