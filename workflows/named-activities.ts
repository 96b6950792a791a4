import { proxyActivities, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, SupervisionActivities } from '../activities/index.ts';

type ActivityName = keyof Activities | keyof SupervisionActivities;

/** What an operator reads on each activity, where its caller has nothing better to say. */
export const activityWords: Record<ActivityName, string> = {
  readConnection: 'look into the database',
  takeCommands: 'take the commands that wait',
  settleCommand: 'write what came of a command',
  noteTrouble: 'tell the card of trouble, or of its end',
  exchangeAuthorization: 'exchange the code for a token',
  renewToken: 'refresh token',
  ensureSubscriptions: 'check webhook subscriptions',
  tearDown: 'remove our traces from Factorial',
  drainInbox: 'sync what waits',
  applyFacts: 'read plans and compute days',
  pollHolidays: 'poll holidays',
  pollStreams: 'poll what another system receives',
  openReconciliation: 'take the next reconciliation',
  watchReconciliation: 'look whether the reconciliation moves',
  carryOutDecisions: 'carry out decisions on held deletions',
  operate: 'answer an operator',
  beginReconciliation: 'note whose token it is',
  sweepKind: 'read a kind',
  sweepPlans: 'read planned minutes',
  settleDeletions: 'prove what is gone',
  prepareDays: 'mark everybody, onboard who is new',
  computeDays: 'compute days',
  endReconciliation: 'end the reconciliation',
  replayBatch: 'try failures again',
  endReplay: 'end the replay',
  supervise: 'compare the database with what runs',
  auditData: 'check the rules on live data',
};

/** As the SDK's `proxyActivities`, with a summary on every call. */
export function proxyNamed<A extends object>(options: ActivityOptions): ActivityInterfaceFor<A> {
  return new Proxy({} as ActivityInterfaceFor<A>, {
    get: (_, name) => {
      const summary = activityWords[name as ActivityName];
      return proxyActivities<Record<string, () => Promise<unknown>>>({ ...options, summary })[String(name)];
    },
  });
}
