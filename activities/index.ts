import { createAuthorizationActivities } from './authorization.ts';
import { createConnectionActivities } from './connection.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createDisconnectActivities } from './disconnect.ts';
import { createOperatorActivities } from './operator.ts';
import { createReconciliationActivities } from './reconciliation.ts';
import { createReplayActivities } from './replay.ts';
import { createStreamPollActivities } from './stream-poll.ts';
import { createSubscriptionActivities } from './subscriptions.ts';
import { createSupervisionActivities, type SupervisionDependencies } from './supervision.ts';
import { observed, type Activity } from './observe.ts';
import { createSyncActivities } from './sync.ts';
import { toFailure } from './to-failure.ts';

export type ConnectionActivities = ReturnType<typeof createConnectionActivities> &
  ReturnType<typeof createAuthorizationActivities> &
  ReturnType<typeof createSubscriptionActivities> &
  ReturnType<typeof createDisconnectActivities>;
export type SyncActivities = ReturnType<typeof createSyncActivities> &
  ReturnType<typeof createStreamPollActivities>;
export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;
export type OperatorActivities = ReturnType<typeof createOperatorActivities>;
export type ReplayActivities = ReturnType<typeof createReplayActivities>;
export type SupervisionActivities = ReturnType<typeof createSupervisionActivities>;
/** What the workflows of one tenant call. */
export type Activities = ConnectionActivities &
  SyncActivities &
  ReconciliationActivities &
  ReplayActivities &
  OperatorActivities;

/** Every activity that the workflows of a tenant call. Whatever goes wrong in one leaves it as an `ApplicationFailure` with a code. */
export function createActivities(deps: ActivityDependencies): Activities {
  const activities = {
    ...createConnectionActivities(deps),
    ...createAuthorizationActivities(deps),
    ...createSubscriptionActivities(deps),
    ...createDisconnectActivities(deps),
    ...createSyncActivities(deps),
    ...createStreamPollActivities(deps),
    ...createReconciliationActivities(deps),
    ...createReplayActivities(deps),
    ...createOperatorActivities(deps),
  };
  return eachWrapped(activities, (name, activity) =>
    observed(deps, name, withFailures(deps, name, activity)),
  );
}

/** The supervisor's activities, in the same way. */
export function createSupervisor(deps: SupervisionDependencies): SupervisionActivities {
  return eachWrapped(createSupervisionActivities(deps), (name, activity) =>
    withFailures(deps, name, activity),
  );
}

function eachWrapped<T extends object>(
  activities: T,
  wrap: (name: string, activity: Activity) => Activity,
): T {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]: [string, Activity]) => [name, wrap(name, activity)]),
  ) as T;
}

function withFailures(
  { logger }: Pick<ActivityDependencies, 'logger'>,
  name: string,
  activity: Activity,
): Activity {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      const failure = toFailure(error);
      const isUnknown = 'type' in failure && failure.type === 'internal_error';
      if (isUnknown)
        logger.error({ err: error, activity: name, tenantId: input.tenantId }, 'An activity failed.');
      throw failure;
    }
  };
}
