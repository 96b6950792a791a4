import type { ConnectionInput } from './connection.ts';
import {
  connectionWorkflowId,
  priorities,
  reconciliationWorkflowId,
  replayWorkflowId,
  taskQueue,
} from './names.ts';
import type { ReplayInput } from './replay.ts';
import type { ReconciliationInput } from './reconciliation.ts';
import { tenantIdKey } from './search-attributes.ts';

/**
 * What each workflow is started with, whoever starts it: id, input, what the list finds it by, what its page is headed
 * with, and its turn beside other tenants.
 */

const identified = (tenantId: string, priorityKey: number) => ({
  typedSearchAttributes: [{ key: tenantIdKey, value: tenantId }],
  priority: { priorityKey, fairnessKey: tenantId },
});

export const connectionStart = (tenantId: string) => ({
  workflowId: connectionWorkflowId(tenantId),
  taskQueue,
  args: [{ tenantId }] satisfies [ConnectionInput],
  staticSummary: 'Keeps one WorkMeter account in step with Factorial',
  ...identified(tenantId, priorities.normal),
});

/** `key` is what the workflow's id ends in: the civil date of a night, or the reconciliation's id. */
export function reconciliationStart(
  input: ReconciliationInput,
  { key, trigger }: { readonly key: string; readonly trigger: string },
) {
  const isNight = trigger === 'nightly';
  return {
    workflowId: reconciliationWorkflowId(input.tenantId, key),
    args: [input] satisfies [ReconciliationInput],
    staticSummary: isNight ? `nightly reconciliation ${key}` : `${trigger} reconciliation`,
    ...identified(input.tenantId, isNight ? priorities.night : priorities.normal),
  };
}

export const replayStart = (input: ReplayInput) => ({
  workflowId: replayWorkflowId(input.replayId),
  args: [input] satisfies [ReplayInput],
  staticSummary: 'Tries failed syncs again',
  ...identified(input.tenantId, priorities.night),
});
